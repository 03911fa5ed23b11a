#include "tests/crash/stage.hpp"

#include "appservice/cli_main.hpp"
#include "core/backend.hpp"
#include "tests/crash/seams.hpp"

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace rialto::crash {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr const char* alice = "@alice:near.test";
constexpr const char* bot = "@_rialto_bot:near.test";
constexpr const char* muc = "orchard@rooms.far.test";
constexpr std::chrono::seconds patience{20};

fakes::hs::options near_options()
{
    fakes::hs::options o;
    o.name = "near.test";
    return o;
}

fakes::xmpp::options far_options(fakes::xmpp::personality as)
{
    fakes::xmpp::options o;
    o.as = as;
    o.domain = "far.test";
    o.muc = "rooms.far.test";
    o.kick_old = as == fakes::xmpp::personality::prosody;
    o.nonanonymous =
        as == fakes::xmpp::personality::ejabberd;  // as ejabberd 23.01, without mod_muc_occupantid
    o.occupant_id = as == fakes::xmpp::personality::prosody;
    return o;
}

std::string free_port(asio::io_context& io)
{
    const asio::ip::tcp::acceptor any{io, {asio::ip::address_v4::loopback(), 0}};
    return std::to_string(any.local_endpoint().port());
}

void run_command(const std::vector<std::string>& arguments)
{
    cli::hooks with;
    for (const auto& type : backend_types())
        with.types.emplace_back(std::string{type.name}, std::string{type.example_config});
    std::vector<const char*> argv{"rialto"};
    for (const auto& a : arguments)
        argv.push_back(a.c_str());
    std::ostringstream said;
    if (cli::run_cli(static_cast<int>(argv.size()), argv.data(), with, said, said) != 0)
        throw std::runtime_error{said.str()};
}

void replace_in(const std::filesystem::path& file, const std::string& what, const std::string& by)
{
    std::ifstream in{file};
    std::ostringstream all;
    all << in.rdbuf();
    auto text = all.str();
    text.replace(text.find(what), what.size(), by);
    std::ofstream{file} << text;
}

}  // namespace

stage::stage(stage_options o)
    : options_{std::move(o)},
      homeserver_{io_.get_executor(), near_options()},
      far_{io_.get_executor(), far_options(options_.far)},
      dan_{io_, "dan", "far.test", "AGRhbgBkYW4="}
{
    far_.add_user("dan", "dan");
    far_.rooms().make(muc);
    far_.start();
    homeserver_.start();
    homeserver_.make_user("alice", "alice");
    configure();
    rialto_ = std::make_unique<victim>(io_, options_.directory / "config.yaml", options_.directory / "log");
    rialto_->start(plan{});
    dan_returns();
    bridge_room();
    begin_chat();
    rialto_->terminate();
    if (!until([&] { return !rialto_->running(); }, patience))
        throw std::runtime_error{"rialto does not end"};
}

bool stage::until(const std::function<bool()>& so, std::chrono::milliseconds most)
{
    const auto end = true_time() + most;
    while (!so() && true_time() < end) {
        if (dan_.left())
            dan_returns();
        io_.run_one_for(std::chrono::milliseconds{200});
        io_.poll();
    }
    return so();
}

void stage::pass(std::chrono::milliseconds time)
{
    until([] { return false; }, time);
}

void stage::configure()
{
    const auto folder = options_.directory.string();
    const std::string network = "far=xmpp,host=127.0.0.1,port=" + std::to_string(far_.component_port()) +
                                ",domain=bridge.far.test,secret=secret,muc=rooms.far.test";
    run_command(
        {"init", "--homeserver", homeserver_.url(), "--server-name", "near.test", "--network", network,
         "--directory", folder, "--listen", "127.0.0.1:" + free_port(io_), "--admin-listen",
         "127.0.0.1:" + free_port(io_)}
    );
    const auto config = options_.directory / "config.yaml";
    replace_in(config, "level: info", "level: " + options_.log_level);
    // Its probes would move every operation that is counted.
    replace_in(config, "database: rialto.db", "database: rialto.db\n\ncanary:\n  every: \"off\"");
    run_command({"registration", "--config", config.string()});
    homeserver_.add(fakes::hs::registration_from_file((options_.directory / "registration.yaml").string()));
    homeserver_.restart();
}

fakes::http_reply stage::ask(const std::string& method, const std::string& path, const std::string& body)
{
    std::optional<fakes::http_reply> got;
    asio::co_spawn(
        io_, homeserver_.ask(alice, method, path, body),
        [&](std::exception_ptr, fakes::http_reply r) { got = std::move(r); }
    );
    until([&] { return got.has_value(); }, patience);
    if (!got || got->status != 200)
        throw std::runtime_error{method + ' ' + path + ": " + (got ? got->body : "no answer")};
    return *got;
}

