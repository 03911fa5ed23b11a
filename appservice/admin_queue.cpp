#include "appservice/admin_queue.hpp"

#include "appservice/auth.hpp"
#include "appservice/queue_text.hpp"
#include "core/key.hpp"

#include <nlohmann/json.hpp>

namespace rialto {

namespace {
constexpr std::string_view list_path = "/queue", letter_path = "/queue/letter", retry_path = "/queue/retry",
                           drop_path = "/queue/drop";
constexpr std::size_t most_at_once = 10'000;

http::response failed(const failure& why)
{
    const bool unknown = why.kind == cause::not_found;
    return http::refusal(unknown ? 404 : why.next == verdict::try_later ? 409 : 400, "M_UNKNOWN", why.why);
}

position number_in(const http::request& r, const std::string& key)
{
    const auto at = r.query.find(key);
    if (at == r.query.end() || at->second.empty() || at->second.size() > 18 ||
        at->second.find_first_not_of("0123456789") != std::string::npos)
        return 0;
    return std::stoll(at->second);
}

bool has(const http::request& r, const std::string& key, std::string_view value)
{
    const auto at = r.query.find(key);
    return at != r.query.end() && at->second == value;
}
}  // namespace

std::string admin_token(std::string_view as_token, std::string_view hs_token)
{
    return digest({"rialto admin", as_token, hs_token});
}

bool queue_endpoint::serves(std::string_view path)
{
    return path == list_path || path == letter_path || path == retry_path || path == drop_path;
}

std::optional<http::response> queue_endpoint::refuse(const http::request& head) const
{
    const bool asks = head.path == list_path || head.path == letter_path;
    if (head.method != (asks ? "GET" : "POST"))
        return http::refusal(405, "M_UNRECOGNIZED", asks ? "use GET" : "use POST");
    if (head.authorization.size() != 1 || !same_secret(head.authorization.front(), "Bearer " + token_))
        return http::refusal(403, "M_FORBIDDEN", "the token is missing or wrong: use `rialto queue`");
    return std::nullopt;
}

http::awaitable<http::response> queue_endpoint::answer(http::request whole)
{
    if (whole.path == retry_path)
        co_return co_await retry(std::move(whole.body));
    if (whole.path == drop_path)
        co_return co_await drop(std::move(whole.body));
    if (whole.path == letter_path)
        co_return co_await show(whole);
    const auto room = whole.query.find("room");
    std::string of;
    if (room != whole.query.end())
        of = room->second;
    auto all = co_await queue_.list(std::move(of));
    if (!all)
        co_return failed(all.error());
    co_return http::response{200, queue_json(*all, to_ms(time_.now()))};
}

http::awaitable<http::response> queue_endpoint::show(const http::request& r)
{
    auto one = co_await queue_.show(number_in(r, "seq"), has(r, "body", "1"));
    if (!one)
        co_return failed(one.error());
    co_return http::response{200, letter_json(*one, to_ms(time_.now()))};
}

http::awaitable<http::response> queue_endpoint::retry(std::string body)
{
    const auto asked = nlohmann::json::parse(body, nullptr, false);
    std::vector<position> some;
    const bool all = asked.is_object() && asked.contains("all");
    if (all) {
        auto seen = co_await queue_.list("");
        if (!seen)
            co_return failed(seen.error());
        for (const auto& d : seen->dead)
            if (!d.of.network.empty())
                some.push_back(d.seq);
    } else if (asked.is_object() && asked.contains("seqs") && asked["seqs"].is_array()) {
        for (const auto& seq : asked["seqs"])
            if (seq.is_number_integer() && some.size() < most_at_once)
                some.push_back(seq.get<position>());
    }
    if (some.empty() && !all)
        co_return http::refusal(400, "M_BAD_JSON", "it names no message");
    auto went = co_await queue_.retry(std::move(some));
    if (!went)
        co_return failed(went.error());
    const nlohmann::json said{{"retried", *went}};
    co_return http::response{200, said.dump() + "\n"};
}

http::awaitable<http::response> queue_endpoint::drop(std::string body)
{
    const auto asked = nlohmann::json::parse(body, nullptr, false);
    position seq = 0;
    if (asked.is_object() && asked.contains("seq") && asked["seq"].is_number_integer())
        seq = asked["seq"].get<position>();
    auto done = co_await queue_.drop(seq, "the bridge's administrator");
    if (!done)
        co_return failed(done.error());
    co_return http::response{200, "{\"dropped\": true}\n"};
}

}  // namespace rialto
