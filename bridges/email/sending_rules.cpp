#include "bridges/email/sending_rules.hpp"

#include "bridges/email/smtp_command.hpp"
#include "core/key.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace rialto::email {
namespace {

std::int64_t seconds(timestamp t)
{
    return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
}
std::int64_t day_of(timestamp t) { return seconds(t) / (24 * 60 * 60); }

std::pair<std::string_view, std::string_view> words(std::string_view s)
{
    const auto at = std::min(s.find(' '), s.size());
    return {s.substr(0, at), s.substr(std::min(at + 1, s.size()))};
}

}  // namespace

bool is_sender_pattern(std::string_view text)
{
    if (text == "*")
        return true;
    const auto colon = text.find(':');
    return colon != text.npos && colon + 1 < text.size() &&
           (text.starts_with("*:") || (text.starts_with('@') && colon > 1));
}

bool may_send(const std::vector<std::string>& allowed, const native& who)
{
    return allowed.empty() || std::ranges::any_of(allowed, [&who](const std::string& one) {
               return one == "*" || one == "*:" + who.server || one == "@" + who.local + ":" + who.server;
           });
}

day_count day_count::from_note(std::string_view text, timestamp now)
{
    day_count out;
    out.day = day_of(now);
    const auto [day, mails] = words(text);
    if (text::read_number(day) == static_cast<std::uint64_t>(out.day))
        out.mails = text::read_number(mails).value_or(0);
    return out;
}

std::string day_count::note() const { return std::to_string(day) + " " + std::to_string(mails); }

std::string day_count::key(const address& puppet) { return "sent/" + digest({puppet.text()}); }

std::optional<suppression> suppression::from_note(std::string_view text, timestamp now)
{
    const auto [status, since] = words(text);
    const auto when = text::read_number(since);
    if (!when || status.empty())
        return std::nullopt;
    const timestamp began{std::chrono::seconds{*when}};
    if (now - began >= holds)
        return std::nullopt;
    return suppression{std::string{status}, began};
}

std::string suppression::note() const { return status + " " + std::to_string(seconds(since)); }

std::string suppression::key(const address& peer) { return "nobody/" + digest({peer.text()}); }

bool says_nobody(std::string_view status)
{
    static constexpr std::string_view all[] = {"5.1.1", "5.1.3", "5.1.6", "5.1.10", "5.2.1"};
    return std::ranges::find(all, status) != std::end(all);
}

std::string nobody_in(const delivery_report& news)
{
    for (const auto& one : news.about)
        if (one.is == fate::failed && says_nobody(one.status))
            return one.status;
    return {};
}

std::string ring_key(std::uint64_t mail) { return "out-ring/" + std::to_string(mail % most_remembered); }

}  // namespace rialto::email
