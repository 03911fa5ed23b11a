#include "tests/bench/bare.hpp"

#include "tests/bench/bare_parts.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <nlohmann/json.hpp>

#include <pthread.h>
#include <sys/socket.h>

#include <stdexcept>

namespace rialto::bench {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using nlohmann::json;

namespace {

constexpr std::string_view header =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
    "xmlns:stream='http://etherx.jabber.org/streams' to='bridge.far.test'><handshake>bare</handshake>";

bare_message message_of(const json& event)
{
    bare_message m;
    m.room = event.at("room_id").get_ref<const std::string&>();
    m.id = event.at("event_id").get_ref<const std::string&>();
    m.author = event.at("sender").get_ref<const std::string&>();
    m.text = event.at("content").at("body").get_ref<const std::string&>();
    return m;
}

void append_stanza(std::string& out, const bare_message& m)
{
    out += "<message type='groupchat' from='";
    out.append(m.author, 1).append("@bridge.far.test/rialto' to='").append(m.room, 1);
    out.append("@rooms.far.test' id='").append(m.id).append("'><body>").append(m.text);
    out.append("</body><origin-id xmlns='urn:xmpp:sid:0' id='").append(m.id).append("'/></message>");
}

}  // namespace

bare_relay::bare_relay(ends& sides, way w, std::size_t rooms, const std::filesystem::path& database)
    : sides_{sides},
      acceptor_{io_, {asio::ip::address_v4::loopback(), 0}},
      far_{io_},
      far_port_{sides.far.port()},
      homeserver_{sides.homeserver.url()}
{
    const auto joins = w == way::to_matrix ? rooms : 0;
    thread_ = std::thread{[this, w, joins, database] {
        try {
            connect(joins);
            w == way::to_far ? relay_to_far(database) : relay_to_matrix(database);
        } catch (const std::exception&) {  // the run finds its messages missing
        }
    }};
    sides_.homeserver.push_to(acceptor_.local_endpoint().port(), "bare");
    const auto in = [&] { return ready_ && sides_.far.up() && sides_.far.joins >= joins; };
    if (!sides_.until(in, std::chrono::seconds{20}))
        throw std::runtime_error{"the bare relay does not come up"};
}

bare_relay::~bare_relay()
{
    sides_.homeserver.push_to(0, "");
    ::shutdown(far_.native_handle(), SHUT_RDWR);
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    thread_.join();
    sides_.until([&] { return !sides_.far.up(); }, std::chrono::seconds{5});
}

clockid_t bare_relay::cpu()
{
    clockid_t of{};
    ::pthread_getcpuclockid(thread_.native_handle(), &of);
    return of;
}

void bare_relay::connect(std::size_t rooms)
{
    far_.connect({asio::ip::address_v4::loopback(), far_port_});
    far_.set_option(asio::ip::tcp::no_delay{true});
    std::string all{header};
    for (std::size_t i = 0; i < rooms; ++i)
        all += "<presence from='bare@bridge.far.test/bare' to='" + far_server::room(i) +
               "/bare'><x xmlns='http://jabber.org/protocol/muc'/></presence>";
    asio::write(far_, asio::buffer(all));
    ready_ = true;
}

void bare_relay::relay_to_far(const std::filesystem::path& database)
{
    bare_database disk{database};
    auto from = acceptor_.accept();
    from.set_option(asio::ip::tcp::no_delay{true});
    boost::beast::flat_buffer buffer;
    buffer.reserve(64 * 1024);
    for (;;) {
        http::request<http::string_body> r;
        http::read(from, buffer, r);
        const auto whole = json::parse(r.body());
        std::string stanzas;
        disk.begin();
        for (const auto& event : whole.at("events")) {
            const auto m = message_of(event);
            disk.put(m);
            append_stanza(stanzas, m);
        }
        disk.commit();
        http::response<http::string_body> yes{http::status::ok, 11};
        yes.body() = "{}";
        yes.prepare_payload();
        http::write(from, yes);
        asio::write(far_, asio::buffer(stanzas));
    }
}

void bare_relay::relay_to_matrix(const std::filesystem::path& database)
{
    bare_database disk{database};
    bare_client client;
    std::vector<bare_message> some;
    bare_reader reader{[&](bare_message m) { some.push_back(std::move(m)); }};
    std::vector<char> room(64 * 1024);
    for (;;) {
        const auto n = far_.read_some(asio::buffer(room));
        reader.feed(std::string_view{room.data(), n});
        if (some.empty())
            continue;
        disk.begin();
        for (const auto& m : some)
            disk.put(m);
        disk.commit();
        for (const auto& m : some) {
            const json content{{"msgtype", "m.text"}, {"body", m.text}, {"chat.rialto.key", m.id}};
            client.put(
                homeserver_ + "/_matrix/client/v3/rooms/%21r0%3Anear.test/send/m.room.message/" + m.id +
                    "?user_id=%40_rialto_far_p0%3Dfar.test%3Anear.test",
                content.dump()
            );
        }
        some.clear();
    }
}

}  // namespace rialto::bench
