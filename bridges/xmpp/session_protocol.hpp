// bridges/xmpp/session_protocol.hpp: what gloox does of a component's session (XEP-0114 §3): the stream
// header, the handshake, the state behind them. It has no socket and no parser here: bytes go out through
// `write`, and what came in is handed on as it is, for gloox's own parser ends the stream on legal XML. Used
// by session.cpp alone.
#pragma once

#include "bridges/xmpp/session.hpp"

namespace rialto::xmpp {

class component_protocol
{
public:
    using bytes_out = std::function<void(std::string_view bytes)>;
    using bytes_in = std::function<void(std::string_view bytes)>;

    component_protocol(const session_settings& settings, bytes_out write, bytes_in received);
    ~component_protocol();
    void opened();                          // the connection is there: sends the header
    void received(std::string_view bytes);  // from the connection
    void shake_hands(std::string_view stream_id);
    void accepted();

private:
    class transport;
    class no_tls;
    class component;
    std::unique_ptr<component> component_;
    transport* transport_ = nullptr;  // component_ deletes it
};

}  // namespace rialto::xmpp
