// appservice/admin_queue.hpp: `rialto queue` at a running Rialto: GET /queue, GET
// /queue/letter?seq=N[&body=1], POST /queue/retry {"seqs": [N, …]} (all of them: {"all": true}), POST
// /queue/drop {"seq": N}. Unlike the rest of the admin listener it speaks of people and rooms: whoever asks
// must hold a token that is made of those in registration.yaml, that is, be able to read that file. One
// io_context thread.
#pragma once

#include "appservice/http_message.hpp"
#include "core/clock.hpp"
#include "core/queue.hpp"

namespace rialto {

std::string admin_token(std::string_view as_token, std::string_view hs_token);

class queue_endpoint
{
    queue_keeper& queue_;
    const clock& time_;
    std::string token_;

    http::awaitable<http::response> show(const http::request& r);
    http::awaitable<http::response> retry(std::string body);
    http::awaitable<http::response> drop(std::string body);

public:
    queue_endpoint(queue_keeper& queue, const clock& time, std::string token)
        : queue_{queue}, time_{time}, token_{std::move(token)}
    {
    }

    static bool serves(std::string_view path);
    std::optional<http::response> refuse(const http::request& head) const;
    http::awaitable<http::response> answer(http::request whole);
};

}  // namespace rialto
