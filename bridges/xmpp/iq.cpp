// The router's questions: what we ask others.
#include "bridges/xmpp/iq.hpp"

#include "bridges/xmpp/iq_state.hpp"
#include "bridges/xmpp/jid.hpp"
#include "core/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <random>

namespace rialto::xmpp {

namespace asio = boost::asio;

namespace {
constexpr std::size_t most_questions = 4096;

// Not to be guessed: an answer is known by it, and rooms show our ids to strangers.
std::string random_id()
{
    static constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuv";
    std::random_device luck;
    std::string out;
    for (int i = 0; i < 4; ++i)
        for (auto [bits, k] = std::pair{luck(), 0}; k < 6; ++k, bits >>= 5)
            out += digits[bits & 31];
    return out;
}
}  // namespace

std::string iq_router::state::ask(
    std::string from, std::string to, iq_type type, const std::string& payload,
    std::chrono::milliseconds timeout, taker then
)
{
    if (open.size() >= most_questions) {
        then(failure{verdict::try_later, cause::full, "too many questions are waiting for an answer"});
        return {};
    }
    auto id = random_id();
    std::string out;
    {
        element iq{out, "iq"};
        iq("type", type == iq_type::get ? "get" : "set")("from", from)("to", to)("id", id).raw(payload);
    }
    if (!send || !send(std::move(out))) {
        then(failure{verdict::try_later, cause::away, "the link to the XMPP server is down"});
        return {};
    }
    const auto due = time.now() + timeout;
    open.emplace(id, question{normal_address(from), normal_address(to), due, std::move(then)});
    sweep_at_last(due);
    return id;
}

void iq_router::state::settle(table::iterator at, result<reply> with)
{
    auto then = std::move(at->second.then);
    open.erase(at);
    then(std::move(with));
}

void iq_router::state::take_answer(const node& iq)
{
    const auto at = open.find(std::string{iq.attr("id")});
    // The id alone proves nothing: anybody can send a result. It counts from whom we asked.
    if (at == open.end() || normal_address(iq.attr("from")) != at->second.whom ||
        normal_address(iq.attr("to")) != at->second.asker) {
        log::debug("an answer that nobody waits for", "from", iq.attr("from"), "id", iq.attr("id"));
        return;
    }
    settle(at, reply{owned_tree{iq}, error_of(iq)});
}

// One sleeper, till the first question is due; one due earlier sends another, and the old one is stale.
void iq_router::state::sweep_at_last(timestamp due)
{
    if (sweep_at && *sweep_at <= due)
        return;
    sweep_at = due;
    const auto wait = std::max(
        std::chrono::ceil<std::chrono::milliseconds>(due - time.now()), std::chrono::milliseconds{0}
    );
    asio::co_spawn(
        ex, [weak = weak_from_this(), which = ++sweeps, wait] { return sweep(weak, which, wait); },
        [](std::exception_ptr) {}
    );
}

awaitable<void> iq_router::state::sweep(
    std::weak_ptr<state> weak, unsigned which, std::chrono::milliseconds wait
)
{
    auto self = weak.lock();
    if (!self)
        co_return;
    auto* time = &self->time;
    self.reset();
    co_await time->sleep(wait);
    self = weak.lock();
    if (!self || self->sweeps != which)
        co_return;
    self->sweep_at.reset();
    const auto now = time->now();
    std::vector<std::string> late;
    auto first = timestamp::max();
    for (const auto& [id, q] : self->open) {
        if (q.due <= now)
            late.push_back(id);
        else
            first = std::min(first, q.due);
    }
    if (first != timestamp::max())
        self->sweep_at_last(first);
    for (const auto& id : late) {
        const auto at = self->open.find(id);
        if (at == self->open.end())
            continue;
        failure why{verdict::try_later, cause::away, at->second.whom + " did not answer in time"};
        why.certain = false;
        self->settle(at, std::move(why));
    }
}

iq_router::iq_router(
    asio::any_io_executor ex, clock& time, std::string domain, sender send, self_description about
)
    : state_{
          std::make_shared<state>(std::move(ex), time, std::move(domain), std::move(send), std::move(about))
      }
{
}

iq_router::~iq_router()
{
    state_->send = nullptr;
    lost();
}

void iq_router::ask(
    std::string from, std::string to, iq_type type, std::string payload, std::chrono::milliseconds timeout,
    taker then
)
{
    state_->ask(std::move(from), std::move(to), type, payload, timeout, std::move(then));
}

awaitable<result<reply>> iq_router::request(
    std::string from, std::string to, iq_type type, std::string payload, std::chrono::milliseconds timeout
)
{
    struct waiting
    {
        std::optional<result<reply>> got;
        asio::steady_timer changed;
        explicit waiting(const asio::any_io_executor& ex) : changed{ex, asio::steady_timer::time_point::max()}
        {
        }
    };
    struct forget  // a cancelled asker's question
    {
        std::shared_ptr<state> in;
        std::string id;
        ~forget() { in->open.erase(id); }
    };
    auto self = state_;
    auto wait = std::make_shared<waiting>(self->ex);
    auto then = [wait](result<reply> r) {
        wait->got.emplace(std::move(r));
        wait->changed.cancel();
    };
    forget at_end{self, {}};
    at_end.id = self->ask(std::move(from), std::move(to), type, payload, timeout, std::move(then));
    while (!wait->got) {
        boost::system::error_code ignored;  // a cancelled coroutine throws at its next wait
        co_await wait->changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_return std::move(*wait->got);
}

void iq_router::lost()
{
    auto all = std::exchange(state_->open, {});
    for (auto& [id, q] : all) {
        failure why{verdict::try_later, cause::away, "the link to the XMPP server was lost"};
        why.certain = false;
        q.then(std::move(why));
    }
}

std::size_t iq_router::open_questions() const noexcept { return state_->open.size(); }

}  // namespace rialto::xmpp
