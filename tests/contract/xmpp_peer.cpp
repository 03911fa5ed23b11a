// The XMPP backend under contract: a room or a chat on the fake server in one of its personalities, with a
// client that shows what a far person sees.
#include "tests/contract/peers.hpp"

#include "bridges/xmpp/xmpp_backend.hpp"
#include "tests/fakes/xmpp/server.hpp"
#include "tests/unit/fakes/xmpp_fixture.hpp"

#include <nlohmann/json.hpp>

namespace rialto::contract {
namespace {

using fakes::xmpp::element;

const std::string orchard = "orchard@conference.localhost", bridge = "bridge.localhost";

fakes::xmpp::options on(xmpp_server at)
{
    fakes::xmpp::options out;
    if (at == xmpp_server::ejabberd)
        out.as = fakes::xmpp::personality::ejabberd;
    return out;
}

class xmpp_peer final : public contract_peer
{
    xmpp_place where_;
    fakes::xmpp::server far_;
    std::unique_ptr<fakes::tap> tap_;
    std::unique_ptr<fakes::peer> romeo_;
    std::string puppet_;  // whom a chat is with

    void log_in(boost::asio::io_context& io)
    {
        static const std::string open =
            "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
            "to='localhost' version='1.0'>";
        auto& p = *(romeo_ = std::make_unique<fakes::peer>(io, far_.c2s_port()));
        p.send(open);
        p.wait([&] { return p.got.size() == 1; });
        p.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AHJvbWVvAHB3</auth>");
        p.wait([&] { return p.got.size() == 2; });
        p.new_stream();
        p.send(open);
        p.wait([&] { return p.got.size() == 3; });
        p.send(
            "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource>"
            "</bind></iq>"
        );
        p.answer("iq", "b");
        p.send("<presence/>");
    }

public:
    xmpp_peer(boost::asio::io_context& io, xmpp_place where, xmpp_server at)
        : where_{where}, far_{io.get_executor(), on(at)}
    {
        far_.add_user("romeo", "pw");
        far_.rooms().make(orchard);
        far_.start();
        tap_ = std::make_unique<fakes::tap>(io.get_executor(), far_.component_port());
        log_in(io);
    }

    habits about() const override
    {
        habits out;
        out.keeps = where_ == xmpp_place::room;  // XEP-0313; nobody keeps what was said to a component
        out.acknowledges = out.repeats_by_id = where_ == xmpp_place::chat;
        return out;
    }
    std::unique_ptr<backend> make(host& h) override
    {
        nlohmann::json config{{"host", "127.0.0.1"}, {"domain", bridge}, {"secret", "secret"}};
        config["port"] = tap_->port();
        return xmpp::make(h, config);
    }
    wish wanted(person asker) const override
    {
        const bool chat = where_ == xmpp_place::chat;
        wish out{std::move(asker), chat ? kind::direct : kind::group};
        out.addresses.push_back(chat ? "romeo@localhost" : orchard);
        return out;
    }
    std::vector<native> authors() const override
    {
        std::vector<native> out;
        out.emplace_back(native::what::person, "alice", "hs.example", "Alice");
        if (where_ == xmpp_place::room)
            out.emplace_back(native::what::person, "bob", "hs.example", "Bob");
        return out;
    }
    void enter() override
    {
        if (where_ == xmpp_place::chat)
            return;
        romeo_->send(
            "<presence to='" + orchard + "/romeo'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
        );
        romeo_->wait([&] { return romeo_->find(fakes::Xmpp::is_subject) != nullptr; });
    }
    void say(std::string text) override
    {
        const bool chat = where_ == xmpp_place::chat;
        const std::string to = chat ? "alice_hs.example@" + bridge : orchard;
        romeo_->send(
            "<message to='" + to + "' type='" + (chat ? "chat" : "groupchat") + "' id='" + text + "'><body>" +
            text + "</body><request xmlns='urn:xmpp:receipts'/></message>"
        );
    }
    std::vector<heard> hears() const override
    {
        std::vector<heard> out;
        const std::string type = where_ == xmpp_place::chat ? "chat" : "groupchat";
        for (const auto& e : romeo_->got)
            if (e.name == "message" && e.get("type") == type && e.find("body", "") &&
                e.get("from") != orchard + "/romeo")
                out.emplace_back(e.get("id"), e.child_text("body", ""));
        return out;
    }
    bool acknowledged(std::string_view text) const override
    {
        return romeo_->find([&](const element& e) {
            const auto* receipt = e.find("received", "urn:xmpp:receipts");
            return receipt != nullptr && receipt->get("id") == text;
        }) != nullptr;
    }
    bool told_to_wait(std::string_view text) const override
    {
        return romeo_->find([&](const element& e) {
            return e.name == "message" && e.get("type") == "error" && e.get("id") == text;
        }) != nullptr;
    }
    fakes::tap* wire() override { return tap_.get(); }
};

}  // namespace

peer_type::maker xmpp_peers(xmpp_place where, xmpp_server at)
{
    return [where, at](boost::asio::io_context& io, test::ledger&) {
        return std::make_unique<xmpp_peer>(io, where, at);
    };
}

}  // namespace rialto::contract
