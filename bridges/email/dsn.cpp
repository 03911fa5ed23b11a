#include "bridges/email/dsn.hpp"

#include "bridges/email/letters.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <ctime>
#include <map>

namespace rialto::email {
namespace {

using fields = std::map<std::string, std::string, std::less<>>;

std::string_view trimmed(std::string_view s)
{
    constexpr std::string_view blanks = " \t\r";
    const auto first = s.find_first_not_of(blanks);
    return first == s.npos ? std::string_view{} : s.substr(first, s.find_last_not_of(blanks) - first + 1);
}

// Groups of fields, with an empty line between them (§2.1.1).
std::vector<fields> groups_of(std::string_view text)
{
    std::vector<fields> out;
    std::string* last = nullptr;
    bool open = false;
    for (const auto raw : text::lines(text)) {
        const auto line = trimmed(raw);
        if (line.empty()) {
            open = false;
            last = nullptr;
            continue;
        }
        if (last && (raw.front() == ' ' || raw.front() == '\t')) {
            if (last->size() < 2000)
                *last += " " + std::string{line};
            continue;
        }
        const auto colon = line.find(':');
        if (colon == line.npos)
            continue;
        if (!open) {
            if (out.size() > most_news)
                return out;
            out.emplace_back();
            open = true;
        }
        last = &out.back()[small(trimmed(line.substr(0, colon)))];
        *last = trimmed(line.substr(colon + 1));
    }
    return out;
}

std::string_view at(const fields& all, std::string_view name)
{
    const auto found = all.find(name);
    return found == all.end() ? std::string_view{} : std::string_view{found->second};
}

// "rfc822; carol@example.org", with xtext's +3D where an ORCPT was handed through (RFC 3461 §4).
std::string_view typed(std::string_view value)
{
    const auto mark = value.find(';');
    return mark == value.npos ? value : trimmed(value.substr(mark + 1));
}

std::string_view without_angles(std::string_view s)
{
    if (s.starts_with('<') && s.ends_with('>') && s.size() >= 2)
        return s.substr(1, s.size() - 2);
    return s;
}

// "5.1.1 (unknown user)"
std::string status_in(std::string_view value)
{
    const auto word = value.substr(0, value.find_first_of(" \t("));
    const bool good = word.size() >= 5 && word.size() <= 11 && word[1] == '.' &&
                      std::string_view{"245"}.find(word[0]) != std::string_view::npos &&
                      std::ranges::all_of(word, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
    return good ? std::string{word} : std::string{};
}

std::optional<fate> fate_of(std::string_view action, std::string_view status)
{
    const auto word = small(action.substr(0, action.find_first_of(" \t(")));
    if (word == "failed")
        return fate::failed;
    if (word == "delayed")
        return fate::delayed;
    if (word == "delivered" || word == "expanded")
        return fate::delivered;
    if (word == "relayed")
        return fate::relayed;
    if (status.empty())
        return std::nullopt;
    return status[0] == '5' ? fate::failed : status[0] == '4' ? fate::delayed : fate::delivered;
}

}  // namespace

std::string mail_date(timestamp at)
{
    const auto seconds = std::chrono::system_clock::to_time_t(at);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char date[64];
    return std::string{date, std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &parts)};
}

std::string write_delivery_status(const refused_mail& m)
{
    const auto plain = [](std::string_view words) {
        auto line = text::one_line(words, 400);
        std::ranges::replace_if(line, [](char c) { return c < 32 || c > 126; }, '?');
        return line;
    };
    const auto to = plain(m.recipient.text()), why = plain(m.why.empty() ? "not delivered" : m.why);
    const auto original = plain(m.original);
    const std::string border = "=_status", next = "\r\n--" + border + "\r\nContent-Type: ";
    return "From: Mail Delivery System <postmaster@" + m.recipient.domain + ">\r\nTo: <" +
           plain(m.sender.text()) + ">\r\nSubject: Undelivered mail to " + to +
           "\r\nDate: " + mail_date(m.at) + "\r\nMessage-ID: " + plain(m.id) +
           (original.empty() ? "" : "\r\nIn-Reply-To: " + original + "\r\nReferences: " + original) +
           "\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report;"
           "\r\n report-type=delivery-status; boundary=\"" +
           border + "\"\r\n" + next + "text/plain; charset=us-ascii\r\n\r\nYour mail to " + to +
           " was not delivered:\r\n" + why + "\r\n" + next +
           "message/delivery-status\r\n\r\nReporting-MTA: dns; " + m.recipient.domain +
           "\r\n\r\nFinal-Recipient: rfc822; " + to +
           "\r\nAction: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: X-Rialto; " + why + "\r\n" + next +
           "text/rfc822-headers\r\n\r\n" + (original.empty() ? "" : "Message-ID: " + original + "\r\n") +
           "\r\n--" + border + "--\r\n";
}

delivery_report read_delivery_status(std::string_view text)
{
    delivery_report out;
    for (const auto& group : groups_of(text)) {
        if (const auto id = at(group, "original-envelope-id"); !id.empty() && out.envelope_id.empty())
            out.envelope_id = text::one_line(id, 100);
        auto who = typed(at(group, "original-recipient"));
        if (who.find('@') == who.npos)
            who = typed(at(group, "final-recipient"));
        delivery_news one;
        one.status = status_in(at(group, "status"));
        const auto is = fate_of(at(group, "action"), one.status);
        if (who.empty() || !is || out.about.size() == most_news)
            continue;
        one.is = *is;
        one.recipient = text::one_line(without_angles(who), 320);
        one.diagnostic = text::one_line(typed(at(group, "diagnostic-code")), 300);
        out.about.push_back(std::move(one));
    }
    return out;
}

}  // namespace rialto::email
