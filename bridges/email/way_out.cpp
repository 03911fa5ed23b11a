#include "bridges/email/way_out.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace rialto::email {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds to_connect{30}, to_answer{300};  // RFC 5321 §4.5.3.2

failure not_now(std::string why) { return {verdict::try_later, cause::away, std::move(why)}; }

}  // namespace

struct way_out::line  // in the clear, or over TLS
{
    std::shared_ptr<wire> plain;
    std::shared_ptr<net::line_channel> safe;
    std::optional<smtp_client> talk;
    std::optional<asio::steady_timer> until;  // while it is kept

    line() = default;
    awaitable<bool> send(std::string bytes) const
    {
        return safe ? safe->send(std::move(bytes), to_answer) : plain->send(std::move(bytes), to_answer);
    }
    awaitable<std::string> read() const { return safe ? safe->read(to_answer) : plain->read(to_answer); }
};

awaitable<result<way_out::line_ptr>> way_out::dial_safely()
{
    const bool v6 = config_->smart_host.find(':') != std::string::npos;
    net::channel_place place;
    place.url = config_->tls == smart_tls::implicit ? "smtps://" : "smtp://";
    place.url += v6 ? "[" + config_->smart_host + "]" : config_->smart_host;
    place.url += ":" + std::to_string(config_->smart_port);
    place.our_name = config_->domain;
    place.user = config_->user;
    place.password = config_->password;
    place.ca_file = config_->ca_file;
    auto begun = co_await net::open_channel(std::move(place));
    if (!begun)
        co_return begun.error();
    std::erase_if(channels_, [](const auto& one) { return one.expired(); });
    channels_.push_back(*begun);
    auto out = std::make_shared<line>();
    out->safe = std::move(*begun);
    co_return out;
}

awaitable<result<way_out::line_ptr>> way_out::dial()
{
    if (config_->tls != smart_tls::none)
        co_return co_await dial_safely();
    auto ex = co_await asio::this_coro::executor;
    asio::ip::tcp::resolver names{ex};
    auto [lost, found] = co_await names.async_resolve(
        config_->smart_host, std::to_string(config_->smart_port), asio::as_tuple(asio::use_awaitable)
    );
    if (lost)
        co_return not_now("the mail server's name is not known: " + lost.message());
    auto socket = std::make_shared<asio::ip::tcp::socket>(ex);
    asio::steady_timer limit{ex, to_connect};
    limit.async_wait([socket](boost::system::error_code e) {
        if (!e)
            socket->cancel(e);
    });
    auto [error, at] = co_await asio::async_connect(*socket, found, asio::as_tuple(asio::use_awaitable));
    limit.cancel();
    if (error)
        co_return not_now("the mail server does not answer: " + error.message());
    socket->set_option(asio::ip::tcp::no_delay{true}, error);
    auto out = std::make_shared<line>();
    out->plain = std::make_shared<wire>(wires_, stream_socket{std::move(*socket)});
    co_return out;
}

awaitable<void> way_out::converse(line_ptr on)
{
    auto& talk = *on->talk;
    while (!talk.done()) {
        auto out = talk.output();
        const bool sent = out.empty() || co_await on->send(std::move(out));
        std::string heard;
        if (sent)
            heard = co_await on->read();
        if (heard.empty())
            talk.lost("the connection to the mail server broke");
        else
            talk.feed(heard);
    }
}

awaitable<result<std::vector<recipient_fate>>> way_out::submit(submission mail)
{
    auto ex = co_await asio::this_coro::executor;
    auto on = kept();
    if (on) {
        on->talk->next(std::move(mail));
        co_await converse(on);
        if (on->talk->unheard()) {
            mail = on->talk->take_back();
            on.reset();
        }
    }
    if (!on) {
        if (!open_)  // also: closed under the mail that was on its way
            co_return not_now("the bridge is going down");
        auto dialled = co_await dial();
        if (!dialled)
            co_return dialled.error();
        if (!open_)
            co_return not_now("the bridge is going down");
        on = std::move(*dialled);
        on->talk.emplace(std::move(mail), on->safe != nullptr);
        co_await converse(on);
    }
    auto fates = on->talk->fates();
    if (on->talk->rests() && open_ && kept_.size() < most_kept)
        keep(std::move(on), ex);
    co_return fates;
}

// The one that was used last, so that the others can end.
way_out::line_ptr way_out::kept()
{
    if (kept_.empty())
        return nullptr;
    auto out = std::move(kept_.back());
    kept_.pop_back();
    out->until.reset();
    return out;
}

void way_out::keep(line_ptr one, asio::any_io_executor on)
{
    one->until.emplace(on, kept_for);
    one->until->async_wait([self = weak_from_this(), at = std::weak_ptr<line>{one}, on](auto error) {
        const auto us = self.lock();
        const auto idle = at.lock();
        if (error || !us || !idle || std::erase(us->kept_, idle) == 0)
            return;
        idle->talk->leave();
        asio::co_spawn(on, converse(idle), asio::detached);
    });
    kept_.push_back(std::move(one));
}

void way_out::close()
{
    open_ = false;
    kept_.clear();
    for (const auto& one : channels_)
        if (const auto open = one.lock())
            open->close();
    channels_.clear();
}

}  // namespace rialto::email
