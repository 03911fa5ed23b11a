// Runs a fuzz target over the files of the directories and files it is given. A target that finds nothing to
// replay fails: a corpus that was not checked out would otherwise look like a pass.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

bool replay(const std::filesystem::path& file)
{
    std::ifstream in{file, std::ios::binary};
    if (!in) {
        std::fprintf(stderr, "cannot read %s\n", file.c_str());
        return false;
    }
    const std::vector<char> bytes{std::istreambuf_iterator<char>{in}, {}};
    std::printf("%s (%zu bytes)\n", file.c_str(), bytes.size());
    std::fflush(stdout);  // the last name printed is the one that crashed
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    return true;
}

}  // namespace

int main(int argc, char** argv)
{
    std::size_t done = 0;
    for (int i = 1; i < argc; ++i) {
        std::error_code missing;
        if (!std::filesystem::is_directory(argv[i], missing)) {
            done += replay(argv[i]) ? 1u : 0u;
            continue;
        }
        for (const auto& entry : std::filesystem::recursive_directory_iterator{argv[i], missing})
            if (entry.is_regular_file())
                done += replay(entry.path()) ? 1u : 0u;
    }
    std::printf("%zu inputs\n", done);
    return done == 0 ? 1 : 0;
}
