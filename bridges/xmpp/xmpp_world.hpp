// bridges/xmpp/xmpp_world.hpp: everything one XMPP network has at run time: the link while it lasts, the
// rooms, the chats; who gets which stanza. Lives as long as the backend; a link is one call of run(). One
// io_context thread.
#pragma once

#include "bridges/xmpp/chat.hpp"
#include "bridges/xmpp/inviting.hpp"
#include "bridges/xmpp/portal.hpp"
#include "bridges/xmpp/portal_joins.hpp"

#include <map>
#include <memory>

namespace rialto::xmpp {

class session;
class start_tag;

class xmpp_world
{
public:
    xmpp_world(boost::asio::any_io_executor ex, host& h, clock& time, xmpp_config config);
    ~xmpp_world();
    xmpp_world(const xmpp_world&) = delete;
    xmpp_world& operator=(const xmpp_world&) = delete;

    awaitable<outcome> run(account_id account);
    awaitable<result<sent>> deliver(event e);
    awaitable<result<opened>> open(wish w);
    awaitable<outcome> close(portal_id portal);

    // What the session calls; also how tests play the server.
    void take(const node& stanza);
    bool wanted(const start_tag& tag) const;
    void oversize(const node& top, std::string_view why);
    void come_up();  // the fence is passed: rooms are entered, chats read
    void go_down();
    awaitable<outcome> learn_portals();
    void attach(session* s, iq_router* iqs);

private:
    class live_link final : public link
    {
    public:
        session* stream = nullptr;
        iq_router* questions = nullptr;
        bool ready = false;
        bool up() const noexcept override;
        bool send(std::string stanza) override;
        awaitable<result<reply>> ask(std::string from, std::string to, iq_type type, std::string payload)
            override;
    };
    using room_ptr = std::shared_ptr<muc_portal>;

    room_ptr room_at(std::string_view bare) const;
    room_ptr add_room(portal_id id, room_info known);
    awaitable<result<opened>> open_room(wish w);
    awaitable<void> tick_for_ever();
    void take_message(const node& m);
    void take_invitation(const heard& h);
    void decline_private(const node& m);
    void refuse(const node& m, std::string_view condition, std::string_view why);
    awaitable<result<inviting::entered>> open_for_invited(wish w);
    awaitable<result<sent>> deliver_in_room(event e);

    live_link wire_;
    join_queue joins_;
    surroundings around_;
    std::map<std::string, room_ptr, std::less<>> rooms_;
    std::shared_ptr<chats> chats_;
    std::shared_ptr<inviting> inviting_;
    std::map<std::string, std::string, std::less<>> offered_;  // room -> password, told to the bridge itself
};

}  // namespace rialto::xmpp
