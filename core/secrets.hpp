// core/secrets.hpp: files that nobody else may read, and secrets that stand in a file or in the environment
// instead of the configuration. Blocking, for the start of the program only. Errors: config_error with file,
// mode, remedy.
#pragma once

#include <filesystem>
#include <string>

namespace rialto {

// A file that is there and that group or others can read, write or run is refused. One that is not there is
// fine.
void must_be_private(const std::filesystem::path& file);

// An empty file with mode 0600, whatever the umask, made durable in its folder; folders that are missing get
// 0700. False: it was there already.
bool make_private_file(const std::filesystem::path& file);

// The whole of a file that only its owner can use, at most 1 MiB.
std::string read_private_file(const std::filesystem::path& file);

// The first line of the file: editors end it with a line break that is no part of the secret.
std::string secret_from_file(const std::filesystem::path& file);
std::string secret_from_environment(const std::string& variable);

}  // namespace rialto
