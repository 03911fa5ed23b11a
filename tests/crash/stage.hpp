// tests/crash/stage.hpp: the world of the test: a fake homeserver and a fake XMPP server that outlive every
// Rialto, alice on one side and dan on the other, a room and a chat between them, and the Rialto under test
// with its database. One io_context thread, run only while something is waited for.
#pragma once

#include "tests/crash/ledger.hpp"
#include "tests/crash/person.hpp"
#include "tests/crash/victim.hpp"
#include "tests/fakes/hs/homeserver.hpp"
#include "tests/fakes/xmpp/server.hpp"

#include <map>
#include <memory>

namespace rialto::crash {

struct stage_options
{
    std::filesystem::path directory;  // empty, for the database, the configuration and the log
    fakes::xmpp::personality far = fakes::xmpp::personality::prosody;
    std::string log_level = "warn";
    stage_options() = default;
};

class stage
{
public:
    explicit stage(stage_options o);  // bridges a room and begins a chat; throws std::runtime_error
    stage(const stage&) = delete;
    stage& operator=(const stage&) = delete;

    bool until(const std::function<bool()>& so, std::chrono::milliseconds most);  // true milliseconds
    void pass(std::chrono::milliseconds time);

    // What people do. Lanes: "alice-room", "dan-room", "alice-chat", "dan-chat"; texts are unique. An edit
    // puts its text in place of that of a message, which is `amends`.
    void say(const std::string& lane, const std::string& text, const std::string& amends = {});
    void retract(const std::string& lane, const std::string& text);  // alice takes back what she said

    // What the two servers hold, since begin(), of texts that begin with `mark`.
    void begin();
    ledgers read(const std::string& mark) const;
    bool homeserver_idle() const;
    void refuse_sync();  // until the next begin()
    void calm();         // no accidents that were asked for are still to come

    victim& rialto() { return *rialto_; }
    fakes::hs::homeserver& homeserver() { return homeserver_; }
    fakes::xmpp::server& far() { return far_; }

private:
    fakes::http_reply ask(const std::string& method, const std::string& path, const std::string& body);
    void configure();
    void dan_returns();  // after the XMPP server was away
    void bridge_room();
    void begin_chat();
    void read_matrix(const std::string& room, const std::string& name, const std::string& mark, ledgers& all)
        const;
    void read_far_room(const std::string& mark, ledgers& all) const;
    void read_inbox(const std::string& mark, ledgers& all) const;
    void settle_amendments(ledgers& all) const;

    stage_options options_;
    boost::asio::io_context io_{1};
    fakes::hs::homeserver homeserver_;
    fakes::xmpp::server far_;
    person dan_;
    std::unique_ptr<victim> rialto_;
    std::string room_, chat_;  // Matrix rooms
    std::vector<std::string> said_to_chat_;
    std::map<std::string, std::string> events_;   // alice's, by their texts
    std::map<std::string, std::string> texts_;    // … by their events, where a redaction leaves no text
    std::map<std::string, std::string> amended_;  // the texts that edits replace, by theirs
    bool no_sync_ = false;
    std::size_t inbox_from_ = 0, archive_from_ = 0, txn_ = 0;
    std::int64_t began_ = 0;  // in the homeserver's stream
};

}  // namespace rialto::crash
