#include "bridges/xmpp/session_state.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rialto::xmpp {

namespace {
constexpr std::chrono::seconds farewell{5};  // for the peer's FIN after our goodbye
}  // namespace

awaitable<void> session::state::changes(std::shared_ptr<state> self)
{
    boost::system::error_code ignored;  // a cancelled coroutine throws at its next wait
    co_await self->changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

awaitable<void> session::state::watch_opening(std::weak_ptr<state> weak, std::chrono::milliseconds deadline)
{
    auto* time = &weak.lock()->time;
    co_await time->sleep(deadline);
    if (const auto self = weak.lock(); self && self->now < stage::up)
        self->end(self->suspicion.value_or(unfinished(self->names, self->reached)));
}

// XEP-0199: nothing heard, not even an answer, is a dead peer. While we do not read, we cannot know.
awaitable<void> session::state::watch_silence(std::weak_ptr<state> weak)
{
    auto self = weak.lock();
    auto* time = &self->time;
    const auto idle = self->set.idle, patience = self->set.patience;
    for (unsigned asked = 0;; ++asked) {
        auto heard = self->heard;
        self.reset();
        co_await time->sleep(idle);
        self = weak.lock();
        if (!self || self->now != stage::up)
            co_return;
        if (self->heard != heard || self->paused)
            continue;
        std::string ping;
        {
            element iq{ping, "iq"};
            iq("type", "get")("from", self->set.domain)(
                "to", self->set.ping_to.empty() ? self->set.domain : self->set.ping_to
            );
            iq("id", "alive-" + std::to_string(asked));
            element{iq, "ping", "urn:xmpp:ping"}.close();
        }
        self->line->write(ping);
        self.reset();
        co_await time->sleep(patience);
        self = weak.lock();
        if (!self || self->now != stage::up)
            co_return;
        if (self->heard == heard && !self->paused)
            co_return self->end(failure{
                verdict::try_later, cause::away,
                "the XMPP server at " + self->names.peer() + " has been silent for too long"
            });
    }
}

awaitable<void> session::state::watch_farewell(
    std::shared_ptr<connection> line, std::weak_ptr<state> weak, clock* time
)
{
    co_await time->sleep(farewell);
    line->abort();
    if (const auto self = weak.lock(); self && self->now == stage::closing)
        self->end(ok());
}

session::session(asio::any_io_executor ex, clock& time, session_settings settings)
    : state_{std::make_shared<state>(std::move(ex), time, std::move(settings))}
{
}
session::~session() { abort(); }

void session::on_stanza(std::function<void(const node&)> f) { state_->on_stanza = std::move(f); }
void session::on_oversize(std::function<void(const node&, std::string_view)> f)
{
    state_->on_oversize = std::move(f);
}
void session::wanted(std::function<bool(const start_tag&)> f) { state_->wanted = std::move(f); }

awaitable<outcome> session::open(std::chrono::milliseconds deadline)
{
    const auto self = state_;
    if (self->now == state::stage::fresh)
        self->begin(deadline);
    while (self->now < state::stage::up)
        co_await state::changes(self);
    if (self->now == state::stage::up)
        co_return ok();
    if (self->end_reason && !*self->end_reason)
        co_return self->end_reason->error();
    co_return failure{verdict::try_later, cause::other, "the session was closed"};
}

awaitable<outcome> session::closed()
{
    const auto self = state_;
    while (!self->end_reason)
        co_await state::changes(self);
    co_return *self->end_reason;
}

bool session::send(std::string stanza)
{
    auto& s = *state_;
    if (s.now != state::stage::up)
        return false;
    if (s.line->queued() + stanza.size() > s.set.most_queued) {
        s.end(failure{
            verdict::try_later, cause::full,
            "the XMPP server at " + s.names.peer() + " does not read what we send"
        });
        return false;
    }
    s.line->write(stanza);
    return true;
}

std::size_t session::queued() const noexcept { return state_->line ? state_->line->queued() : 0; }

awaitable<void> session::drained(std::size_t to)
{
    const auto self = state_;
    while (self->now == state::stage::up && self->line->queued() >= to)
        co_await state::changes(self);
}

void session::pause()
{
    state_->paused = true;
    if (state_->now == state::stage::up)
        state_->line->pause();
}

void session::resume()
{
    state_->paused = false;
    if (state_->now == state::stage::up)
        state_->line->resume();
}

void session::close()
{
    auto& s = *state_;
    if (s.now != state::stage::up)
        return s.end(ok());
    s.now = state::stage::closing;
    s.stream->stop();
    s.watch->emit(asio::cancellation_type::terminal);
    s.leave();
    s.changed.cancel();
}

void session::abort()
{
    if (state_->now == state::stage::closing)
        state_->line->abort();
    state_->end(ok());
}

bool session::up() const noexcept { return state_->now == state::stage::up; }
const std::string& session::domain() const noexcept { return state_->set.domain; }

}  // namespace rialto::xmpp
