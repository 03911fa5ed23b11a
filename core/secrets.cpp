#include "core/secrets.hpp"

#include "core/backend.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace rialto {

namespace fs = std::filesystem;

namespace {
[[noreturn]] void refuse(const fs::path& file, const std::string& what)
{
    throw config_error{file.string() + ": " + what};
}

void make_folders(const fs::path& folder)
{
    if (folder.empty() || fs::exists(folder))
        return;
    make_folders(folder.parent_path());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        refuse(folder, std::string{"the folder cannot be made: "} + std::strerror(errno));
}

// Without this the name of a new file is not there after a power failure.
void sync_folder(const fs::path& folder)
{
    const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    ::fsync(fd);
    ::close(fd);
}
}  // namespace

void must_be_private(const fs::path& file)
{
    struct stat about = {};
    if (::stat(file.c_str(), &about) != 0)
        return;
    if ((about.st_mode & 077) == 0)
        return;
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", about.st_mode & 07777U);
    refuse(
        file,
        std::string{"others than its owner can use it (mode "} + mode.data() + "): chmod 600 " + file.string()
    );
}

bool make_private_file(const fs::path& file)
{
    make_folders(file.parent_path());
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return false;
    if (fd < 0)
        refuse(file, std::string{"cannot be made: "} + std::strerror(errno));
    ::fsync(fd);
    ::close(fd);
    sync_folder(file.parent_path());
    return true;
}

std::string read_private_file(const fs::path& file)
{
    must_be_private(file);
    std::ifstream in{file, std::ios::binary};
    if (!in)
        refuse(file, std::string{"cannot be read: "} + std::strerror(errno));
    constexpr std::size_t most = 1 << 20;
    std::string text(most + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad())
        refuse(file, std::string{"cannot be read: "} + std::strerror(errno));
    if (text.size() > most)
        refuse(file, "is larger than 1 MiB: is it the right file?");
    return text;
}

std::string secret_from_file(const fs::path& file)
{
    auto line = read_private_file(file);
    line.erase(std::min(line.find('\n'), line.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
        line.pop_back();
    if (line.empty())
        refuse(file, "holds no secret in its first line");
    return line;
}

std::string secret_from_environment(const std::string& variable)
{
    const char* value = std::getenv(variable.c_str());
    if (!value || !*value)
        throw config_error{
            "the environment variable " + variable +
            " is not set, and the configuration names it for a secret"
        };
    return value;
}

}  // namespace rialto
