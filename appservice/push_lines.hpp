// appservice/push_lines.hpp: how far the order of pushes can be believed. A line is a TCP connection of the
// homeserver as long as no transaction is missing on it: Synapse counts transactions (of all its application
// services in one row), and when it has just caught up after a failure it can lay one aside, unsent until the
// next failure, and go on with the next (synapse/appservice/scheduler.py: send() asks for the state before it
// stores, the recoverer sets it in between). A missing number therefore begins a new line, as a new
// connection does; so does the first number on a connection (a ping may have opened it), of which nobody
// knows whether one is missing before it. Where other services push much, numbers are always missing: they
// are looked at only for `doubtful` after a connection began or one of our answers was a refusal. Decides
// only; one thread.
#pragma once

#include "core/event.hpp"

#include <map>
#include <optional>
#include <string_view>

namespace rialto::matrix {

class push_lines
{
public:
    static constexpr std::chrono::minutes doubtful{2};

    struct place
    {
        std::uint64_t line = 0;
        bool begins = false;   // with this transaction
        bool missing = false;  // one before it did not come
    };

    std::uint64_t opened(std::uint64_t connection);  // its line, newer than all others
    std::uint64_t closed(std::uint64_t connection);  // the line that ends
    // Where a transaction belongs. A name that is no number tells nothing.
    place on(std::uint64_t connection, std::string_view transaction, timestamp now);
    void answered(bool taken, timestamp now);

private:
    std::map<std::uint64_t, std::uint64_t> lines_;  // by connection
    std::uint64_t newest_ = 0;
    std::optional<std::uint64_t> last_;  // transaction
    bool doubt_ = true;                  // since then nothing was taken
    timestamp until_{};
};

}  // namespace rialto::matrix
