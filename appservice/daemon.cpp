#include "appservice/daemon.hpp"

#include "appservice/admin.hpp"
#include "appservice/commands.hpp"
#include "appservice/homeserver.hpp"
#include "appservice/http_listener.hpp"
#include "appservice/media_service.hpp"
#include "appservice/media_store.hpp"
#include "appservice/routes_service.hpp"
#include "appservice/transactions.hpp"
#include "appservice/watcher.hpp"
#include "core/asio_clock.hpp"
#include "core/canary.hpp"
#include "core/config.hpp"
#include "core/hmac.hpp"
#include "core/hub.hpp"
#include "core/log.hpp"
#include "core/net/curl_loop.hpp"
#include "core/sqlite_store.hpp"
#include "registrations/load.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <list>

namespace rialto {

namespace {
namespace asio = boost::asio;
constexpr std::chrono::seconds drain{20};  // systemd's default is 90
constexpr std::uint64_t spool_files = 8;   // of the largest size, on their way at once

const backend_type& type_named(const std::string& name, const std::string& network)
{
    for (const auto& type : backend_types())
        if (type.name == name)
            return type;
    throw config_error("networks." + network + ".type: there is no '" + name + "' backend in this build");
}

// A backend knows its keys, the file knows where they stand: a human is told both.
std::unique_ptr<backend> make_backend(const config& c, const network_config& net, host& h)
{
    const auto& type = type_named(net.type, net.name);
    try {
        return type.make(h, *net.settings);
    } catch (const config_error& e) {
        const auto place = c.file.string() + ":" + std::to_string(net.line) + ": networks." + net.name + ": ";
        throw config_error{place + e.what()};
    }
}

// Everything that runs, in the order of need: what comes later refers to what comes earlier.
class daemon
{
    config config_;
    registrations::registration registration_;
    asio::io_context io_{1};
    asio_clock time_;
    std::unique_ptr<store> disk_;
    net::curl_loop http_{io_.get_executor()};
    names names_;
    directory who_;
    matrix::matrix_homeserver matrix_;
    media_spool spool_;
    matrix::media_files files_;
    matrix::matrix_media media_;
    std::unique_ptr<net::http_client> guarded_ = net::guarded_client(io_.get_executor());
    matrix::media_intake intake_;
    hub core_;
    matrix::media_service links_;
    matrix::command_desk desk_;
    matrix::marker marker_;
    matrix::watcher watcher_;
    matrix::transaction_endpoint pushed_;
    routes_service routes_;
    admin_service admin_;
    std::unique_ptr<http::listener> listener_, admin_listener_, media_listener_;
    asio::signal_set signals_{io_, SIGTERM, SIGINT};
    std::list<asio::cancellation_signal> stops_;  // of the networks
    std::size_t running_ = 0;
    const canary* canary_ = nullptr;  // the hub's
    bool homeserver_up_ = false;
    int code_ = cli::done;

public:
    daemon(config c, registrations::registration r, bool wait);
    int run();

private:
    std::vector<component> components() const;
    matrix::watch_rules watching();
    awaitable<void> start();
    awaitable<outcome> learn_secret();
    void listen();
    awaitable<void> greet();
    awaitable<void> stop_on_signal();
    void end(int code);
};

matrix::client_settings settings_of(const config& c, const registrations::registration& r, const names& n)
{
    return {c.homeserver.url, r.as_token, c.homeserver.server_name, n.bot(), r.id};
}

core_options options_of(const config& c, const names& n)
{
    core_options out;
    out.server_name = c.homeserver.server_name;
    out.bot = n.bot();
    out.order_by_sync = c.homeserver.order_by_sync;
    out.may_use = [allowed = c.permissions.use](std::string_view mxid) { return matches(allowed, mxid); };
    return out;
}

matrix::command_rules rules_of(const config& c, const names& n)
{
    matrix::command_rules out;
    out.permitted = c.permissions.bridge;
    out.permitted.insert(out.permitted.end(), c.permissions.admin.begin(), c.permissions.admin.end());
    out.admins = c.permissions.admin;
    for (const auto& net : c.networks) {
        out.networks.push_back(net.name);
        out.calls.emplace_back(net.name, net.name);
    }
    for (const auto& net : c.networks) {
        const auto alike = std::ranges::count(c.networks, net.type, &network_config::type);
        const auto called = std::ranges::count(c.networks, net.type, &network_config::name);
        if (alike == 1 && called == 0)
            out.calls.emplace_back(net.type, net.name);
    }
    out.may_use = [allowed = c.permissions.use](std::string_view mxid) { return matches(allowed, mxid); };
    out.bot = n.bot();
    return out;
}

std::vector<network_card> cards_of(const config& c)
{
    std::vector<network_card> out;
    for (const auto& net : c.networks)
        out.emplace_back(net.name, net.type, net.name);
    return out;
}

open_options lease_of(bool wait)
{
    open_options out;
    out.waiting.wait = wait;
    return out;
}

daemon::daemon(config c, registrations::registration r, bool wait)
    : config_{std::move(c)},
      registration_{std::move(r)},
      disk_{open_store(io_.get_executor(), config_.database, lease_of(wait))},
      names_{names_of(config_)},
      who_{*disk_, names_},
      matrix_{
          io_.get_executor(), http_, *disk_, settings_of(config_, registration_, names_),
          [this](std::string_view mxid) { return names_.is_ours(mxid); }
      },
      spool_{config_.database.parent_path(), spool_files * config_.media.most},
      files_{io_.get_executor(), matrix_.api(), spool_, time_, config_.media.most},
      media_{files_, matrix_.api(), spool_, http_, time_, config_.media.public_url, config_.media.link_lasts},
      intake_{
          matrix_.api(), net::guarded_fetch{*guarded_, http_, config_.media.fetch_allow}, spool_,
          config_.media.most
      },
      core_{io_.get_executor(), *disk_, matrix_, time_, who_, media_, options_of(config_, names_)},
      links_{files_, core_, time_},
      desk_{
          io_.get_executor(),
          matrix_,
          core_,
          core_,
          *disk_,
          time_,
          [this](std::string_view mxid) { return names_.is_ours(mxid); },
          rules_of(config_, names_)
      },
      marker_{matrix_, time_, names_.prefix() + "order"},
      watcher_{
          io_.get_executor(),
          matrix_.api(),
          core_,
          time_,
          [this](std::string_view mxid) { return names_.is_ours(mxid); },
          watching()
      },
      pushed_{
          core_, time_, [this](std::string_view mxid) { return names_.is_ours(mxid); },
          [this](const near_event& e) { return desk_.hears(e); }, [this] { return desk_.keep(); }
      },
      routes_{routes_service::parts{
          io_.get_executor(), registration_.hs_token, names_, cards_of(config_), core_, pushed_, time_
      }},
      admin_{
          [this] { return components(); },
          queue_endpoint{core_, time_, admin_token(registration_.as_token, registration_.hs_token)}
      }
{
    matrix_.bring_files_with(intake_);
    for (const auto& net : config_.networks)
        core_.add(net.name, [&](host& h) { return make_backend(config_, net, h); });
    if (config_.canary.every.count() > 0)
        core_.add(std::string{canary::network}, [this](host& h) {
            auto made = std::make_unique<canary>(h, time_, config_.canary, names_.bot());
            canary_ = made.get();
            return made;
        });
}

matrix::watch_rules daemon::watching()
{
    matrix::watch_rules out;
    out.bot = names_.bot();
    out.bot_reads = "@" + registration_.sender_localpart + ":" + names_.server() != names_.bot();
    out.for_bot = [this](const near_event& e, bool fresh) {
        return fresh ? desk_.hears(e) : desk_.concerns(e);
    };
    out.prepare = [this](std::string mxid) { return matrix_.ready(std::move(mxid)); };
    if (config_.homeserver.workers)
        out.set_mark = [this](std::string mxid) { return marker_.put(std::move(mxid)); };
    core_.on_wanted = [this] { watcher_.want(); };
    core_.on_disconnected = [this](bool just_used) { watcher_.lost(just_used); };
    return out;
}

std::vector<component> daemon::components() const
{
    std::vector<component> out;
    out.emplace_back("homeserver", homeserver_up_, homeserver_up_ ? "" : "not reached yet");
    for (auto& net : core_.report())
        if (net.network != canary::network)
            out.emplace_back(net.network, net.up, net.up ? "" : net.last_error);
    if (canary_) {
        auto why = canary_->complaint();
        out.emplace_back(std::string{canary::network}, why.empty(), why);
    }
    out.emplace_back("coverage", true, to_text(watcher_.covered()));
    return out;
}

void daemon::end(int code)
{
    code_ = code;
    io_.stop();
}

// Journal first, then the listeners, then the links: nothing is taken in before what waits is known.
awaitable<void> daemon::start()
{
    auto read = co_await core_.load();
    if (!read) {
        log::error("the journal cannot be read", "error", read.error().why);
        end(cli::fault);
        co_return;
    }
    auto secret = co_await learn_secret();
    if (!secret) {
        log::error("the secret of links cannot be kept", "error", secret.error().why);
        end(cli::fault);
        co_return;
    }
    listen();
    asio::co_spawn(io_, greet(), asio::detached);
    asio::co_spawn(io_, desk_.resume(), asio::detached);
    asio::co_spawn(io_, core_.tend(), asio::detached);
    for (const auto& name : core_.network_names()) {
        auto& stop = stops_.emplace_back();
        ++running_;
        auto ended = [this](std::exception_ptr) { --running_; };
        asio::co_spawn(io_, core_.run(name), asio::bind_cancellation_slot(stop.slot(), ended));
    }
    log::info("rialto runs", "version", RIALTO_VERSION, "networks", config_.networks.size());
}

// Made once; who has the database can make links, and has all else too.
awaitable<outcome> daemon::learn_secret()
{
    auto known = co_await disk_->note("_media/secret");
    if (!known)
        co_return known.error();
    auto secret = from_base64url(*known).value_or("");
    if (secret.empty()) {
        secret = random_secret();
        std::vector<store_change> change;
        change.emplace_back(put_note{"_media/secret", base64url(secret)});
        auto wrote = co_await disk_->commit(std::move(change));
        if (!wrote)
            co_return wrote.error();
    }
    media_.secret(secret);
    links_.secret(std::move(secret));
    co_return ok();
}

void daemon::listen()
{
    const auto ex = io_.get_executor();
    const auto& as = config_.appservice;
    listener_ = std::make_unique<http::listener>(ex, as.listen.host, as.listen.port, routes_);
    admin_listener_ = std::make_unique<http::listener>(ex, as.admin.host, as.admin.port, admin_);
    asio::co_spawn(io_, listener_->run(), asio::detached);
    asio::co_spawn(io_, admin_listener_->run(), asio::detached);
    if (config_.media.public_url.empty())
        return;
    http::limits strangers;
    strangers.body_bytes = 0;
    strangers.idle = std::chrono::seconds{30};
    const auto& at = config_.media.listen;
    media_listener_ = std::make_unique<http::listener>(ex, at.host, at.port, links_, strangers);
    asio::co_spawn(io_, media_listener_->run(), asio::detached);
}

// A homeserver that holds transactions back for us tries again at once when it is pinged.
awaitable<void> daemon::greet()
{
    backoff pause{std::chrono::seconds{30}};
    for (;;) {
        auto there = co_await matrix_.ready("");
        if (there)
            there = co_await matrix_.api().ping("start-" + std::to_string(to_ms(time_.now())));
        homeserver_up_ = static_cast<bool>(there);
        if (there)
            break;
        log::warn("the homeserver cannot be used yet", "error", there.error().why);
        const auto wait = pause.after_failure(time_.luck());
        co_await time_.sleep(wait);
    }
    log::info("homeserver reached", "url", config_.homeserver.url);
    asio::co_spawn(io_, watcher_.tend(), asio::detached);
}

awaitable<void> daemon::stop_on_signal()
{
    const int which = co_await signals_.async_wait(asio::use_awaitable);
    log::info("stopping", "signal", which);
    listener_->stop();  // no new intake; what was begun is answered
    if (media_listener_)
        media_listener_->stop();
    core_.stop();  // what is in flight ends, the rest waits on disk
    const auto until = time_.now() + drain;
    while (core_.sending() > 0 && time_.now() < until) {
        const std::chrono::milliseconds moment{20};
        co_await time_.sleep(moment);
    }
    for (auto& stop : stops_)
        stop.emit(asio::cancellation_type::terminal);
    for (int i = 0; i < 100 && running_ > 0; ++i) {
        const std::chrono::milliseconds moment{20};
        co_await time_.sleep(moment);
    }
    end(cli::done);
}

int daemon::run()
{
    asio::co_spawn(io_, start(), [](std::exception_ptr failed) {
        if (failed)
            std::rethrow_exception(failed);
    });
    asio::co_spawn(io_, stop_on_signal(), asio::detached);
    io_.run();
    log::info("rialto ended", "waiting", core_.waiting());
    disk_.reset();      // what was asked of it is finished
    std::_Exit(code_);  // frames that still wait are dropped whole: after a crash it would be no different
}

}  // namespace

int run_daemon(const cli::run_options& options)
{
    ::umask(077);
    auto settings = load_config(options.config);
    log::start(settings.log.least, settings.log.file);
    auto registration = registrations::load(settings);
    for (const auto& w : registration.warnings)
        log::warn("registration", "what", w.what, "remedy", w.remedy);
    daemon all{std::move(settings), std::move(registration.it), options.wait};
    return all.run();
}

}  // namespace rialto
