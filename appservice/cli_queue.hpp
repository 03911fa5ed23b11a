// appservice/cli_queue.hpp: `rialto queue list|show|retry|drop`. Asks the Rialto that runs (admin listener,
// with the token that registration.yaml gives); when none runs, lists and shows from the database, which it
// holds meanwhile as a running Rialto would, and changes nothing. Blocking. Errors: config_error.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace rialto::cli {

struct queue_wish
{
    enum class what
    {
        list,
        show,
        retry,
        drop
    };
    what is = what::list;
    std::filesystem::path config;
    std::string room;  // list: of this Matrix room
    std::vector<std::int64_t> numbers;
    bool all = false, body = false, json = false;

    queue_wish() = default;
};

// An exit code (cli_main.hpp).
int run_queue(const queue_wish& w, std::ostream& out, std::ostream& err);

}  // namespace rialto::cli
