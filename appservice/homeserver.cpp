#include "appservice/homeserver.hpp"

#include "appservice/content.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"

#include <boost/asio/co_spawn.hpp>

#include <nlohmann/json.hpp>

namespace rialto::matrix {

namespace {

constexpr int most_hints = 64;

failure device_lost(const std::string& ghost)
{
    failure f{
        verdict::try_later, cause::conflict,
        "The homeserver lost the device of " + ghost + "; it has a new one"
    };
    f.certain = false;
    f.after = std::chrono::seconds{1};
    return f;
}

// What it says is there whoever repeats it: annotations are unique, state is what it is, a second redaction
// changes nothing.
bool needs_look(const matrix_send& s) { return s.how == matrix_send::by::message && s.type != "m.reaction"; }

}  // namespace

matrix_homeserver::matrix_homeserver(
    boost::asio::any_io_executor on, net::http_client& http, store& s, client_settings settings, is_ours ours
)
    : client_{http, std::move(settings)},
      ghosts_{client_, s},
      rooms_{client_, ghosts_, std::move(ours)},
      on_{std::move(on)}
{
}

awaitable<result<answer>> matrix_homeserver::put(order o, matrix_send s)
{
    acting who{o.as};
    if (s.how != matrix_send::by::state)
        who = ghosts_.as(o.as.empty() ? client_.settings().bot : o.as);
    if (o.past)
        who.at_ms = to_ms(o.at);
    call c;
    switch (s.how) {
        case matrix_send::by::message:
            c = calls::send(who, o.room, s.type, o.key, std::move(s.content));
            break;
        case matrix_send::by::redaction:
            c = calls::redact(who, o.room, s.target, o.key, std::move(s.content));
            break;
        case matrix_send::by::state:
            c = calls::put_state(who, o.room, s.type, s.state_key, std::move(s.content));
            break;
    }
    auto got = co_await client_.ask(std::move(c));
    co_return got;
}

awaitable<result<std::string>> matrix_homeserver::send_one(order o, matrix_send s)
{
    auto got = co_await put(o, s);
    if (got && got->forbidden() && !got->unknown_device()) {
        // Not in the room (any more), most likely. Joined, it is tried once more; the same key, the same
        // event.
        const auto first = refusal(*got, "a message in " + o.room);
        outcome in = ok();
        if (o.as.empty())
            in = co_await rooms_.bot_join(o.room);
        else
            in = co_await ghosts_.rejoin(o.as, o.shown, o.room);
        if (!in && in.error().next == verdict::try_later)
            co_return in.error();
        if (!in)
            co_return first;
        got = co_await put(o, s);
    }
    if (!got)
        co_return got.error();
    if (got->unknown_device()) {
        auto whose = o.as.empty() ? client_.settings().bot : o.as;
        auto renewed = co_await ghosts_.renew_device(whose);
        if (!renewed)
            co_return renewed.error();
        co_return device_lost(whose);
    }
    if (got->is("M_DUPLICATE_ANNOTATION"))
        co_return std::string{};
    if (!got->done())
        co_return refusal(*got, "a message in " + o.room);
    if (!o.as.empty())
        ghosts_.seen(o.as, o.room);
    co_return field(*got, "event_id");
}

awaitable<result<sent>> matrix_homeserver::send_all(order o)
{
    auto all = sends_of(o);
    if (all.empty())
        co_return failure{verdict::unsupported, cause::other, "Matrix has no event for this"};
    if (o.as.empty()) {
        auto there = co_await ready("");
        if (!there)
            co_return there.error();
    }
    std::string last;
    for (auto& s : all) {
        const bool doubtful = o.again || o.generation != generation(o.as);
        if (doubtful && needs_look(s)) {
            auto found = co_await rooms_.find(o.room, o.as, o.key);
            if (!found)
                co_return found.error();
            if (!found->empty()) {
                last = *found;
                continue;
            }
        }
        auto id = co_await send_one(o, std::move(s));
        if (!id)
            co_return id.error();
        last = *id;
    }
    co_return sent{message_id{std::move(last)}};
}

awaitable<result<sent>> matrix_homeserver::change_member(order o)
{
    const auto m = std::get<membership>(o.what);
    outcome done = ok();
    if (m.what == change::join) {
        done = co_await ghosts_.ready(o.as, o.shown, o.room, o.generation);
    } else if (m.what == change::leave) {
        std::vector<std::string> who(1, o.as);
        done = co_await rooms_.leave(o.room, std::move(who), m.reason);
    } else if (m.what == change::knock) {
        done = failure{verdict::unsupported, cause::other, "Ghosts do not knock"};
    } else {
        if (m.what == change::invite && !o.as.empty()) {  // one invites to where one is
            done = co_await ghosts_.ready(o.as, o.shown, o.room, o.generation);
            if (!done && done.error().next == verdict::try_later)
                co_return done.error();
        }
        done = co_await rooms_.discipline(o.room, acting{o.as}, o.shown.shown_as, m);
        if (done && m.what != change::invite)
            ghosts_.left(m.whom.value, o.room);
    }
    if (!done)
        co_return done.error();
    co_return sent{};
}

awaitable<result<sent>> matrix_homeserver::deliver(order o)
{
    if (std::holds_alternative<membership>(o.what)) {
        auto done = co_await change_member(std::move(o));
        co_return done;
    }
    if (const auto* r = std::get_if<role>(&o.what)) {
        auto done = co_await rooms_.set_rank(o.room, *r);
        if (!done)
            co_return done.error();
        co_return sent{};
    }
    const bool named_only = std::holds_alternative<profile>(o.what);
    if (named_only)
        o.shown = std::get<profile>(o.what);
    if (!o.as.empty()) {
        auto room = o.room;
        if (named_only)
            room.clear();
        auto there = co_await ghosts_.ready(o.as, o.shown, std::move(room), o.generation);
        if (!there)
            co_return there.error();
    }
    if (named_only)
        co_return sent{};
    auto brought = co_await bring_files(o);
    if (!brought)
        co_return brought.error();
    auto done = co_await send_all(std::move(o));
    co_return done;
}

awaitable<outcome> matrix_homeserver::bring_files(order& o)
{
    auto* m = std::get_if<message>(&o.what);
    if (auto* e = std::get_if<edit>(&o.what))
        m = &e->now;
    if (m == nullptr || m->files.empty() || files_ == nullptr)
        co_return ok();
    auto brought = co_await files_->bring(*m, o.as, o.key);
    if (!brought)
        co_return brought.error();
    *m = std::move(*brought);
    co_return ok();
}

awaitable<outcome> matrix_homeserver::ready(std::string mxid)
{
    if (mxid.empty())
        mxid = client_.settings().bot;
    return ghosts_.ready(std::move(mxid), profile{}, "");
}

std::uint32_t matrix_homeserver::generation(const std::string& mxid) const
{
    return ghosts_.generation(mxid.empty() ? client_.settings().bot : mxid);
}

awaitable<result<std::string>> matrix_homeserver::make_room(room_plan plan)
{
    return rooms_.make(std::move(plan));
}

awaitable<result<std::string>> matrix_homeserver::room_of_alias(std::string alias)
{
    return rooms_.of_alias(std::move(alias));
}

awaitable<result<near_room>> matrix_homeserver::look(std::string room)
{
    return rooms_.look(std::move(room));
}

awaitable<outcome> matrix_homeserver::bot_join(std::string room) { return rooms_.bot_join(std::move(room)); }

awaitable<result<profile>> matrix_homeserver::describe(std::string mxid)
{
    auto got = co_await client_.must(calls::get_profile(mxid), "the profile of " + mxid);
    if (!got)
        co_return got.error();
    co_return read_profile(parse(got->body).value_or(json{}));
}

awaitable<outcome> matrix_homeserver::ghost_join(std::string room, std::string mxid, profile shown)
{
    return ghosts_.rejoin(std::move(mxid), std::move(shown), std::move(room));
}

awaitable<outcome> matrix_homeserver::describe_bridge(std::string room, room_plan plan)
{
    return rooms_.describe(std::move(room), std::move(plan));
}

awaitable<outcome> matrix_homeserver::notice(std::string room, std::string text, std::string key)
{
    message words{document{text}};
    words.how = manner::notice;
    order o{std::move(room), "", std::move(words), std::move(key)};
    auto done = co_await send_all(std::move(o));
    if (!done)
        co_return done.error();
    co_return ok();
}

awaitable<outcome> matrix_homeserver::status(
    std::string room, std::string event, fate is, std::optional<failure> why
)
{
    // The same state of the same event is the same status.
    const auto key = "status-" + std::to_string(static_cast<int>(is)) + "-" + event;
    auto there = co_await ready("");
    if (!there)
        co_return there;
    auto c = calls::send(
        ghosts_.as(client_.settings().bot), room, "com.beeper.message_send_status", key,
        status_content(event, is, why)
    );
    auto done = co_await client_.must(std::move(c), "a status in " + room);
    if (!done)
        co_return done.error();
    co_return ok();
}

awaitable<outcome> matrix_homeserver::leave(std::string room, std::vector<std::string> who, std::string why)
{
    return rooms_.leave(std::move(room), std::move(who), std::move(why));
}

awaitable<result<page>> matrix_homeserver::history(std::string room, std::string as, extent of)
{
    return rooms_.history(std::move(room), std::move(as), std::move(of));
}

awaitable<outcome> matrix_homeserver::pass_hint(order o)
{
    call c;
    const acting who{o.as};
    if (const auto* t = std::get_if<typing>(&o.what)) {
        c = calls::typing(who, o.room, t->active);
    } else if (const auto* r = std::get_if<receipt>(&o.what); r != nullptr && r->read) {
        c = calls::receipt(who, o.room, r->up_to.id.value);
    } else {
        co_return ok();
    }
    auto got = co_await client_.ask(std::move(c));
    if (!got)
        co_return got.error();
    if (got->forbidden())
        ghosts_.left(o.as, o.room);
    co_return ok();
}

// Only for ghosts that are surely in the room: nobody joins in order to be seen typing.
void matrix_homeserver::hint(order o)
{
    if (*hints_ >= most_hints || !ghosts_.in(o.as, o.room))
        return;
    ++*hints_;
    auto told = pass_hint(std::move(o));
    boost::asio::co_spawn(on_, std::move(told), [count = hints_](std::exception_ptr, const outcome& done) {
        --*count;
        if (!done)
            log::debug("a hint was dropped", "why", done.error().why);
    });
}

}  // namespace rialto::matrix
