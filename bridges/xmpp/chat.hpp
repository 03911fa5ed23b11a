// bridges/xmpp/chat.hpp: conversations of two: an XMPP account and a Matrix person's puppet. Inbound:
// committed first, then the receipt (XEP-0184). Outbound: sent, then a ping through the server on the same
// stream; its pong, a receipt or the refusal says what became of it (docs/QUEUE.md). One io_context thread.
// Bounded: `most_waiting` inbound messages, beyond which senders are told to wait.
#pragma once

#include "bridges/xmpp/chat_names.hpp"
#include "bridges/xmpp/link.hpp"
#include "bridges/xmpp/stanza.hpp"
#include "core/opening_limit.hpp"

#include <deque>
#include <map>
#include <memory>
#include <set>

namespace rialto::xmpp {

class changed_signal;

class chats : public std::enable_shared_from_this<chats>
{
public:
    static constexpr std::size_t most_waiting = 2'000, most_recent = 2'000;

    explicit chats(surroundings& around);
    ~chats();

    void known(const portal_id& id) { known_.insert(id.room.value); }
    void link_up();
    void link_lost();
    void on_message(const node& m);
    void on_presence(const node& p);

    awaitable<result<opened>> open(wish w);
    awaitable<result<sent>> deliver(event e);
    void close(const portal_id& id)
    {
        known_.erase(id.room.value);
        markable_.erase(id.room.value);
    }
    room state(const chat_name& who, std::string_view shown_as) const;

private:
    struct inbound
    {
        portal_id portal;
        chat_name who;
        std::string from, id;  // of the stanza, for receipt and refusal
        bool wants_receipt, opens;
        std::vector<event> events;
        inbound(portal_id p, chat_name n)
            : portal{std::move(p)}, who{std::move(n)}, wants_receipt{false}, opens{false}
        {
        }
    };

    awaitable<void> take_in(unsigned life);
    awaitable<void> accept(std::vector<inbound> some);
    awaitable<bool> accept_all(const std::vector<inbound>& some);
    awaitable<void> accept_one(inbound one);
    void answer_taken(const inbound& one);
    void refuse(const inbound& one, const failure& why);
    void hear(heard h);
    void enqueue(inbound one);
    void bounced(const heard& h);
    void tell_failed(const chat_name& who, const std::string& room, const report& news);
    void remember(const std::string& wire_id, const portal_id& portal);
    void arrived(const heard& h);
    awaitable<outcome> fence(std::string wire_id);
    event event_of(heard h, const portal_id& portal, const person& from);
    static void aim(route& way, const happening& what);

    // chat_read.cpp: XEP-0333
    void may_be_marked(const std::string& portal, const std::string& id);
    void show_read(const chat_name& who, const std::string& portal, const reference& up_to);

    surroundings& around_;
    std::unique_ptr<changed_signal> changed_;
    std::set<std::string, std::less<>> known_;
    opening_limit openings_;
    std::deque<inbound> waiting_;
    struct flight  // a message whose fate is awaited
    {
        std::string peer;
        std::optional<stanza_error> refused;
        bool received = false;  // XEP-0184: it arrived, whatever becomes of the link
        flight() = default;
        explicit flight(std::string p) : peer{std::move(p)} {}
    };
    std::map<std::string, flight, std::less<>> flights_;    // by wire id
    std::map<std::string, portal_id, std::less<>> recent_;  // wire id -> where, for late refusals
    std::deque<std::string> recent_order_;
    std::map<std::string, std::string, std::less<>> last_from_;  // portal -> the full address that wrote last
    // portal -> what may still be marked as read, oldest first: marking one marks all before it (XEP-0333)
    std::map<std::string, std::deque<std::string>, std::less<>> markable_;
    unsigned life_ = 0;
    std::uint64_t nameless_ = 0;  // messages without any id so far
};

}  // namespace rialto::xmpp
