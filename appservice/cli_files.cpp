#include "appservice/cli_files.hpp"

#include "core/backend.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace rialto::cli {

namespace fs = std::filesystem;

namespace {
[[noreturn]] void failed(const fs::path& file, const std::string& what, int error)
{
    throw config_error(file.string() + ": " + what + ": " + std::strerror(error));
}

void fill(int fd, const fs::path& file, std::string_view text)
{
    while (!text.empty()) {
        const auto done = ::write(fd, text.data(), text.size());
        if (done < 0 && errno == EINTR)
            continue;
        const int error = errno;
        if (done < 0) {
            ::close(fd);
            ::unlink(file.c_str());
            failed(file, "cannot be written", error);
        }
        text.remove_prefix(static_cast<std::size_t>(done));
    }
    ::fsync(fd);
    ::close(fd);
}

// Without this the name of a new file may be gone after a power failure.
void sync_folder(const fs::path& folder)
{
    const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    ::fsync(fd);
    ::close(fd);
}

[[noreturn]] void already_there(const fs::path& file)
{
    throw config_error(file.string() + " is there already and was not touched: use --force to replace it");
}
}  // namespace

void write_private(const fs::path& file, const std::string& text, bool replace)
{
    auto draft = file;
    draft += ".new";
    ::unlink(draft.c_str());  // of an attempt that was cut off
    const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        failed(file, "cannot be made", errno);
    fill(fd, draft, text);
    const bool taken = !replace && (fs::exists(file) || fs::is_symlink(file));
    const int named = taken ? -1 : ::rename(draft.c_str(), file.c_str());
    const int error = errno;
    ::unlink(draft.c_str());
    if (taken)
        already_there(file);
    if (named != 0)
        failed(file, "cannot be made", error);
    sync_folder(file.parent_path());
}

void write_all(const fs::path& folder, const std::vector<text_file>& all, bool replace)
{
    std::error_code ec;
    if (!fs::exists(folder)) {
        fs::create_directories(folder, ec);
        if (ec)
            failed(folder, "cannot be made", ec.value());
        fs::permissions(folder, fs::perms::owner_all, ec);
    }
    for (const auto& each : all)
        if (!replace && fs::exists(folder / each.name))
            already_there(folder / each.name);
    for (const auto& each : all)
        write_private(folder / each.name, each.text, replace);
}

std::string whole_file(const fs::path& file)
{
    std::ifstream in{file, std::ios::binary};
    if (!in || fs::is_directory(file))
        throw config_error(
            file.string() + ": cannot be read: " + (fs::exists(file) ? "no permission" : "no such file")
        );
    std::ostringstream out;
    out << in.rdbuf();
    return std::move(out).str();
}

}  // namespace rialto::cli
