// tests/contract/stage.hpp: what every clause starts from: a far side, a ledger, and a portal that a first
// process has opened and left. And the words in which a breach is told.
#pragma once

#include "tests/contract/life.hpp"

namespace rialto::contract {

using texts = std::vector<std::string>;
using fakes::tap;

struct stage
{
    boost::asio::io_context io{1};
    test::ledger disk;
    std::unique_ptr<contract_peer> peer;
    std::string broken;  // what went wrong before the curtain; "" is ready
    room state;

    explicit stage(const peer_type& type);
    ~stage();
    stage(const stage&) = delete;
    stage& operator=(const stage&) = delete;

    texts hears(
    ) const;  // what the far person is shown; a repeat under the same id counts once where that holds
    texts took() const;  // texts of the messages in the ledger
    bool until(const std::function<bool()>& so) { return contract::until(io, so); }
    void settle() { contract::settle(io); }
};

std::string list(const texts& all);
std::string differ(const std::string& what, const texts& wanted, const texts& got);  // "" when they do not

// Where to cut: at, before and behind each end of a piece that the rehearsal passed after `from`; spread, at
// most so many.
std::vector<std::size_t> edges(const std::vector<std::size_t>& steps, std::size_t from, std::size_t most);

struct rehearsal  // of a conversation that nothing disturbs: where the pieces ended, each way
{
    std::vector<std::size_t> out, back;
    std::string broken;
    rehearsal() = default;
};
rehearsal rehearse(const peer_type& type, const texts& lines, std::size_t most);

}  // namespace rialto::contract
