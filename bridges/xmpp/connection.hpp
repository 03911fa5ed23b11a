// bridges/xmpp/connection.hpp: one TCP connection as a byte pipe: resolve, connect, read, a write queue, an
// end. It knows no XMPP. Held by shared_ptr: it outlives its user until its last asynchronous operation has
// returned, and calls nobody after detach(). No threads of ours; on the io_context thread. A user bounds what
// it queues by queued().
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace rialto::xmpp {

enum class connection_stage
{
    resolving,
    connecting,
    open
};

struct connection_handlers
{
    std::function<void()> on_open;
    std::function<void(std::string_view bytes)> on_bytes;
    std::function<void(connection_stage at, boost::system::error_code why)>
        on_end;                        // once; eof: the peer's FIN
    std::function<void()> on_written;  // a batch left: look at queued()
};

class connection : public std::enable_shared_from_this<connection>
{
public:
    explicit connection(boost::asio::any_io_executor ex);
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    void open(std::string host, std::uint16_t port, connection_handlers handlers);
    void write(std::string_view bytes);  // REQUIRES: open
    std::size_t queued() const noexcept { return waiting_.size() + in_flight_; }
    void pause();  // no further reads: TCP holds the peer back
    void resume();

    void close_after_flush();  // then FIN; ends at the peer's FIN. A peer that never sends it: abort()
    bool closing() const noexcept { return closing_; }
    void abort();  // now: what is queued, here or in the kernel, is forgotten (RST)
    void detach() noexcept { detached_ = true; }  // no callback any more

private:
    void connect(const boost::asio::ip::tcp::resolver::results_type& found);
    void read();
    void flush();
    void end(boost::system::error_code why);
    void shut_write();
    void drop();

    boost::asio::ip::tcp::resolver resolver_;
    boost::asio::ip::tcp::socket socket_;
    connection_handlers on_;
    connection_stage stage_ = connection_stage::resolving;
    std::array<char, 65536> in_;
    std::string waiting_, flight_;
    std::size_t in_flight_ = 0;
    bool reading_ = false, paused_ = false, closing_ = false, ended_ = false, detached_ = false;
};

}  // namespace rialto::xmpp
