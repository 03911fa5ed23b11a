// tests/crash/person.hpp: somebody on XMPP with a simple client: talks in a room and one to one, writes down
// what comes. One io_context thread; connect() and join() run it until they are done.
#pragma once

#include "tests/fakes/xmpp/server.hpp"

#include <boost/asio/io_context.hpp>

#include <array>
#include <memory>

namespace rialto::crash {

class person
{
public:
    struct heard
    {
        std::string kind, from, id, text;  // kind: chat, groupchat, error, receipt
        std::string retracts;              // the id of another (XEP-0424)
        heard() = default;
    };

    // login: SASL PLAIN's answer (RFC 4616), in base64.
    person(boost::asio::io_context& io, std::string name, std::string domain, std::string login);

    bool connect(std::uint16_t c2s);  // false: the server went away meanwhile
    bool join(const std::string& room);
    // The text is the id; `amends`, too: of the message whose text it replaces (XEP-0308), "" for none.
    void say(
        const std::string& to, const std::string& kind, const std::string& text, const std::string& amends
    );
    bool left() const { return broken_; }  // the link is gone
    const std::string& name() const { return name_; }

    std::vector<heard> inbox;

private:
    struct wire;
    void take(const fakes::xmpp::element& e);
    bool until(const std::function<bool()>& so);

    boost::asio::io_context& io_;
    std::string name_, domain_, login_;
    std::shared_ptr<wire> wire_;
    bool broken_ = false;
    std::size_t answers_ = 0, subjects_ = 0;
};

}  // namespace rialto::crash
