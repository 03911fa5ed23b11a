#include "tests/fakes/xmpp/link.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace rialto::fakes::xmpp {

namespace asio = boost::asio;

namespace {
stream_parser::handler handlers(link* me, link::owner* to)
{
    stream_parser::handler h;
    h.opened = [me, to](element e) {
        if (!me->dead())
            to->opened(*me, std::move(e));
    };
    h.stanza = [me, to](element e) {
        ++me->stanzas_in;
        if (!me->dead())
            to->stanza(*me, std::move(e));
    };
    h.closed = [me] { me->finish(); };
    return h;
}
}  // namespace

link::link(asio::ip::tcp::socket s, port of, owner* to)
    : kind{of},
      socket_{std::move(s)},
      owner_{to},
      parser_{handlers(this, to)},
      stalled_{make_bell(socket_.get_executor())}
{
    boost::system::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
}

void link::start() { asio::co_spawn(socket_.get_executor(), read_all(shared_from_this()), asio::detached); }

awaitable<void> link::read_all(std::shared_ptr<link> self)
{
    std::string in(16'384, '\0');
    while (!self->dead()) {
        if (self->stalling_) {
            co_await self->stalled_->async_wait(asio::as_tuple(asio::use_awaitable));
            continue;
        }
        auto got =
            co_await self->socket_.async_read_some(asio::buffer(in), asio::as_tuple(asio::use_awaitable));
        auto& [ec, n] = got;
        // A stall that came meanwhile holds these bytes back too.
        while (self->stalling_ && !self->dead())
            co_await self->stalled_->async_wait(asio::as_tuple(asio::use_awaitable));
        if (ec || self->dead())
            break;
        const std::string wrong = self->parser_.feed({in.data(), n});
        if (!wrong.empty() && !self->dead())
            self->fail(wrong);
    }
    self->die();
}

void link::send(std::string_view xml)
{
    if (dead() || finishing_)
        return;
    ++stanzas_out;
    out_ += xml;
    if (!writing_)
        flush();
}

void link::flush()
{
    if (out_.empty() && cut_after_ != 0) {
        writing_ = false;
        if (finishing_) {
            boost::system::error_code ignored;
            socket_.shutdown(asio::socket_base::shutdown_both, ignored);
            die();
        }
        return;
    }
    writing_ = true;
    flight_.swap(out_);
    out_.clear();
    const bool last = cut_after_ <= flight_.size();
    if (last)
        flight_.resize(cut_after_);
    else if (cut_after_ != std::string::npos)
        cut_after_ -= flight_.size();
    asio::async_write(
        socket_, asio::buffer(flight_),
        [self = shared_from_this(), last](boost::system::error_code ec, std::size_t) {
            self->flight_.clear();
            if (ec || last || self->dead()) {
                self->writing_ = false;
                if (last)
                    self->die();
                return;  // a failed write is seen by the reader too
            }
            self->flush();
        }
    );
}

void link::fail(std::string_view condition)
{
    send(
        "<stream:error><" + std::string{condition} +
        " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
    );
    finish();
}

void link::finish()
{
    if (dead() || finishing_)
        return;
    out_ += "</stream:stream>";
    finishing_ = true;
    if (!writing_)
        flush();
}

void link::cut(std::size_t after_bytes)
{
    cut_after_ = after_bytes;
    if (!writing_)
        flush();
}

void link::stall(bool on)
{
    stalling_ = on;
    stalled_->cancel();
}

void link::abandon()
{
    owner_ = nullptr;
    boost::system::error_code ignored;
    socket_.close(ignored);
    stalled_->cancel();
}

void link::die()
{
    if (dead())
        return;
    owner* to = owner_;
    abandon();
    to->gone(*this);
}

}  // namespace rialto::fakes::xmpp
