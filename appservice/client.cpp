#include "appservice/client.hpp"

#include "appservice/matrix_event_fields.hpp"

namespace rialto::matrix {

client::client(net::http_client& http, client_settings settings) : http_{http}, settings_{std::move(settings)}
{
    while (settings_.url.ends_with('/'))
        settings_.url.pop_back();
}

awaitable<result<answer>> client::ask(call c)
{
    const bool is_json = c.into == nullptr;
    net::http_request r{std::move(c.method), settings_.url + c.path};
    if (!c.by_nobody && c.query.find("user_id=") == c.query.npos)
        c.query += (c.query.empty() ? "user_id=" : "&user_id=") + net::percent_encoded(settings_.bot);
    if (!c.query.empty())
        r.url += "?" + c.query;
    r.headers.emplace_back("Authorization", "Bearer " + settings_.token);
    if (!c.body.empty() || c.from)
        r.headers.emplace_back("Content-Type", std::move(c.content_type));
    r.body = std::move(c.body);
    r.from = std::move(c.from);
    r.into = std::move(c.into);
    r.deadline = c.deadline;
    r.most = c.most;
    auto reply = co_await http_.send(std::move(r));
    if (!reply)
        co_return reply.error();
    co_return read_answer(std::move(*reply), is_json);
}

awaitable<result<answer>> client::must(call c, std::string what)
{
    auto got = co_await ask(std::move(c));
    if (got && !got->done())
        co_return refusal(*got, what);
    co_return got;
}

awaitable<result<std::string>> client::upload(
    acting who, std::string name, std::string mime, std::shared_ptr<const net::body_source> bytes
)
{
    auto c = calls::upload(who, name, mime, std::move(bytes));
    auto got = co_await must(std::move(c), "an upload");
    if (!got)
        co_return got.error();
    auto mxc = field(*got, "content_uri");
    if (!is_mxc(mxc))
        co_return failure{
            verdict::give_up, cause::malformed, "The homeserver took an upload and gave no mxc address"
        };
    co_return mxc;
}

awaitable<outcome> client::download(std::string mxc, std::size_t most, std::shared_ptr<net::body_sink> into)
{
    if (!is_mxc(mxc))
        co_return failure{verdict::give_up, cause::malformed, "This is no mxc address"};
    auto c = calls::download(mxc, most, std::move(into));
    auto got = co_await must(std::move(c), "a download");
    if (!got)
        co_return got.error();
    co_return ok();
}

awaitable<outcome> client::ping(std::string txn)
{
    auto c = calls::ping(settings_.appservice, txn);
    auto got = co_await ask(std::move(c));
    if (!got) {
        failure away = got.error();
        if (away.kind == cause::away)
            away.why += ": is the homeserver running, and is homeserver.url its address?";
        co_return away;
    }
    // COMPAT Dendrite, Conduit: no such endpoint.
    if (got->done() || got->is("M_UNRECOGNIZED"))
        co_return ok();
    co_return refusal(*got, "to reach us (is the registration's url ours?)");
}

awaitable<outcome> client::reach()
{
    auto c = calls::versions();
    auto got = co_await must(std::move(c), "to say its versions");
    if (!got)
        co_return got.error();
    co_return ok();
}

}  // namespace rialto::matrix
