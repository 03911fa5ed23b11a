#include "tests/fakes/hs/homeserver.hpp"

#include "tests/fakes/hs/auth.hpp"
#include "tests/fakes/hs/call.hpp"
#include "tests/fakes/hs/render.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>

namespace rialto::fakes::hs {

namespace asio = boost::asio;
using nlohmann::json;

homeserver::homeserver(asio::any_io_executor ex, options o)
    : executor_{ex},
      options_{std::move(o)},
      time_{ex},
      alive_{std::make_shared<bool>(true)},
      server_{
          ex, time_, [this](http_request r) { return handle(std::move(r)); },
          [](const http_request& r) {
              const route* found = find_route(r.method, r.target, nullptr);
              return found ? found->kind : std::string_view{"unknown"};
          }
      }
{
    world_.name = options_.name;
    world_.seed = options_.seed;
}

void homeserver::add(registration r)
{
    services_.push_back(std::make_unique<pusher>(executor_, time_, std::move(r)));
    world_.make_user(sender_of(*services_.back()));
}

void homeserver::start(std::uint16_t port)
{
    alive_ = std::make_shared<bool>(true);
    server_.on_restart = [this, alive = alive_] {
        if (*alive)
            restart();
    };
    for (auto& s : services_)
        s->start();
    server_.listen(port);
    pump();
}

void homeserver::kill()
{
    *alive_ = false;
    server_.stop();
    for (auto& s : services_)
        s->kill();
    for (auto& w : memory_.waiting)
        w.wake->cancel();
    memory_ = memory{};
    querying_ = false;
    asked_.clear();
    for (auto& [id, r] : world_.rooms)
        r->typing.clear();
}

void homeserver::restart()
{
    kill();
    start(port());
}

std::string homeserver::make_user(const std::string& localpart, const std::string& password)
{
    user& u = world_.make_user('@' + localpart + ':' + world_.name);
    u.password = password;
    if (u.name.empty())
        u.name = localpart;
    device& d = world_.make_device(u, world_.fresh(10), {});
    d.token = "syt_" + world_.fresh(30);
    world_.tokens[d.token] = {&u, d.id};
    return d.token;
}

awaitable<http_reply> homeserver::handle(http_request r)
{
    std::vector<std::string> args;
    const route* found = find_route(r.method, r.target, &args);
    if (!found) {
        for (const char* other : {"GET", "PUT", "POST", "DELETE"})
            if (find_route(other, r.target, nullptr))
                co_return refusal(405, "M_UNRECOGNIZED", "Unrecognized request").reply;
        co_return refusal(404, "M_UNRECOGNIZED", "Unrecognized request").reply;
    }
    auto c = std::make_shared<call>(*this, std::move(r));
    c->args = std::move(args);
    c->kind = found->kind;
    try {
        if (!found->open)
            c->authenticate();
        if (found->now)
            co_return found->now(*c);
        co_return co_await found->later(c);
    } catch (const refusal& no) {
        co_return no.reply;
    } catch (const json::exception& e) {
        co_return refusal(400, "M_BAD_JSON", e.what()).reply;
    }
}

awaitable<http_reply> homeserver::ask(
    std::string user, std::string method, std::string path, std::string body
)
{
    http_request r;
    r.method = std::move(method);
    r.target = path.starts_with("/_matrix") ? path : "/_matrix/client/v3" + path;
    r.body = std::move(body);
    // Whoever is asked for has a token here; in-process callers need not know it.
    auto* u = world_.find_user(user);
    if (u) {
        auto& d = world_.make_device(*u, "INPROCESS", {});
        if (d.token.empty()) {
            d.token = "in_" + world_.fresh(30);
            world_.tokens[d.token] = {u, d.id};
        }
        r.authorization = "Bearer " + d.token;
    }
    co_return co_await handle(std::move(r));
}

event& homeserver::append(std::unique_ptr<event> e)
{
    if (e->content.size() > 60'000 && e->content.size() + e->type.size() + e->in->id.size() + 500 > 65'536)
        throw refusal{413, "M_TOO_LARGE", "event too large"};
    if (e->state_key && !e->parsed)
        e->parsed = std::make_shared<const json>(json::parse(e->content));
    const std::string no = why_not(*e->in, *e);
    if (!no.empty())
        throw refusal{403, "M_FORBIDDEN", no};
    if (e->id.empty())
        e->id = '$' + world_.fresh();
    event& kept = *e;
    world_.stream.push_back(std::move(e));
    kept.order = static_cast<std::int64_t>(world_.stream.size());
    world_.by_id.emplace(kept.id, &kept);
    kept.in->timeline.push_back(&kept);
    if (kept.state_key)
        take_state(kept);
    wake(*kept.in);
    pump();
    return kept;
}

void homeserver::take_state(event& e)
{
    room& r = *e.in;
    event*& slot = r.state[{e.type, *e.state_key}];
    if (slot) {
        e.prev_content = slot->content;
        e.replaces = slot->id;
    }
    slot = &e;
    if (e.type == "m.room.power_levels")
        r.powers = power_levels{*e.parsed};
    if (e.type == "m.room.member")
        take_membership(e);
}

void homeserver::take_membership(event& e)
{
    room& r = *e.in;
    member& m = r.members[*e.state_key];
    const std::string to = string_of(*e.parsed, "membership");
    const bool was = m.membership == "join", is = to == "join";
    if (m.membership != to)
        m.since = e.order;
    m.membership = to;
    m.now = &e;
    m.was_joined = m.was_joined || is;
    if (is)
        m.forgotten = false;
    if (auto* u = world_.find_user(*e.state_key))
        u->rooms.insert(&r);
    if (was == is)
        return;
    if (is)
        r.joined.insert(*e.state_key);
    else
        r.joined.erase(*e.state_key);
    for (std::size_t i = 0; i < services_.size(); ++i)
        if (services_[i]->users().matches(*e.state_key) || sender_of(*services_[i]) == *e.state_key) {
            std::size_t& count = r.interested[i];
            count = is ? count + 1 : count - 1;
        }
}

void homeserver::redact(event& target, event& by)
{
    target.content = redacted_content(target);
    if (target.state_key)
        target.parsed = std::make_shared<const json>(json::parse(target.content));
    target.prev_content.clear();
    target.redacted_by = by.id;
    if (!target.target.empty())
        target.in->annotations.erase(target.target);
}

void homeserver::wake(const room& r)
{
    for (auto& w : memory_.waiting)
        if (r.members.contains(w.who->id))
            w.wake->cancel();
}

pusher* homeserver::service_of_token(std::string_view token)
{
    for (auto& s : services_)
        if (s->about().as_token == token)
            return s.get();
    return nullptr;
}

pusher* homeserver::service_of_user(const std::string& id, bool exclusive_only)
{
    for (auto& s : services_)
        if (sender_of(*s) == id || (exclusive_only ? s->users().exclusive(id) : s->users().matches(id)))
            return s.get();
    return nullptr;
}

}  // namespace rialto::fakes::hs
