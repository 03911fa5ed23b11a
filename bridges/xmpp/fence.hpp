// bridges/xmpp/fence.hpp: proof that no older link of our component still takes stanzas. ejabberd shares a
// component's stanzas at random between its connections, and what an old link had sent arrives late; so
// before the first look-up whole rounds of pings to ourselves must come back (docs/QUEUE.md). Valid on one
// ejabberd node. Prosody admits only one link.
#pragma once

#include "bridges/xmpp/iq.hpp"

#include <cstdint>

namespace rialto::xmpp {

// Decides: which round is running and whether we are through. No clock: times are milliseconds since the
// start.
class fence
{
public:
    static constexpr unsigned pings =
        20;  // a round; a ping and its answer each take a link at random: a split one passes once in 2^40

    static constexpr std::chrono::milliseconds round_time{800};

    enum class step
    {
        send_round,
        wait,
        passed,
        split
    };
    struct todo
    {
        step what;
        unsigned round;
        std::chrono::milliseconds until;  // wait: look again then, or at the next pong
    };
    explicit fence(
        std::chrono::milliseconds round = round_time,
        std::chrono::milliseconds most = std::chrono::seconds{10}
    )
        : round_length_{round}, most_{most}
    {
    }
    todo next(std::chrono::milliseconds now);
    void pong(unsigned round, unsigned which);

private:
    std::chrono::milliseconds round_length_, most_, began_{0};
    unsigned round_ = 0;
    std::uint32_t missing_ = 0;
    bool passed_ = false;
};

// Obeys it on a link that is up. Failure: try_later/conflict ("split"): nothing may be sent yet; or the link
// ended.
awaitable<outcome> pass_fence(iq_router& iqs, clock& time, std::string domain);

}  // namespace rialto::xmpp
