#include "bridges/xmpp/session_state.hpp"

#include "bridges/xmpp/jid.hpp"
#include "core/log.hpp"

namespace rialto::xmpp {

namespace {
constexpr std::string_view streams_ns = "http://etherx.jabber.org/streams";
constexpr std::string_view goodbye = "</stream:stream>";
}  // namespace

void session::state::begin(std::chrono::milliseconds deadline)
{
    now = stage::opening;
    if (prepared_domain(set.domain) != set.domain || set.domain.size() >= jid_part_limit)
        return end(failure{
            verdict::give_up, cause::malformed, "\"" + set.domain + "\" cannot be a component's domain"
        });
    make_stream();
    line = std::make_shared<connection>(ex);
    protocol = std::make_unique<component_protocol>(
        set, [this](std::string_view bytes) { line->write(bytes); },
        [this](std::string_view bytes) {
            if (!stream->feed(bytes))
                not_xml();
        }
    );
    start_watch([weak = weak_from_this(), deadline] { return watch_opening(weak, deadline); });
    open_line();
}

void session::state::make_stream()
{
    stream_handlers on;
    on.on_open = [this](const node& header) { greeted(header); };
    on.on_stanza = [this](const node& n) { stanza(n); };
    on.on_oversize = [this](const node& top, std::string_view why) {
        if (now == stage::up && on_oversize)
            on_oversize(top, why);
    };
    on.on_close = [this] { peer_closed(); };
    if (wanted)
        on.wanted = [this](const start_tag& tag) {
            return now != stage::up || tag.name == "error" || wanted(tag);
        };
    stream = std::make_unique<xml_stream>(std::move(on), set.limits);
}

void session::state::open_line()
{
    connection_handlers on;
    on.on_open = [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->reached = connection_stage::open;
            self->protocol->opened();
        }
    };
    on.on_bytes = [weak = weak_from_this()](std::string_view bytes) {
        if (const auto self = weak.lock())
            self->bytes_came(bytes);
    };
    on.on_end = [weak = weak_from_this()](connection_stage at, boost::system::error_code why) {
        if (const auto self = weak.lock())
            self->line_ended(at, why);
    };
    on.on_written = [weak = weak_from_this()] {
        if (const auto self = weak.lock())
            self->changed.cancel();
    };
    line->open(set.host, set.port, std::move(on));
}

void session::state::bytes_came(std::string_view bytes)
{
    ++heard;
    if (now != stage::closing)
        protocol->received(bytes);
}

// XEP-0114 §3: the id of the server's header goes into the handshake. What is odd is remembered, not yet
// judged: a stream error usually follows and says more.
void session::state::greeted(const node& header)
{
    const auto ns = header.attr("xmlns");
    if (!header.is("stream", streams_ns))
        return end(wrong_port(names, "it opens no XMPP stream"));
    if (ns != stream_ns)
        suspicion = wrong_port(names, "it speaks " + std::string{ns.substr(0, 64)});
    else if (header.attr("id").empty())
        suspicion = failure{
            verdict::try_later, cause::malformed,
            "the XMPP server at " + names.peer() + " gave its stream no id"
        };
    if (suspicion)
        return;
    now = stage::greeted;
    protocol->shake_hands(header.attr("id"));
}

void session::state::stanza(const node& n)
{
    if (n.is("error", streams_ns)) {
        auto why = stream_error(names, n, now == stage::up);
        // A port for clients does not know our name either (Prosody): that it is the wrong port says more.
        if (why.kind == cause::not_found && suspicion && suspicion->next == verdict::give_up)
            why = *suspicion;
        return end(std::move(why));
    }
    if (now == stage::up)
        return deliver(n);
    if (now == stage::greeted && n.is("handshake", stream_ns))
        return shaken();
    const auto saw = "instead of a handshake it sends <" + std::string{n.name.substr(0, 64)} + ">";
    end(suspicion.value_or(wrong_port(names, saw)));
}

void session::state::shaken()
{
    protocol->accepted();
    now = stage::up;
    start_watch([weak = weak_from_this()] { return watch_silence(weak); });
    changed.cancel();
}

void session::state::deliver(const node& n)
{
    if (!on_stanza)
        return;
    try {
        on_stanza(n);
    } catch (const std::exception& e) {  // one stanza that we cannot stand must not cost everybody the link
        log::error("stanza handler failed", "component", set.domain, "stanza", n.name, "what", e.what());
    }
}

void session::state::not_xml()
{
    const auto& error = stream->error();
    if (now == stage::up)
        return end(failure{
            verdict::try_later, cause::malformed,
            "the stream of the XMPP server at " + names.peer() + " broke: " + error
        });
    end(suspicion.value_or(wrong_port(names, "what it says is no XMPP stream (" + error + ")")));
}

void session::state::peer_closed()
{
    const bool polite = now == stage::up;
    if (polite)
        leave();
    end(suspicion.value_or(
        failure{verdict::try_later, cause::away, "the XMPP server at " + names.peer() + " closed the stream"}
    ));
}

void session::state::line_ended(connection_stage at, boost::system::error_code why)
{
    if (now == stage::closing)
        return end(ok());
    if (now == stage::up || at != connection_stage::open)
        return end(connection_failed(names, at, why));
    const auto unsaid = "the XMPP server at " + names.peer() +
                        " closed the connection before the handshake: is that its component port, and does "
                        "it let this machine in?";
    end(suspicion.value_or(failure{verdict::try_later, cause::away, unsaid}));
}

void session::state::leave()
{
    line->write(goodbye);
    line->close_after_flush();
    auto weak = weak_from_this();
    asio::co_spawn(
        ex, [line = line, weak, t = &time] { return watch_farewell(line, weak, t); },
        [](std::exception_ptr) {}
    );
}

void session::state::end(outcome why)
{
    if (now == stage::ended)
        return;
    now = stage::ended;
    end_reason.emplace(std::move(why));
    if (stream)
        stream->stop();
    if (watch)
        watch->emit(asio::cancellation_type::terminal);
    if (line) {
        line->detach();
        if (!line->closing())
            line->abort();
    }
    changed.cancel();
}

}  // namespace rialto::xmpp
