// tests/fakes/xmpp/server.hpp: an XMPP server as a component and simple clients meet it: c2s, components
// (XEP-0114), rooms (XEP-0045) with an archive, offline errors, and accidents. Two personalities, each as
// measured. No TLS. One io_context thread; all luck is seeded.
//
//     fakes::xmpp::server far{io.get_executor(), options{}};
//     far.add_user("alice", "pw");
//     far.start();                         // far.component_port(), far.c2s_port()
//     far.faults().add({"groupchat", fault::act::lose});
//     far.cut_components(40);              // 40 bytes more, then the link breaks
//     far.restart();
#pragma once

#include "tests/fakes/net/http.hpp"
#include "tests/fakes/xmpp/jid.hpp"
#include "tests/fakes/xmpp/link.hpp"
#include "tests/fakes/xmpp/muc.hpp"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <random>
#include <set>

namespace rialto::fakes::xmpp {

enum class personality
{
    prosody,   // refuses a second link of a component, random stanza ids, answers without bodies
    ejabberd,  // accepts it and splits the stanzas at random; stricter about addresses
};

struct options
{
    personality as = personality::prosody;
    std::string domain = "localhost", muc = "conference.localhost", upload = "upload.localhost";
    std::string secret = "secret";
    std::set<std::string> components;  // allowed domains; empty: any
    std::uint64_t seed = 1;
    bool nonanonymous = false;  // of new rooms: everybody sees real JIDs
    bool kick_old = false;      // Prosody: component_conflict_resolve
    bool occupant_id = true, mam = true, self_ping = true, room_locking = false;
    bool component_may_create = true;                    // Debian's access rules say no
    bool rooms_survive = true, archive_survives = true;  // a restart; rooms: persistent ones only
    std::size_t history = 20, max_users = 200;
    std::size_t largest = 0;  // stanza; 0: as the personality (512 KiB, 10 MiB)
    options() = default;
};

class server : private link::owner
{
public:
    server(boost::asio::any_io_executor ex, options o);
    ~server() override;
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    void start(std::uint16_t c2s = 0, std::uint16_t component = 0, std::uint16_t http = 0);
    void kill();
    void restart();  // on the same ports
    std::uint16_t c2s_port() const { return c2s_.port; }
    std::uint16_t component_port() const { return component_.port; }
    std::uint16_t http_port() const { return http_.port(); }

    void add_user(const std::string& name, const std::string& password) { users_[name].password = password; }
    fake_time& time() { return time_; }
    fault_plan& faults() { return faults_; }
    muc_service& rooms() { return rooms_; }
    const options& settings() const { return options_; }
    nlohmann::json control(const nlohmann::json& order);  // docs at the definition; throws std::exception

    // Accidents. Those that name no link mean all links there are now; later ones are sound.
    void cut_components(std::size_t after_bytes = 0);
    void cut_clients(std::size_t after_bytes = 0);
    void stall(bool on);  // nothing is read from them
    std::size_t components() const;
    std::size_t clients() const;

    // For the parts of the server.
    enum class found
    {
        yes,
        no_user,
        no_server
    };
    void route(element stanza);                          // with `from` and `to`
    found deliver(const jid& to, std::string_view xml);  // no bounce
    void bounce(
        const element& stanza, std::string_view type, std::string_view condition, std::string_view text = {}
    );
    element answer_to(const element& iq) const;  // an empty result
    std::string fresh_id(std::size_t length = 16);
    bool ejabberd() const { return options_.as == personality::ejabberd; }
    bool is_component(const std::string& domain) const { return !ours(domain); }

private:
    struct user
    {
        std::string password;
        std::set<std::string> watchers;  // who may see the presence
        user() = default;
    };
    struct listener
    {
        std::shared_ptr<boost::asio::ip::tcp::acceptor> acceptor;
        std::uint16_t port = 0;
        listener() = default;
    };

    void listen(listener& l, std::uint16_t port, xmpp::port kind);
    awaitable<void> accept_all(std::shared_ptr<boost::asio::ip::tcp::acceptor> at, xmpp::port kind);

    void opened(link& l, element stream) override;
    void stanza(link& l, element e) override;
    void gone(link& l) override;

    void component_opened(link& l, const element& stream);
    void component_stanza(link& l, element e);
    void handshake(link& l, const element& e);
    void client_opened(link& l);
    void client_stanza(link& l, element e);
    void authenticate(link& l, const element& e);
    void bind(link& l, const element& iq);
    void client_presence(link& l, element e);
    void leave_all(link& l);

    bool ours(const std::string& domain) const;
    void accept_stanza(element stanza);  // faults, then route
    void to_user(element stanza, const jid& to);
    void to_server(const element& iq);
    void user_iq(const element& iq, const jid& to);
    void user_presence(element stanza, const jid& to);
    void to_upload(const element& iq);
    awaitable<http_reply> serve_upload(http_request r);
    found to_component(const std::string& domain, std::string_view xml);
    link* client(const std::string& bare, const std::string& resource);

    boost::asio::any_io_executor executor_;
    options options_;
    fake_time time_;
    fault_plan faults_;
    std::mt19937_64 luck_;
    std::map<std::string, user> users_;
    std::map<std::string, std::string> uploads_;
    std::set<link_ptr> links_;
    std::set<std::string> seen_;  // domains of components that have been here
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::map<std::string, std::vector<link*>> components_;         // domain: its links
    std::map<std::string, std::map<std::string, link*>> clients_;  // bare, resource
    listener c2s_, component_;
    http_server http_;
    muc_service rooms_;
};

std::string digest_of(const std::string& stream_id, const std::string& secret);  // XEP-0114 §3: SHA-1, hex
element stanza_error(
    const element& of, std::string_view type, std::string_view condition, std::string_view text,
    bool with_content
);
extern const char* const stanzas_ns;

}  // namespace rialto::fakes::xmpp
