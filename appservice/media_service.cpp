#include "appservice/media_service.hpp"

#include "core/log.hpp"
#include "core/metrics.hpp"

#include <algorithm>

namespace rialto::matrix {

namespace {
constexpr std::size_t most_limits = 10'000;

failure no_file() { return {verdict::give_up, cause::not_found, "there is no such file"}; }

void count_media(unsigned status)
{
    metrics::count(
        "rialto_media_requests_total", "Requests for files by their signed links, by status.",
        {{"status", std::to_string(status)}}
    ).add();
}
}  // namespace

bool rate_limit::allow(timestamp now)
{
    const std::chrono::duration<double> passed = now - last_;
    if (passed.count() > 0)
        tokens_ = std::min(burst_, tokens_ + passed.count() * per_second_);
    last_ = std::max(last_, now);
    if (tokens_ < 1)
        return false;
    tokens_ -= 1;
    return true;
}

bool media_service::allow(const std::string& tag)
{
    if (each_.size() >= most_limits)
        each_.clear();
    return each_.try_emplace(tag, 60, 2).first->second.allow(time_.now());
}

std::optional<http::response> media_service::refuse(const http::request& head)
{
    if (!all_.allow(time_.now())) {
        if (const auto times = crowded_.noted(time_.now()))
            log::warn("requests for files were put off", "times", *times);
        return media_refusal({verdict::try_later, cause::too_many, "too many requests"});
    }
    auto link = read_link(head.path, secret_, time_.now());
    if (link && (head.method == "GET" || head.method == "HEAD"))
        return std::nullopt;
    auto said = media_refusal(link ? no_file() : link.error());
    if (link)
        said.status = 405;
    count_media(said.status);
    return said;
}

awaitable<http::response> media_service::answer(http::request whole)
{
    auto link = read_link(whole.path, secret_, time_.now());
    http::response said;
    if (!link)
        said = media_refusal(link.error());
    else if (!allow(link->tag))
        said = media_refusal({verdict::try_later, cause::too_many, "too many requests for one file"});
    else
        said = co_await serve(std::move(*link), std::move(whole.range));
    count_media(said.status);
    co_return said;
}

awaitable<http::response> media_service::serve(media_link link, std::string range)
{
    auto stands = co_await links_.stands(link.portal, link.tag);
    if (!stands)
        co_return media_refusal(stands.error());
    if (!*stands) {
        const failure ended{verdict::give_up, cause::away, "taken back"};
        co_return media_refusal(ended);
    }
    auto got = co_await files_.get(link.source);
    if (!got) {
        log::info("a file was asked for and cannot be had", "why", got.error().why);
        co_return media_refusal(got.error());
    }
    co_return media_answer((*got)->bytes, (*got)->kind, link.name, range);
}

}  // namespace rialto::matrix
