// tests/contract/peer.hpp: what the contract kit has to know of a network: how to make its backend, what a
// far person does and sees in one portal there, and the wire between. One adapter for each kind of portal of
// a backend, one line in peers.cpp; then every test of contract_test.cpp runs over it. Each test makes a peer
// of its own. One io_context thread.
#pragma once

#include "tests/fakes/net/tap.hpp"
#include "tests/fakes/recording_host.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <iosfwd>
#include <memory>

namespace rialto::contract {

struct heard  // one message as the far person's client shows it
{
    std::string id, text;
    heard(std::string i, std::string t) : id{std::move(i)}, text{std::move(t)} {}
};

// What the network itself can promise. No adapter may claim less than its network gives.
struct habits
{
    bool keeps = false;          // what the bridge did not take while it was away is there when it comes back
    bool acknowledges = false;   // the far person sees that a message was taken: acknowledged()
    bool repeats_by_id = false;  // a doubt ends in a second copy under the same id, which clients drop
};

class contract_peer
{
public:
    virtual ~contract_peer() = default;
    virtual habits about() const = 0;

    // The backend as a new process makes it. Never two at once; the far side stays as it was.
    virtual std::unique_ptr<backend> make(host& h) = 0;
    // What open() is asked to get the portal, on behalf of a puppet's address.
    virtual wish wanted(person asker) const = 0;
    // Matrix people who talk in the portal: one, or several where there is room for them.
    virtual std::vector<native> authors() const = 0;

    // A far person enters the portal when it is there, says something, sees what Matrix people say.
    virtual void enter() {}
    virtual void say(std::string text) = 0;
    virtual std::vector<heard> hears(
    ) const = 0;  // in order, repeats included, without what they said themselves
    virtual bool acknowledged(std::string_view text) const = 0;
    virtual bool told_to_wait(std::string_view text) const = 0;  // or refused: they know it was not taken

    virtual fakes::tap* wire() { return nullptr; }  // null: there is no link that could drop
};

struct peer_type  // one line each in peers.cpp
{
    using maker = std::function<std::unique_ptr<contract_peer>(boost::asio::io_context&, test::ledger&)>;
    std::string name;
    maker make;
    peer_type(std::string n, maker m) : name{std::move(n)}, make{std::move(m)} {}
};
const std::vector<peer_type>& peer_types();
void PrintTo(const peer_type& p, std::ostream* out);

}  // namespace rialto::contract
