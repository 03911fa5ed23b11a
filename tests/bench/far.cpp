#include "tests/bench/far.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace rialto::bench {

namespace asio = boost::asio;
using boost::asio::awaitable;
using tcp = asio::ip::tcp;

namespace {

std::string joined(std::initializer_list<std::string_view> parts)
{
    std::string out;
    for (const auto part : parts)
        out.append(part);
    return out;
}

std::string_view bare(std::string_view jid) { return jid.substr(0, jid.find('/')); }
std::string_view resource(std::string_view jid)
{
    const auto slash = jid.find('/');
    return slash == jid.npos ? std::string_view{} : jid.substr(slash + 1);
}
std::string nick_of(std::size_t person) { return "p" + std::to_string(person); }

// Everybody's real address is shown, as in rooms of organisations.
std::string presence_of(
    std::string_view room, std::string_view nick, std::string_view real, std::string_view to
)
{
    const bool own = real == to;
    return joined(
        {"<presence from='", room, "/", nick, "' to='", to,
         "'><x xmlns='http://jabber.org/protocol/muc#user'>",
         "<item affiliation='none' role='participant' jid='", real, "'/>", own ? "<status code='110'/>" : "",
         "</x></presence>"}
    );
}

constexpr std::string_view room_traits =
    "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='conference' type='text' "
    "name='Rialto'/>"
    "<feature var='http://jabber.org/protocol/muc'/><feature var='urn:xmpp:mam:2'/><feature "
    "var='urn:xmpp:sid:0'/>"
    "<feature var='muc_nonanonymous'/></query>";
constexpr std::string_view no_rows =
    "<fin xmlns='urn:xmpp:mam:2' complete='true'><set xmlns='http://jabber.org/protocol/rsm'/></fin>";

}  // namespace

far_server::far_server(asio::io_context& io)
    : io_{io}, acceptor_{io, {asio::ip::address_v4::loopback(), 0}}, port_{acceptor_.local_endpoint().port()}
{
    asio::co_spawn(io_, [this] { return accept_all(); }, asio::detached);
}

awaitable<void> far_server::accept_all()
{
    for (;;) {
        auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay{true});
        auto l = std::make_shared<link>(std::move(socket));
        asio::co_spawn(io_, [this, l] { return serve(l); }, asio::detached);
    }
}

awaitable<void> far_server::serve(std::shared_ptr<link> l)
{
    stanza_cutter cutter;
    std::vector<char> room(256 * 1024);
    link_ = l;
    const auto opened = [this](std::string_view) {
        send(
            "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
            "xmlns:stream='http://etherx.jabber.org/streams' id='bench' from='bridge.far.test'>"
        );
    };
    const auto each = [this](std::string_view stanza) { take(stanza); };
    for (;;) {
        boost::system::error_code ec;
        const auto n = co_await l->socket.async_read_some(
            asio::buffer(room), asio::redirect_error(asio::use_awaitable, ec)
        );
        if (ec)
            break;
        cutter.feed(std::string_view{room.data(), n}, opened, each);
    }
    if (link_ == l)
        link_.reset();
    rooms_.clear();
    joins = archives_asked = 0;
}

awaitable<void> far_server::flush(std::shared_ptr<link> l)
{
    while (!l->out.empty()) {
        const auto now = std::exchange(l->out, {});
        boost::system::error_code ec;
        co_await asio::async_write(
            l->socket, asio::buffer(now), asio::redirect_error(asio::use_awaitable, ec)
        );
        if (ec)
            break;
    }
    l->writing = false;
}

void far_server::send(std::string_view xml)
{
    if (!link_)
        return;
    link_->out.append(xml);
    if (std::exchange(link_->writing, true))
        return;
    asio::co_spawn(io_, [l = link_] { return flush(l); }, asio::detached);
}

void far_server::take(std::string_view stanza)
{
    if (stanza.starts_with("<handshake"))
        send("<handshake/>");
    else if (stanza.starts_with("<iq"))
        take_iq(stanza);
    else if (stanza.starts_with("<presence"))
        take_presence(stanza);
    else if (stanza.starts_with("<message") && attribute_of(stanza, "type") == "groupchat")
        take_groupchat(stanza);
}

void far_server::take_iq(std::string_view iq)
{
    const auto type = attribute_of(iq, "type"), to = attribute_of(iq, "to");
    if (bare(to).ends_with("bridge.far.test"))
        return send(iq);  // to itself: the fence
    if (type != "get" && type != "set")
        return;
    std::string_view answer;
    if (iq.find("disco#info") != iq.npos)
        answer = room_traits;
    else if (iq.find("urn:xmpp:mam") != iq.npos) {
        answer = no_rows;
        ++archives_asked;
    }
    send(joined(
        {"<iq type='result' id='", attribute_of(iq, "id"), "' from='", to, "' to='", attribute_of(iq, "from"),
         "'>", answer, "</iq>"}
    ));
}

void far_server::take_presence(std::string_view presence)
{
    const std::string to{attribute_of(presence, "to")}, from{attribute_of(presence, "from")};
    const std::string at{bare(to)}, nick{resource(to)};
    if (nick.empty() || presence.find("protocol/muc'") == presence.npos)
        return;
    auto& in = rooms_[at];
    const bool first = in.empty();
    for (std::size_t i = 0; i < members; ++i)
        if (first)
            send(presence_of(at, nick_of(i), nick_of(i) + "@far.test", from));
    for (const auto& o : in)
        send(presence_of(at, nick, from, o.full));
    in.emplace_back(from, nick);
    ++joins;
    send(presence_of(at, nick, from, from));
    send(joined({"<message type='groupchat' from='", at, "' to='", from, "'><subject/></message>"}));
}

void far_server::take_groupchat(std::string_view message)
{
    const std::string at{attribute_of(message, "to")};
    const auto from = attribute_of(message, "from");
    if (heard)
        heard(body_of(message));
    const auto room = rooms_.find(at);
    if (room == rooms_.end())
        return;
    const auto begin = message.find('>') + 1, end = message.rfind("</");
    for (const auto& o : room->second)
        if (o.full == from)
            return broadcast(at, o.nick, attribute_of(message, "id"), message.substr(begin, end - begin));
}

void far_server::broadcast(
    const std::string& at, std::string_view nick, std::string_view id, std::string_view inner
)
{
    const auto stanza_id = std::to_string(++stanza_ids_);
    for (const auto& o : rooms_[at])
        send(joined(
            {"<message type='groupchat' id='", id, "' from='", at, "/", nick, "' to='", o.full, "'>", inner,
             "<stanza-id xmlns='urn:xmpp:sid:0' id='", stanza_id, "' by='", at, "'/></message>"}
        ));
}

void far_server::say(std::size_t number, std::size_t person, std::string_view text)
{
    const auto id = "far-" + std::to_string(stanza_ids_);
    broadcast(room(number), nick_of(person), id, joined({"<body>", text, "</body>"}));
}

void far_server::enter(std::size_t number, std::size_t person)
{
    const auto at = room(number);
    for (const auto& o : rooms_[at])
        send(presence_of(at, nick_of(person), nick_of(person) + "@far.test", o.full));
}

}  // namespace rialto::bench
