#include "bridges/xmpp/connection.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>

namespace rialto::xmpp {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

connection::connection(asio::any_io_executor ex) : resolver_{ex}, socket_{ex} {}

void connection::open(std::string host, std::uint16_t port, connection_handlers handlers)
{
    on_ = std::move(handlers);
    resolver_.async_resolve(
        host, std::to_string(port),
        [self = shared_from_this()](error_code e, auto found) {
            if (self->ended_)
                return;
            if (e)
                return self->end(e);
            self->connect(found);
        }
    );
}

void connection::connect(const tcp::resolver::results_type& found)
{
    stage_ = connection_stage::connecting;
    asio::async_connect(socket_, found, [self = shared_from_this()](error_code e, const tcp::endpoint&) {
        if (self->ended_)
            return;
        if (e)
            return self->end(e);
        error_code ignored;
        self->socket_.set_option(tcp::no_delay{true}, ignored);
        self->stage_ = connection_stage::open;
        if (self->on_.on_open && !self->detached_)
            self->on_.on_open();
        self->read();
    });
}

void connection::read()
{
    if (reading_ || paused_ || ended_ || stage_ != connection_stage::open)
        return;
    reading_ = true;
    socket_.async_read_some(asio::buffer(in_), [self = shared_from_this()](error_code e, std::size_t n) {
        self->reading_ = false;
        if (self->ended_)
            return;
        if (e)
            return self->end(e);
        if (self->on_.on_bytes && !self->detached_)
            self->on_.on_bytes({self->in_.data(), n});
        self->read();
    });
}

void connection::write(std::string_view bytes)
{
    if (ended_ || closing_)
        return;
    waiting_ += bytes;
    if (in_flight_ == 0)
        flush();
}

void connection::flush()
{
    flight_.clear();
    flight_.swap(waiting_);
    in_flight_ = flight_.size();
    asio::async_write(socket_, asio::buffer(flight_), [self = shared_from_this()](error_code e, std::size_t) {
        self->in_flight_ = 0;
        if (self->ended_)
            return;
        if (e)
            return self->end(e);
        if (!self->waiting_.empty())
            self->flush();
        else if (self->closing_)
            self->shut_write();
        if (self->on_.on_written && !self->detached_)
            self->on_.on_written();
    });
}

void connection::pause() { paused_ = true; }

void connection::resume()
{
    paused_ = false;
    read();
}

void connection::close_after_flush()
{
    if (ended_ || closing_)
        return;
    if (stage_ != connection_stage::open)
        return abort();
    closing_ = true;
    resume();  // to see the peer's FIN
    if (in_flight_ == 0)
        shut_write();
}

void connection::shut_write()
{
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void connection::abort()
{
    error_code ignored;
    if (stage_ == connection_stage::open && !ended_)
        socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
    drop();
}

void connection::drop()
{
    ended_ = true;
    waiting_.clear();
    resolver_.cancel();
    error_code ignored;
    socket_.close(ignored);
}

void connection::end(error_code why)
{
    drop();
    if (on_.on_end && !detached_)
        on_.on_end(stage_, why);
}

}  // namespace rialto::xmpp