void stage::dan_returns()
{
    for (int i = 0; i < 10; ++i)  // it may go away again meanwhile
        if (dan_.connect(far_.c2s_port()) && dan_.join(muc))
            return;
    throw std::runtime_error{"dan cannot log in or enter the room"};
}

void stage::bridge_room()
{
    if (!until([&] { return far_.components() > 0; }, patience))
        throw std::runtime_error{"rialto does not reach the XMPP server"};
    const json wish{{"preset", "public_chat"}, {"invite", {bot}}};
    room_ = json::parse(ask("POST", "/createRoom", wish.dump()).body).at("room_id");
    auto* room = homeserver_.data().find_room(room_);
    if (!until([&] { return room->membership(bot) == "join"; }, patience))
        throw std::runtime_error{"the bot does not come"};
    const auto joined = [&] {
        return std::any_of(room->timeline.begin(), room->timeline.end(), [](const auto* e) {
            return e->sender == bot && e->content.find("is now joined") != std::string::npos;
        });
    };
    for (int i = 0; i < 20 && !joined(); ++i) {  // it may have to be asked again: its link is not up at once
        say("alice-room", std::string{"!rialto bridge far "} + muc);
        until(joined, std::chrono::milliseconds{500});
    }
    if (!joined())
        throw std::runtime_error{"the bot does not bridge the room"};
}

void stage::begin_chat()
{
    const std::string ghost = "@_rialto_far_dan=40far.test:near.test";
    const json wish{{"preset", "trusted_private_chat"}, {"is_direct", true}, {"invite", {ghost}}};
    chat_ = json::parse(ask("POST", "/createRoom", wish.dump()).body).at("room_id");
    auto* room = homeserver_.data().find_room(chat_);
    if (!until([&] { return room->membership(ghost) == "join"; }, patience))
        throw std::runtime_error{"dan's ghost does not come"};
    say("alice-chat", "hello");
    const auto heard = [&] { return !dan_.inbox.empty() && dan_.inbox.back().text == "hello"; };
    if (!until(heard, patience))
        throw std::runtime_error{"dan hears nothing"};
}

void stage::say(const std::string& lane, const std::string& text, const std::string& amends)
{
    if (!amends.empty())
        amended_[text] = amends;
    if (lane == "dan-room") {
        dan_.say(muc, "groupchat", text, amends);
        return;
    }
    if (lane == "dan-chat") {
        said_to_chat_.push_back(text);
        dan_.say("alice_near.test@bridge.far.test", "chat", text, amends);
        return;
    }
    json content{{"msgtype", "m.text"}, {"body", text}};
    if (const auto target = events_.find(amends); target != events_.end())
        content = {
            {"msgtype", "m.text"},
            {"body", "* " + text},
            {"m.new_content", content},
            {"m.relates_to", {{"rel_type", "m.replace"}, {"event_id", target->second}}}
        };
    const auto& room = lane == "alice-room" ? room_ : chat_;
    const auto path = "/rooms/" + room + "/send/m.room.message/t" + std::to_string(++txn_);
    const std::string event = json::parse(ask("PUT", path, content.dump()).body).at("event_id");
    events_[text] = event;
    texts_[event] = text;
}

void stage::retract(const std::string& lane, const std::string& text)
{
    const auto& room = lane == "alice-room" ? room_ : chat_;
    const auto target = events_.find(text);
    if (target != events_.end())
        ask("PUT", "/rooms/" + room + "/redact/" + target->second + "/t" + std::to_string(++txn_), "{}");
}

void stage::refuse_sync()
{
    no_sync_ = true;
    fakes::fault f{"sync", fakes::fault::act::status};
    f.status = 403;
    f.body = R"({"errcode":"M_FORBIDDEN","error":"no /sync for services"})";
    f.times = 1'000'000;
    homeserver_.faults().add(std::move(f));
}

void stage::calm()
{
    homeserver_.faults().clear();
    homeserver_.service(0).faults.clear();
    homeserver_.service(0).overlook_next(false);
    far_.faults().clear();
    if (no_sync_)
        refuse_sync();
}

bool stage::homeserver_idle() const
{
    auto& service = const_cast<fakes::hs::homeserver&>(homeserver_).service(0);
    return service.queued() == 0 && service.disk().unsent.empty();
}

}  // namespace rialto::crash
