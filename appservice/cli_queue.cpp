#include "appservice/cli_queue.hpp"

#include "appservice/cli_main.hpp"
#include "appservice/cli_running.hpp"
#include "appservice/queue_text.hpp"
#include "core/config.hpp"
#include "core/sqlite_store.hpp"

#include <boost/asio/io_context.hpp>

#include <nlohmann/json.hpp>

#include <map>
#include <ostream>

namespace rialto::cli {

namespace {
std::int64_t now_ms()
{
    return to_ms(std::chrono::time_point_cast<timestamp::duration>(timestamp::clock::now()));
}

// ---- of the Rialto that runs

net::http_request request_for(const queue_wish& w, std::int64_t number)
{
    using what = queue_wish::what;
    net::http_request r;
    r.method = w.is == what::list || w.is == what::show ? "GET" : "POST";
    r.deadline = std::chrono::seconds{30};
    nlohmann::json body;
    switch (w.is) {
        case what::list:
            r.url = "/queue" + (w.room.empty() ? "" : "?room=" + net::percent_encoded(w.room));
            break;
        case what::show:
            r.url = "/queue/letter?seq=" + std::to_string(number) + (w.body ? "&body=1" : "");
            break;
        case what::retry:
            r.url = "/queue/retry";
            body = w.all ? nlohmann::json{{"all", true}} : nlohmann::json{{"seqs", w.numbers}};
            break;
        case what::drop:
            r.url = "/queue/drop";
            body = {{"seq", number}};
            break;
    }
    if (!body.is_null())
        r.body = body.dump();
    return r;
}

void print(const queue_wish& w, const std::string& body, std::int64_t number, std::ostream& out)
{
    using what = queue_wish::what;
    if (w.json)
        out << body;
    else if (w.is == what::list)
        out << queue_text(body);
    else if (w.is == what::show)
        out << letter_text(body);
    else if (w.is == what::drop)
        out << "dropped " << number << "\n";
    else if (const auto said = nlohmann::json::parse(body, nullptr, false); said.is_object())
        out << "tried again: " << said.value("retried", 0) << "\n";
}

// ---- of the database, when none runs

template <class T>
T must(result<T> got)
{
    if (!got)
        throw config_error{"the database cannot be read: " + got.error().why};
    return std::move(*got);
}

queued_lane& lane_of(const item& it, place of, std::map<std::pair<portal_key, way>, queued_lane>& lanes)
{
    auto [at, fresh] = lanes.try_emplace({it.portal, it.bound});
    auto& lane = at->second;
    if (fresh) {
        lane.of = std::move(of);
        lane.bound = it.bound;
        lane.head = it.seq;
        lane.oldest_ms = it.taken_ms;
        lane.link_up = false;
        lane.why = "no Rialto runs";
    }
    ++lane.waiting;
    return lane;
}

class offline
{
    boost::asio::io_context io_;
    std::unique_ptr<store> disk_;
    std::map<portal_key, place> places_;

public:
    explicit offline(const config& c)
    {
        open_options how;
        how.waiting.wait = false;
        disk_ = open_store(io_.get_executor(), c.database, how);
        for (auto& row : must(run_to_end(io_, disk_->portals()))) {
            auto& at = places_[row.key];
            at.portal = row.key;
            at.network = row.network;
            at.far_room = row.room.value;
            at.matrix_room = row.matrix_room;
        }
    }
    place where(portal_key key) const
    {
        const auto at = places_.find(key);
        return at == places_.end() ? place{} : at->second;
    }
    queue_view list(const std::string& room)
    {
        constexpr std::size_t page = 1000;
        const auto concerns = [&](const item& it) {
            return room.empty() || where(it.portal).matrix_room == room;
        };
        std::map<std::pair<portal_key, way>, queued_lane> lanes;
        for (position after = 0;;) {
            const auto some = must(run_to_end(io_, disk_->waiting(after, page)));
            for (const auto& it : some) {
                after = it.seq;
                if (concerns(it))
                    lane_of(it, where(it.portal), lanes);
            }
            if (some.size() < page)
                break;
        }
        queue_view out;
        for (auto& [key, lane] : lanes)
            out.lanes.push_back(std::move(lane));
        const auto dead = must(run_to_end(io_, disk_->dead(0, queue_keeper::most_listed + 1)));
        out.more_dead = dead.size() > queue_keeper::most_listed;
        for (const auto& it : dead)
            if (concerns(it) && out.dead.size() < queue_keeper::most_listed)
                out.dead.push_back(letter_of(it, where(it.portal), false));
        return out;
    }
    std::optional<letter> show(position seq, bool body)
    {
        const auto it = must(run_to_end(io_, disk_->get(seq)));
        if (!it || it->now == stage::sent || it->now == stage::withdrawn)
            return std::nullopt;
        return letter_of(*it, where(it->portal), body);
    }
};

int from_database(const queue_wish& w, const config& c, std::ostream& out, std::ostream& err)
{
    using what = queue_wish::what;
    if (w.is == what::retry || w.is == what::drop) {
        err << "rialto: no Rialto runs at " << running_rialto::url_of(c.appservice.admin)
            << ": start it, then ask again (the authors have to be told)\n";
        return held;
    }
    if (!std::filesystem::exists(c.database)) {
        err << "rialto: no Rialto runs, and there is no database " << c.database.string() << " yet\n";
        return configuration;
    }
    err << "rialto: no Rialto runs; this is what its database holds\n";
    offline db{c};
    if (w.is == what::list) {
        print(w, queue_json(db.list(w.room), now_ms()), 0, out);
        return done;
    }
    for (const auto number : w.numbers) {
        const auto one = db.show(number, w.body);
        if (!one) {
            err << "rialto: there is no message " << number << " that waits or died\n";
            return usage;
        }
        print(w, letter_json(*one, now_ms()), number, out);
    }
    return done;
}
}  // namespace

int run_queue(const queue_wish& w, std::ostream& out, std::ostream& err)
{
    using what = queue_wish::what;
    const auto settings = load_config(w.config);
    running_rialto other{settings};
    auto numbers = w.numbers;
    const bool one_request = w.is == what::list || w.is == what::retry;
    if (one_request)
        numbers.assign(1, 0);
    for (const auto number : numbers) {
        const auto reply = other.ask(request_for(w, number));
        if (!reply)
            return from_database(w, settings, out, err);
        if (reply->status != 200) {
            err << "rialto: " << refusal_in(*reply) << "\n";
            return usage;
        }
        print(w, reply->body, number, out);
    }
    return done;
}

}  // namespace rialto::cli
