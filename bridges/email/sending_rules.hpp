// bridges/email/sending_rules.hpp: who may send mail, how much a day, and to whom nothing is sent because
// there is nobody. What is remembered stands in notes of the core. Pure; any thread.
#pragma once

#include "bridges/email/dsn.hpp"

#include <vector>

namespace rialto::email {

// `allowed`: "@alice:example.org", "*:example.org" or "*"; empty: everybody whom the bridge serves.
bool may_send(const std::vector<std::string>& allowed, const native& who);
bool is_sender_pattern(std::string_view text);

// Mails that one person has sent on a day (UTC).
struct day_count
{
    std::int64_t day = 0;
    std::size_t mails = 0;
    day_count() = default;
    static day_count from_note(std::string_view text, timestamp now);  // 0 mails of another day's
    std::string note() const;
    static std::string key(const address& puppet);
    bool operator==(const day_count&) const = default;
};

// An address of which its server said for good that nobody has it.
struct suppression
{
    static constexpr std::chrono::hours holds{7 * 24};
    std::string status;  // 5.1.1
    timestamp since{};
    suppression(std::string s, timestamp t) : status{std::move(s)}, since{t} {}
    static std::optional<suppression> from_note(std::string_view text, timestamp now);  // nullopt: none holds
    std::string note() const;
    static std::string key(const address& peer);
};
bool says_nobody(std::string_view status);           // RFC 3463 §3.2: not a full mailbox, not a refused text
std::string nobody_in(const delivery_report& news);  // that status; ""

// Mails of ours that may come back are remembered in a ring, so that the last ones are and no more.
inline constexpr std::uint64_t most_remembered = 50'000;
std::string ring_key(std::uint64_t mail);

}  // namespace rialto::email
