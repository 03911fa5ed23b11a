// bridges/xmpp/session_state.hpp: the life of one session, for session*.cpp alone: fresh, opening (TCP, our
// header), greeted (our handshake is out), up, then closing (our goodbye is out) or at once ended. Held by
// shared_ptr while a callback runs, so that a callback may destroy the session.
#pragma once

#include "bridges/xmpp/connection.hpp"
#include "bridges/xmpp/session.hpp"
#include "bridges/xmpp/session_failures.hpp"
#include "bridges/xmpp/session_protocol.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

namespace rialto::xmpp {

namespace asio = boost::asio;

struct session::state : std::enable_shared_from_this<session::state>
{
    enum class stage
    {
        fresh,
        opening,
        greeted,
        up,
        closing,
        ended
    };

    asio::any_io_executor ex;
    clock& time;
    const session_settings set;
    const link_names names;
    std::function<void(const node&)> on_stanza;
    std::function<void(const node&, std::string_view)> on_oversize;
    std::function<bool(const start_tag&)> wanted;

    stage now = stage::fresh;
    connection_stage reached = connection_stage::connecting;
    std::optional<failure> suspicion;  // about the greeting, should nothing better be said
    std::optional<outcome> end_reason;
    std::uint64_t heard = 0;
    bool paused = false;
    std::shared_ptr<connection> line;
    std::unique_ptr<xml_stream> stream;
    std::unique_ptr<component_protocol> protocol;
    asio::steady_timer changed;
    std::shared_ptr<asio::cancellation_signal> watch;

    state(asio::any_io_executor e, clock& t, session_settings s)
        : ex{std::move(e)},
          time{t},
          set{std::move(s)},
          names{set.domain, set.host, set.port},
          changed{ex, asio::steady_timer::time_point::max()}
    {
    }

    void begin(std::chrono::milliseconds deadline);
    void make_stream();
    void open_line();
    void bytes_came(std::string_view bytes);
    void greeted(const node& header);
    void stanza(const node& n);
    void shaken();
    void deliver(const node& n);
    void not_xml();
    void peer_closed();
    void line_ended(connection_stage at, boost::system::error_code why);
    void leave();  // says goodbye and waits for the peer's, in the background
    void end(outcome why);

    template <class F>
    void start_watch(F coroutine);  // instead of the one before
    static awaitable<void> changes(std::shared_ptr<state> self);
    static awaitable<void> watch_opening(std::weak_ptr<state> weak, std::chrono::milliseconds deadline);
    static awaitable<void> watch_silence(std::weak_ptr<state> weak);
    static awaitable<void> watch_farewell(
        std::shared_ptr<connection> line, std::weak_ptr<state> weak, clock* time
    );
};

template <class F>
void session::state::start_watch(F coroutine)
{
    if (watch)
        watch->emit(asio::cancellation_type::terminal);
    watch = std::make_shared<asio::cancellation_signal>();
    // The slot must not die before the coroutine has let go of it: the handler keeps the signal.
    auto done = [keep = watch](std::exception_ptr) {};
    asio::co_spawn(ex, std::move(coroutine), asio::bind_cancellation_slot(watch->slot(), std::move(done)));
}

}  // namespace rialto::xmpp
