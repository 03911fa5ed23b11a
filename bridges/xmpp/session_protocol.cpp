#include "bridges/xmpp/session_protocol.hpp"

#include <gloox/component.h>
#include <gloox/connectionbase.h>
#include <gloox/tlsbase.h>

namespace rialto::xmpp {

class component_protocol::transport final : public gloox::ConnectionBase  // what gloox takes for its socket
{
    bytes_out write_;

public:
    transport(gloox::ConnectionDataHandler* sink, bytes_out write)
        : ConnectionBase{sink}, write_{std::move(write)}
    {
    }

    gloox::ConnectionError connect() override
    {
        m_state = gloox::StateConnecting;
        return gloox::ConnNoError;
    }
    bool send(const std::string& data) override
    {
        if (m_state != gloox::StateConnected)
            return false;
        write_(data);
        return true;
    }
    void opened()
    {
        m_state = gloox::StateConnected;
        m_handler->handleConnect(this);
    }
    void received(std::string_view bytes) { m_handler->handleReceivedData(this, std::string{bytes}); }
    void disconnect() override { m_state = gloox::StateDisconnected; }
    gloox::ConnectionError recv(int) override { return gloox::ConnNoError; }  // the io_context reads
    gloox::ConnectionError receive() override { return gloox::ConnNoError; }
    void getStatistics(long& in, long& out) override { in = out = 0; }
    ConnectionBase* newInstance() const override { return nullptr; }
};

// XEP-0114 has no TLS. Without this one gloox loads the machine's certificates for every link and never frees
// them (3.5 MB each, gloox 1.0.24 with GnuTLS).
class component_protocol::no_tls final : public gloox::TLSBase
{
public:
    no_tls() : TLSBase{nullptr, {}} {}
    bool init(const std::string&, const std::string&, const gloox::StringList&) override { return true; }
    bool encrypt(const std::string&) override { return false; }
    int decrypt(const std::string&) override { return 0; }
    void cleanup() override {}
    bool handshake() override { return false; }
    void setCACerts(const gloox::StringList&) override {}
    void setClientCert(const std::string&, const std::string&) override {}
};

class component_protocol::component final : public gloox::Component
{
    bytes_in received_;

public:
    component(const session_settings& s, bytes_in received)
        : Component{std::string{stream_ns}, s.host, s.domain, s.secret, s.port},
          received_{std::move(received)}
    {
    }
    void handleReceivedData(const gloox::ConnectionBase*, const std::string& data) override
    {
        received_(data);
    }
    void shake_hands(std::string_view stream_id)
    {
        m_sid = stream_id;
        handleStartNode(nullptr);  // SHA-1 of id and secret, sent as <handshake/>
    }
    void accepted() { m_authed = true; }
};

component_protocol::component_protocol(const session_settings& settings, bytes_out write, bytes_in received)
    : component_{std::make_unique<component>(settings, std::move(received))},
      transport_{new transport{component_.get(), std::move(write)}}
{
    component_->setConnectionImpl(transport_);
    component_->setEncryptionImpl(new no_tls);  // gloox deletes it
    component_->connect(false);
}

component_protocol::~component_protocol() = default;
void component_protocol::opened() { transport_->opened(); }
void component_protocol::received(std::string_view bytes) { transport_->received(bytes); }
void component_protocol::shake_hands(std::string_view stream_id) { component_->shake_hands(stream_id); }
void component_protocol::accepted() { component_->accepted(); }

}  // namespace rialto::xmpp
