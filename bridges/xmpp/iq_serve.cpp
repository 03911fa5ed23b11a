// The router's answers: what others ask us.
#include "bridges/xmpp/iq_state.hpp"
#include "core/log.hpp"

#include <boost/asio/co_spawn.hpp>

namespace rialto::xmpp {

namespace asio = boost::asio;

namespace {
constexpr std::size_t most_slow = 512;

iq_query query_of(const node& iq, const std::string& domain)
{
    iq_query q;
    q.from = iq.attr("from");
    q.to = iq.has("to") ? std::string{iq.attr("to")} : domain;
    q.id = iq.attr("id");
    q.type = iq.attr("type") == "set" ? iq_type::set : iq_type::get;
    return q;
}
}  // namespace

void iq_router::state::answer(const iq_query& q, const iq_answer& a)
{
    if (!send)
        return;
    std::string out;
    {
        element iq{out, "iq"};
        iq("type", a.error ? "error" : "result")("from", q.to)("to", q.from)("id", q.id);
        if (a.error)
            append_error(iq, *a.error);
        else
            iq.raw(a.payload);
    }
    send(std::move(out));
}

bool iq_router::state::asks_for_card(const iq_query& q) const
{
    return about.name_of && q.type == iq_type::get && q.to != domain &&
           q.payload.root().is("vCard", "vcard-temp");
}

void iq_router::state::take_question(const node& iq)
{
    auto q = std::make_shared<iq_query>(query_of(iq, domain));
    const auto* payload = iq.child({});
    if (q->id.empty() || !payload || payload->sibling({}))  // RFC 6120 §8.2.3: an id, exactly one child
        return answer(*q, stanza_error{"modify", "bad-request"});
    q->payload = owned_tree{*payload};
    ask_handlers(std::move(q));
}

// The last registered first. What needs no wait is answered here and now; at the first that does, a coroutine
// goes on.
void iq_router::state::ask_handlers(std::shared_ptr<iq_query> q)
{
    for (auto left = handlers.size(); left > 0; --left) {
        const auto& h = handlers[left - 1];
        if (!h.fits(*q))
            continue;
        if (!h.answer)
            return think_about(std::move(q), left);
        try {
            const auto quick_answer = h.answer;  // it may register another
            if (const auto a = quick_answer(*q))
                return answer(*q, *a);
        } catch (const std::exception& e) {
            log::error("iq handler failed", "element", q->payload.root().name, "what", e.what());
            return answer(*q, stanza_error{"cancel", "internal-server-error"});
        }
    }
    if (asks_for_card(*q))
        return think_about(std::move(q), 0);
    answer(*q, standard_answer(*q, about, domain));
}

void iq_router::state::think_about(std::shared_ptr<iq_query> q, std::size_t handlers_left)
{
    if (slow_now >= most_slow)
        return answer(*q, stanza_error{"wait", "resource-constraint"});
    ++slow_now;
    auto self = shared_from_this();
    asio::co_spawn(
        ex, [self, q, handlers_left] { return think(self, q, handlers_left); },
        [self, q](std::exception_ptr failed) {
            --self->slow_now;
            if (!failed)
                return;
            log::error("iq handler failed", "element", q->payload.root().name);
            self->answer(*q, stanza_error{"cancel", "internal-server-error"});
        }
    );
}

awaitable<void> iq_router::state::think(
    std::shared_ptr<state> self, std::shared_ptr<iq_query> q, std::size_t handlers_left
)
{
    for (auto left = handlers_left; left > 0; --left) {
        const auto h = self->handlers[left - 1];  // a copy: others may be registered while it thinks
        if (!h.fits(*q))
            continue;
        std::optional<iq_answer> a;
        if (h.answer) {
            a = h.answer(*q);
        } else {
            iq_query own;
            own.from = q->from;
            own.to = q->to;
            own.id = q->id;
            own.type = q->type;
            own.payload = owned_tree{q->payload.root()};
            a = co_await h.answer_slowly(std::move(own));
        }
        if (a) {
            self->answer(*q, *a);
            co_return;
        }
    }
    if (!self->asks_for_card(*q)) {
        self->answer(*q, standard_answer(*q, self->about, self->domain));
        co_return;
    }
    const auto name = co_await self->about.name_of(q->to);
    self->answer(*q, card_answer(name));
}

void iq_router::serve(std::string ns, std::string element, quick answer)
{
    state_->handlers.emplace_back(std::move(ns), std::move(element), std::move(answer), nullptr);
}

void iq_router::serve_slowly(std::string ns, std::string element, slow answer)
{
    state_->handlers.emplace_back(std::move(ns), std::move(element), nullptr, std::move(answer));
}

void iq_router::take(const node& iq)
{
    const auto keep = state_;  // an answer may be the end of us
    const auto type = iq.attr("type");
    if (type == "result" || type == "error")
        keep->take_answer(iq);
    else if (iq.attr("from").empty())
        log::debug("an iq from nobody", "id", iq.attr("id"));
    else if (type == "get" || type == "set")
        keep->take_question(iq);
    else
        keep->answer(query_of(iq, keep->domain), stanza_error{"modify", "bad-request"});
}

}  // namespace rialto::xmpp
