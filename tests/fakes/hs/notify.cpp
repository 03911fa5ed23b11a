// Which application service hears of which event (AS-API §Pushing events; synapse/handlers/appservice.py).
#include "tests/fakes/hs/homeserver.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rialto::fakes::hs {

namespace asio = boost::asio;

bool homeserver::wants(const pusher& p, std::size_t index, const event& e) const
{
    const room& r = *e.in;
    const auto counted = r.interested.find(index);
    if (counted != r.interested.end() && counted->second > 0)
        return true;
    const auto mine = [&](const std::string& id) { return p.users().matches(id) || id == sender_of(p); };
    if (mine(e.sender) || (e.type == "m.room.member" && e.state_key && mine(*e.state_key)))
        return true;
    if (std::any_of(r.aliases.begin(), r.aliases.end(), [&](const auto& a) {
            return p.aliases().matches(a);
        }))
        return true;
    return p.rooms().matches(r.id);
}

// A service is asked for a user of its namespace that nobody has registered, before it is told of the event.
pusher* homeserver::must_ask(const event& e, std::string& whom)
{
    if (e.type != "m.room.member")
        return nullptr;  // a sender has joined, so it exists
    whom = *e.state_key;
    if (world_.find_user(whom) || asked_.contains(e.id))
        return nullptr;
    return service_of_user(whom, false);
}

void homeserver::pump()
{
    if (querying_ || !*alive_)
        return;
    std::string whom;
    while (handed_on_ < world_.stream.size()) {
        event& e = *world_.stream[handed_on_];
        if (must_ask(e, whom)) {
            // All services wait meanwhile: a slow answer of one stalls the pushes to all (#17621).
            querying_ = true;
            asio::co_spawn(executor_, query_then_pump(alive_), asio::detached);
            return;
        }
        ++handed_on_;
        for (std::size_t i = 0; i < services_.size(); ++i)
            if (wants(*services_[i], i, e))
                services_[i]->take(&e);
    }
}

awaitable<void> homeserver::query_then_pump(std::shared_ptr<bool> alive)
{
    event& e = *world_.stream[handed_on_];
    std::string whom;
    pusher* p = must_ask(e, whom);
    asked_.insert(e.id);
    // Synapse's quote() leaves '/' as it is.
    if (p)
        co_await p->ask("GET", "/_matrix/app/v1/users/" + percent_encoded(whom, "/"), {});
    if (!*alive)
        co_return;
    querying_ = false;
    pump();
}

void homeserver::push_ephemeral(const room& r, const std::string& edu)
{
    for (const auto& [index, count] : r.interested)
        if (count > 0)
            services_[index]->take_ephemeral(edu);
    wake(r);
}

}  // namespace rialto::fakes::hs
