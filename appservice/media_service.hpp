// appservice/media_service.hpp: serves the links of core/media_link.hpp to whoever holds one, on a listener
// of its own, so that strangers never stand in the homeserver's way. A link is judged before anything is
// asked of anybody: a forged one costs one HMAC. One io_context thread; what it refers to outlives it.
#pragma once

#include "appservice/auth.hpp"
#include "appservice/media_answer.hpp"
#include "appservice/media_files.hpp"
#include "core/media_link.hpp"

namespace rialto::matrix {

class rate_limit  // so many at once, then so many a second. Pure
{
    double tokens_, burst_, per_second_;
    timestamp last_{};

public:
    rate_limit(double burst, double per_second) : tokens_{burst}, burst_{burst}, per_second_{per_second} {}
    bool allow(timestamp now);
};

class media_service final : public http::service
{
    media_files& files_;
    link_register& links_;
    const clock& time_;
    std::string secret_;
    rate_limit all_{400, 100};
    std::map<std::string, rate_limit, std::less<>> each_;  // by the link's tag; cleared when it grows large
    log_throttle crowded_{std::chrono::seconds{30}};

    bool allow(const std::string& tag);
    awaitable<http::response> serve(media_link link, std::string range);

public:
    media_service(media_files& files, link_register& links, const clock& time)
        : files_{files}, links_{links}, time_{time}
    {
    }
    void secret(std::string s) { secret_ = std::move(s); }  // REQUIRES: called before the listener runs
    std::optional<http::response> refuse(const http::request& head) override;
    awaitable<http::response> answer(http::request whole) override;
};

}  // namespace rialto::matrix
