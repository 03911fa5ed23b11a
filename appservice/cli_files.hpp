// appservice/cli_files.hpp: writes files that nobody but their owner may read. Blocking. Errors:
// config_error.
#pragma once

#include "appservice/cli_init.hpp"

#include <filesystem>

namespace rialto::cli {

// Mode 0600, whatever the umask, on disk when it returns; a crash leaves the old or the new text, never half
// of one. Without `replace` a file that is there is refused.
void write_private(const std::filesystem::path& file, const std::string& text, bool replace);

// All or none: refuses before the first is written. The folder is made, with mode 0700.
void write_all(const std::filesystem::path& folder, const std::vector<text_file>& all, bool replace);

std::string whole_file(const std::filesystem::path& file);

}  // namespace rialto::cli
