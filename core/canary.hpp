// core/canary.hpp: proves every few minutes that messages go round: a built-in network with one room, of
// which the bridge itself is the far side (abilities::hosts). A probe is accepted like any far message:
// journal, lane, PUT into a private room of the bot, the homeserver's push (or /sync), journal, lane, and
// back here. Whatever of that ends silently, the age of the last proof grows, and `/health/ready` says so.
// docs/QUEUE.md has what it costs. One io_context thread.
#pragma once

#include "core/backend.hpp"
#include "core/clock.hpp"

#include <functional>

namespace rialto {

struct canary_rules
{
    std::chrono::seconds every{300};  // between probes; 0: no canary
    std::chrono::seconds limit{900
    };  // of the age of the last proof; a fifth of it, of the time a probe takes

    canary_rules() = default;
};

class canary_book  // what the probes tell; decides only
{
    canary_rules rules_;
    std::int64_t proved_ms_;  // when the newest probe that came back was sent
    std::int64_t took_ms_ = 0;
    std::string why_;

public:
    canary_book(canary_rules rules, std::int64_t now_ms) : rules_{rules}, proved_ms_{now_ms} {}

    void came_back(std::int64_t sent_ms, std::int64_t now_ms);
    void failed(std::string why) { why_ = std::move(why); }
    std::int64_t age_ms(std::int64_t now_ms) const { return now_ms - proved_ms_; }
    std::string complaint(std::int64_t now_ms) const;  // "" all is well
};

class canary final : public backend
{
    host& host_;
    clock& time_;
    canary_rules rules_;
    native bot_;
    canary_book book_;

    awaitable<outcome> open_room();
    awaitable<void> probe();

public:
    static constexpr std::string_view network = "canary";

    // bot: mxid
    canary(host& h, clock& time, canary_rules rules, std::string_view bot);

    std::string complaint() const { return book_.complaint(to_ms(time_.now())); }

    awaitable<outcome> run(account_id account) override;
    awaitable<result<sent>> deliver(event e) override;
    awaitable<result<user_id>> address_of(native who) override;
    awaitable<result<native>> native_of(std::string address) override;
};

}  // namespace rialto
