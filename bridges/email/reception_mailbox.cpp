// bridges/email/reception.hpp, of what lies in a mailbox.
#include "bridges/email/dsn.hpp"
#include "bridges/email/reception.hpp"

#include "core/rich/plain.hpp"

#include <algorithm>

namespace rialto::email {

std::vector<mail_person> recipients_of(const parsed_mail& m, const address& own, const people& ours)
{
    std::vector<mail_person> out;
    for (const auto* all : {&m.to, &m.cc})
        for (const auto& one : *all) {
            const bool known = std::ranges::any_of(out, [&](const auto& o) { return o.who == one.who; });
            if (!known && one.who != own && !ours.here(one.who))
                out.push_back(one);
        }
    return out;
}

std::vector<event> sent_elsewhere(
    const arrival& in, const mail_person& peer, const address& puppet, const talk_state& before, bool opens,
    timestamp now, std::uint64_t most
)
{
    auto seen = in;
    const auto own = in.mail.from.front().who.text();
    seen.mail.from.assign(1, peer);
    seen.author = verdict_on_author::genuine;  // it lies where only the mailbox's people put mails
    auto out = events_of(seen, talk_name{puppet, peer.who}, before, opens, now, most);
    bool first = true;
    for (auto& e : out) {
        auto* said = std::get_if<message>(&e.what);
        if (!said)
            continue;
        said->how = manner::notice;
        if (!std::exchange(first, false))
            continue;
        auto head = rich::from_plain("From " + own + ", by another mail program:");
        auto& words = said->body.blocks;
        words.insert(words.begin(), head.blocks.begin(), head.blocks.end());
    }
    return out;
}

std::string returned_in(const parsed_mail& m, std::string_view raw, std::string_view our_domain)
{
    const auto writer = m.from.empty() ? std::string{} : m.from.front().who.local;
    if (!m.delivery_status && writer != "mailer-daemon" && writer != "postmaster")
        return {};
    constexpr std::size_t digits = 32;
    const auto is_key = [](std::string_view s) {
        return s.size() == digits && s.find_first_not_of("0123456789abcdef") == s.npos;
    };
    if (m.delivery_status) {
        auto id = read_delivery_status(*m.delivery_status).envelope_id;
        if (is_key(id))
            return id;
    }
    const std::string mark = ".v1@" + std::string{our_domain} + ">";
    for (auto at = raw.find(mark); at != raw.npos; at = raw.find(mark, at + 1))
        if (at > digits && raw[at - digits - 1] == '<' && is_key(raw.substr(at - digits, digits)))
            return std::string{raw.substr(at - digits, digits)};
    return {};
}

}  // namespace rialto::email
