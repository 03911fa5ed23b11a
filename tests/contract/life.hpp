// tests/contract/life.hpp: one life of a process with one backend in it, and the core's part towards it: runs
// it and runs it again, delivers a lane's events one after the other, repeats what is to be tried later, and
// dies at any moment. Real time, no sleeps: everything is waited for, with a deadline that only a hang
// reaches.
#pragma once

#include "tests/contract/peer.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <functional>
#include <optional>

namespace rialto::contract {

// False: not within the deadline, which nothing that does come needs.
bool until(
    boost::asio::io_context& io, const std::function<bool()>& so,
    std::chrono::seconds hang = std::chrono::seconds{15}
);
void settle(boost::asio::io_context& io);  // until nothing more comes by itself

struct delivery
{
    event what;
    std::optional<result<sent>> ended;
    explicit delivery(event e) : what{std::move(e)} {}
};

class life
{
public:
    life(boost::asio::io_context& io, contract_peer& peer, test::ledger& disk);
    ~life();  // the process is killed
    life(const life&) = delete;
    life& operator=(const life&) = delete;

    bool start();          // run() and up
    void run();            // run() is called, and again whenever it has ended
    void cancel();         // run() is cancelled and not called again
    bool running() const;  // a call of run() has not returned
    void kill();           // no byte passes any more, nothing is written down any more

    result<opened> open_portal();  // REQUIRES: up. Known to the ledger afterwards
    event said(std::string text, std::size_t author = 0);

    // A lane: one after the other, the next only when one is done for good; repeated as the core repeats.
    void lane(std::vector<event> all);
    bool lane_done() const;
    std::shared_ptr<delivery> begin(event e);  // one call of deliver()
    outcome wait_for(const std::shared_ptr<delivery>& d);

    test::recording_host& core() { return *host_; }
    backend& far() { return *far_; }
    const std::vector<failure>& failures() const;  // of run() and of the lane's deliveries, in order
    const portal_id& portal() const { return portal_; }

private:
    struct state;
    static awaitable<void> supervise(std::shared_ptr<state> s);
    static awaitable<void> relay(std::shared_ptr<state> s, std::vector<event> all);
    static awaitable<void> deliver(std::shared_ptr<state> s, std::shared_ptr<delivery> d);

    boost::asio::io_context& io_;
    contract_peer& peer_;
    test::ledger& disk_;
    std::unique_ptr<test::recording_host> host_;
    std::unique_ptr<backend> far_;
    std::shared_ptr<state> state_;
    std::vector<person> authors_;
    portal_id portal_;
};

}  // namespace rialto::contract
