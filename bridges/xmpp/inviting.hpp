// bridges/xmpp/inviting.hpp: follows the invitations that XMPP people send to puppets: written down first,
// then the bridge enters the room, then Matrix is asked, in the commit that notes so (a crash at any step
// repeats no question and loses none that was written down). Carries the answer back. What may be followed is
// decided in bridges/xmpp/invitation. One io_context thread. Bounded: one account's share an hour, and the
// book.
#pragma once

#include "bridges/xmpp/invitation.hpp"
#include "bridges/xmpp/link.hpp"
#include "core/opening_limit.hpp"

#include <functional>
#include <memory>

namespace rialto::xmpp {

class inviting : public std::enable_shared_from_this<inviting>
{
public:
    struct entered  // the room as the bridge found it
    {
        opened far;
        bool shows_people = false;
        entered(opened o, bool shows) : far{std::move(o)}, shows_people{shows} {}
    };
    using door = std::function<awaitable<result<entered>>(wish w)>;

    inviting(surroundings& around, door open);

    awaitable<outcome> load();  // what is outstanding, once
    void link_up();             // goes on with what was not followed yet
    void on_message(const heard& h, bool bridged);

    enum class sequel
    {
        none,      // nobody was asked
        came,      // they are to be brought in
        declined,  // and others are there, or asked
        deserted,  // the room was opened for them alone
    };
    // What a Matrix person does about their membership of a room.
    awaitable<sequel> answered(portal_id room, std::string puppet, membership m);
    // Leaves the room, unless within a minute somebody is asked into it again, or comes.
    void leave_later(portal_id room, std::function<void()> leave);
    // Matrix would not have it after all.
    awaitable<void> failed(report news);

private:
    void begin(invitation i);
    awaitable<void> follow(invitation i);
    awaitable<outcome> ask_matrix(invitation i);
    awaitable<void> turn_down(invitation i, std::string why);
    awaitable<bool> deserted(portal_id room);
    awaitable<void> save();
    note noted() const { return note{"invitations", book_.to_text()}; }

    surroundings& around_;
    door open_;
    invitation_book book_;
    opening_limit share_;
    bool loaded_ = false;
};

}  // namespace rialto::xmpp
