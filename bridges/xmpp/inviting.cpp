#include "bridges/xmpp/inviting.hpp"

#include "bridges/xmpp/jid.hpp"
#include "core/log.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

namespace rialto::xmpp {

namespace {
constexpr std::chrono::minutes second_thoughts{1};  // who was turned down often asks again at once
}

inviting::inviting(surroundings& around, door open)
    : around_{around}, open_{std::move(open)}, share_{around.config.invites_per_hour}
{
}

awaitable<outcome> inviting::load()
{
    if (loaded_)
        co_return ok();
    auto text = co_await around_.core.recall(noted().key);
    if (!text)
        co_return text.error();
    book_.read(*text);
    loaded_ = true;
    co_return ok();
}

void inviting::link_up()
{
    for (auto& i : book_.untold())
        begin(std::move(i));
}

void inviting::begin(invitation i)
{
    auto run = [self = shared_from_this(), i = std::move(i)]() -> awaitable<void> {
        co_await self->follow(i);
    };
    boost::asio::co_spawn(around_.ex, std::move(run), [](std::exception_ptr broken) {
        if (broken)
            log::error("an invitation's task broke");
    });
}

void inviting::on_message(const heard& h, bool bridged)
{
    auto i = invitation_of(h, around_.time.now());
    if (!i)
        return;
    std::string no;
    if (auto why = objection(*i, around_.config))
        no = why->why;
    else if (!share_.allow(counted_as(*i), around_.time.now()))
        no = "too many invitations: try again in an hour";
    else {
        i->opened = !bridged;
        const auto entry = book_.add(*i);
        if (entry == invitation_book::entry::known)
            return;
        if (entry == invitation_book::entry::taken) {
            begin(std::move(*i));
            return;
        }
        no = "too many invitations wait: try again later";
    }
    log::info("an invitation was turned down", "why", no);
    around_.wire.send(write_refusal(*i, no));
}

awaitable<void> inviting::save()
{
    auto kept = co_await around_.core.remember(noted());
    if (!kept)
        log::warn("invitations could not be noted", "why", kept.error().why);
}

awaitable<void> inviting::follow(invitation i)
{
    co_await save();
    auto done = co_await around_.core.reachable(user_id{i.puppet});
    if (done)
        done = co_await ask_matrix(i);
    if (done)
        co_return;
    if (!around_.wire.up())
        co_return;  // it stays in the book for the next link
    co_await turn_down(std::move(i), done.error().why);
}

awaitable<outcome> inviting::ask_matrix(invitation i)
{
    wish w{person{user_id{i.puppet}}, kind::group};
    w.addresses.push_back(i.room);
    w.secret = i.secret;
    auto in = co_await open_(std::move(w));
    if (!in)
        co_return in.error();
    // Somebody whom the room shows under this very address asks as themselves, anybody else through the bot.
    const user_id account{std::string{bare_of(i.inviter)}};
    const auto& here = in->far.state.members;
    const auto known = std::ranges::find_if(here, [&](const member& m) {
        return m.who.id == account || m.who.id.value == i.inviter;
    });
    const person asks = known == here.end() ? person{} : known->who;
    const auto why = asks.id.empty() ? in_words(i, in->shows_people) : i.why;
    const auto now = around_.time.now();
    room whole = in->far.state;
    whole.members.clear();  // they come when they speak
    whole.complete = false;
    std::vector<event> batch;
    batch.emplace_back(in->far.portal, person{account}, now, message_id{}, std::move(whole));
    membership wanted{change::invite, user_id{i.puppet}, why};
    batch.emplace_back(in->far.portal, asks, now, i.name(), std::move(wanted));
    book_.tell(i.room, i.puppet, true);
    auto taken = co_await around_.core.accept(std::move(batch), noted());
    if (!taken)
        book_.tell(i.room, i.puppet, false);
    co_return taken;
}

awaitable<void> inviting::turn_down(invitation i, std::string why)
{
    log::info("an invitation was turned down", "why", why);
    around_.wire.send(write_refusal(i, why));
    book_.drop(i.room, i.puppet);
    co_await save();
}

awaitable<inviting::sequel> inviting::answered(portal_id room, std::string puppet, membership m)
{
    const auto* found = book_.find(room.room.value, puppet);
    if (found == nullptr || !found->told || m.what == change::invite)
        co_return sequel::none;
    const invitation i = *found;
    if (m.what == change::join) {
        book_.drop(i.room, i.puppet);
        co_await save();
        co_return sequel::came;
    }
    const auto why = m.reason.empty() ? std::string{"they do not want to come"} : m.reason;
    co_await turn_down(i, why);
    if (!i.opened)
        co_return sequel::declined;
    const bool nobody = co_await deserted(room);
    co_return nobody ? sequel::deserted : sequel::declined;
}

awaitable<bool> inviting::deserted(portal_id room)
{
    if (book_.others(room.room.value, ""))
        co_return false;
    auto now = co_await around_.core.look(room);
    co_return now&& std::ranges::none_of(now->members, [](const member& one) { return one.puppet; });
}

void inviting::leave_later(portal_id room, std::function<void()> leave)
{
    auto run = [self = shared_from_this(), room = std::move(room),
                leave = std::move(leave)]() -> awaitable<void> {
        co_await self->around_.time.sleep(second_thoughts);
        const bool nobody = co_await self->deserted(room);
        if (nobody)
            leave();
    };
    boost::asio::co_spawn(around_.ex, std::move(run), [](std::exception_ptr broken) {
        if (broken)
            log::error("an invitation's task broke");
    });
}

awaitable<void> inviting::failed(report news)
{
    const auto* found = book_.find(news.about.id);
    if (found == nullptr)
        co_return;
    const invitation i = *found;
    const auto why = news.why ? news.why->why : std::string{"Matrix did not take it"};
    co_await turn_down(i, why);
}

}  // namespace rialto::xmpp
