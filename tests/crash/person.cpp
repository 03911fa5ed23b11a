#include "tests/crash/person.hpp"

#include "tests/crash/seams.hpp"

#include <boost/asio/write.hpp>

namespace rialto::crash {

namespace asio = boost::asio;
using fakes::xmpp::element;
using fakes::xmpp::escaped;
using fakes::xmpp::stream_parser;

struct person::wire : std::enable_shared_from_this<wire>
{
    asio::ip::tcp::socket socket;
    stream_parser parser;
    std::array<char, 16'384> in{};
    std::function<void()> gone;

    wire(asio::io_context& io, stream_parser::handler h) : socket{io}, parser{std::move(h)} {}
    void read()
    {
        socket.async_read_some(asio::buffer(in), [self = shared_from_this()](auto ec, std::size_t n) {
            if (!ec && self->parser.feed({self->in.data(), n}).empty())
                return self->read();
            if (self->gone)
                self->gone();
        });
    }
    void send(const std::string& xml)
    {
        boost::system::error_code ignored;
        asio::write(socket, asio::buffer(xml), ignored);
    }
};

person::person(asio::io_context& io, std::string name, std::string domain, std::string login)
    : io_{io}, name_{std::move(name)}, domain_{std::move(domain)}, login_{std::move(login)}
{
}

bool person::until(const std::function<bool()>& so)
{
    const auto end = true_time() + std::chrono::seconds{10};
    while (!so() && !broken_ && true_time() < end)
        io_.run_one_for(std::chrono::seconds{1});
    return so();
}

bool person::connect(std::uint16_t c2s)
{
    stream_parser::handler h;
    h.opened = [](const element&) {};
    h.stanza = [this](const element& e) { take(e); };
    h.closed = [] {};
    if (wire_)
        wire_->gone = nullptr;
    wire_ = std::make_shared<wire>(io_, std::move(h));
    wire_->gone = [this] { broken_ = true; };
    broken_ = false;
    boost::system::error_code refused;
    wire_->socket.connect({asio::ip::address_v4::loopback(), c2s}, refused);
    if (refused)
        return false;
    wire_->read();
    answers_ = 0;
    const std::string open =
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='" +
        domain_ + "' version='1.0'>";
    wire_->send(open);
    until([&] { return answers_ == 1; });
    wire_->send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + login_ + "</auth>");
    until([&] { return answers_ == 2; });
    wire_->parser.reset();
    wire_->send(open);
    until([&] { return answers_ == 3; });
    wire_->send(
        "<iq type='set' id='b'><bind "
        "xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>"
    );
    if (!until([&] { return answers_ == 4; }))
        return false;
    wire_->send("<presence/>");
    return true;
}

bool person::join(const std::string& room)
{
    const auto before = subjects_;
    wire_->send(
        "<presence to='" + room + '/' + name_ +
        "'><x xmlns='http://jabber.org/protocol/muc'><history maxchars='0'/></x></presence>"
    );
    return until([&] { return subjects_ > before; });
}

void person::say(
    const std::string& to, const std::string& kind, const std::string& text, const std::string& amends
)
{
    const auto replaced =
        amends.empty() ? "" : "<replace xmlns='urn:xmpp:message-correct:0' id='" + amends + "'/>";
    wire_->send(
        "<message to='" + to + "' type='" + kind + "' id='" + text + "'><body>" + escaped(text) +
        "</body><request xmlns='urn:xmpp:receipts'/><origin-id xmlns='urn:xmpp:sid:0' id='" + text + "'/>" +
        replaced + "</message>"
    );
}

void person::take(const element& e)
{
    if (e.name != "message" && e.name != "presence") {
        ++answers_;
        return;
    }
    if (e.name != "message")
        return;
    if (e.find("subject", "") && !e.find("body", "")) {
        ++subjects_;
        return;
    }
    heard h;
    h.kind = e.get("type");
    h.from = e.get("from");
    h.id = e.get("id");
    if (const auto* receipt = e.find("received", "urn:xmpp:receipts")) {
        h.kind = "receipt";
        h.id = receipt->get("id");
    }
    if (const auto* gone = e.find("retract", "urn:xmpp:message-retract:1"))
        h.retracts = gone->get("id");
    h.text = e.child_text("body", "");
    inbox.push_back(std::move(h));
}

}  // namespace rialto::crash
