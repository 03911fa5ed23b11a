// tests/fakes/hs/push.hpp: how Synapse pushes events to one application service: one transaction in flight,
// up to 100 events, retries after 2, 4, 8 ... 512 s with the oldest first and one by one, a memory queue that
// is lost when it is killed, a stored transaction that is not (AS-API §Pushing events;
// synapse/appservice/scheduler.py).
#pragma once

#include "tests/fakes/hs/registration.hpp"
#include "tests/fakes/hs/world.hpp"
#include "tests/fakes/net/http.hpp"

#include <deque>

namespace rialto::fakes::hs {

struct push_disk  // what Synapse's database keeps of it
{
    struct txn
    {
        std::int64_t id = 0;
        std::vector<event*> events;
        txn() = default;
    };
    std::deque<txn> unsent;
    bool down = false;
    push_disk() = default;
};

class pusher
{
public:
    pusher(boost::asio::any_io_executor ex, fake_time& time, registration about);
    ~pusher() { kill(); }

    const registration& about() const { return about_; }
    const matcher& users() const { return users_; }
    const matcher& aliases() const { return aliases_; }
    const matcher& rooms() const { return rooms_; }

    void take(event* e);
    void take_ephemeral(std::string edu);
    awaitable<http_reply> ask(
        std::string method, std::string path, std::string body
    );                 // /users, /rooms, /ping
    void retry_now();  // a ping has come: the recoverer, if there is one, does not wait any longer
    // The next transaction is stored while the recoverer has just found nothing left: it lies there until the
    // next failure, and what comes after it is sent (scheduler.py, send(): the state is asked for before).
    void overlook_next(bool so = true) { overlook_ = so; }
    void start();
    void kill();  // memory and connections go, the disk stays

    const push_disk& disk() const { return disk_; }
    std::size_t queued() const { return queue_.size(); }
    std::uint64_t transactions() const { return sent_; }
    fault_plan faults;  // kinds: push, query, ping

private:
    awaitable<void> send_queue(std::shared_ptr<bool> alive);
    awaitable<void> recover(std::shared_ptr<bool> alive);
    awaitable<bool> send(std::int64_t id, std::string body);
    std::string body_of(const push_disk::txn& t, const std::vector<std::string>& ephemeral) const;
    void run();
    void run_recoverer();

    boost::asio::any_io_executor executor_;
    fake_time& time_;
    registration about_;
    matcher users_, aliases_, rooms_;
    http_client client_;
    std::deque<event*> queue_;
    std::vector<std::string> ephemeral_;
    push_disk disk_;
    std::int64_t last_id_ = 0;
    std::uint64_t sent_ = 0;
    bool sending_ = false, recovering_ = false, overlook_ = false;
    bell retry_;
    std::shared_ptr<bool> alive_;
};

}  // namespace rialto::fakes::hs
