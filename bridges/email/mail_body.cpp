#include "bridges/email/mail_body.hpp"

#include "bridges/email/letters.hpp"
#include "bridges/email/mime_guard.hpp"
#include "bridges/email/quoting.hpp"
#include "core/rich/html.hpp"
#include "core/rich/plain.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace rialto::email {
namespace {

document words_of(const parsed_mail& m)
{
    if (m.html)
        if (auto read = rich::from_html(*m.html, rich::dialect::mail); read && !read->empty())
            return std::move(*read);
    std::string plain = m.text.value_or("");
    std::erase(plain, '\r');
    // "-- " at the end is a signature's beginning, not blanks.
    while (plain.ends_with('\n') || (plain.ends_with(' ') && !plain.ends_with("\n-- ")))
        plain.pop_back();
    return rich::from_plain(plain);
}

mail_file text_file(std::string name, std::string words)
{
    mail_file f;
    f.name = std::move(name);
    f.type = "text/plain";
    f.bytes = std::move(words);
    return f;
}

// The first values of properties of the first component that is about something; names in small letters,
// without parameters. Lines are unfolded (RFC 5545 §3.1).
std::map<std::string, std::string> properties(std::string_view all)
{
    constexpr std::size_t most_lines = 2000, most_line = 4000;
    std::vector<std::string> whole;
    for (auto one : text::lines(all.substr(0, 256 * 1024))) {
        if (one.ends_with('\r'))
            one.remove_suffix(1);
        const bool goes_on = !whole.empty() && (one.starts_with(' ') || one.starts_with('\t'));
        if (!goes_on && whole.size() == most_lines)
            break;
        if (!goes_on)
            whole.emplace_back();
        if (whole.back().size() < most_line)
            whole.back() += one.substr(goes_on ? 1 : 0, most_line);
    }
    std::map<std::string, std::string> out;
    bool aside = false;  // a time zone has a DTSTART of its own
    for (const auto& l : whole) {
        bool quoted = false;
        std::size_t colon = 0;
        while (colon < l.size() && (quoted || l[colon] != ':'))
            quoted = quoted != (l[colon++] == '"');
        if (colon == l.size())
            continue;
        const auto label = std::string_view{l}.substr(0, colon);
        auto name = small(label.substr(0, label.find(';')));
        if (name == "begin" || name == "end") {
            const auto what = small(std::string_view{l}.substr(colon + 1));
            aside = name == "begin" ? aside || what == "vtimezone" || what == "valarm"
                                    : aside && what != "vtimezone" && what != "valarm";
        } else if (!aside) {
            out.try_emplace(std::move(name), l.substr(colon + 1));
        }
    }
    return out;
}

std::string value(const std::map<std::string, std::string>& all, const char* name)
{
    const auto at = all.find(name);
    if (at == all.end())
        return {};
    std::string out;
    for (std::size_t i = 0; i < at->second.size(); ++i) {
        const char c = at->second[i];
        if (c != '\\' || i + 1 == at->second.size())
            out += c;
        else
            out += at->second[++i] == 'n' || at->second[i] == 'N' ? ' ' : at->second[i];
    }
    return text::one_line(out, 200);
}

// 20261124T120000Z -> 2026-11-24 12:00 UTC
std::string moment(const std::string& v)
{
    const auto digits = [&v](std::size_t from, std::size_t n) {
        return v.size() >= from + n && std::all_of(
                                           v.begin() + static_cast<std::ptrdiff_t>(from),
                                           v.begin() + static_cast<std::ptrdiff_t>(from + n),
                                           [](char c) { return c >= '0' && c <= '9'; }
                                       );
    };
    if (!digits(0, 8))
        return {};
    auto out = v.substr(0, 4) + "-" + v.substr(4, 2) + "-" + v.substr(6, 2);
    if (digits(9, 4))
        out += " " + v.substr(9, 2) + ":" + v.substr(11, 2) + (v.ends_with('Z') ? " UTC" : "");
    return out;
}

std::string event_line(const std::map<std::string, std::string>& all)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> methods{
        {{"request", "Invitation: "}, {"cancel", "Cancelled: "}, {"reply", "Answer to an invitation: "}}
    };
    const auto method = small(value(all, "method"));
    const auto* const known =
        std::ranges::find(methods, std::string_view{method}, [](const auto& m) { return m.first; });
    std::string out{known == methods.end() ? std::string_view{"Event: "} : known->second};
    const auto what = value(all, "summary"), when = moment(value(all, "dtstart")),
               where = value(all, "location");
    out += what.empty() ? "(no name)" : what;
    if (!when.empty())
        out += ", " + when;
    return where.empty() ? out : out + ", at " + where;
}

std::string contact_line(const std::map<std::string, std::string>& all)
{
    std::string out;
    for (const auto* name : {"fn", "org", "email", "tel"})
        if (const auto v = value(all, name); !v.empty())
            out += (out.empty() ? "" : ", ") + v;
    return out.empty() ? out : "Contact: " + out;
}

}  // namespace

std::string summary_of(const mail_file& f)
{
    const auto begins = [&f](std::string_view with) {
        return small(std::string_view{f.bytes}.substr(0, with.size())) == with;
    };
    if (f.type == "text/calendar" && begins("begin:vcalendar"))
        return event_line(properties(to_utf8(f.bytes, "utf-8")));
    if ((f.type == "text/vcard" || f.type == "text/x-vcard" || f.type == "text/directory") &&
        begins("begin:vcard"))
        return contact_line(properties(to_utf8(f.bytes, "utf-8")));
    return {};
}

mail_body body_of(const parsed_mail& m)
{
    mail_body out;
    auto parts = fold(words_of(m), !m.in_reply_to.empty() || !m.references.empty());
    out.words = std::move(parts.said);
    if (auto plain = rich::to_plain(out.words); plain.size() > most_shown) {
        out.words = rich::from_plain(text::shortened(plain, most_shown / 4));
        out.more.push_back(text_file("mail.txt", std::move(plain)));
        out.shortened = true;
    }
    if (parts.rest.size() > most_folded) {
        out.more.push_back(text_file("quoted.txt", std::move(parts.rest)));
    } else if (!parts.rest.empty()) {
        std::vector<run> runs;
        runs.emplace_back(std::move(parts.rest), mark::spoiler);
        out.words.blocks.emplace_back(block::is::paragraph, std::move(runs));
    }
    for (const auto& f : m.files) {
        auto line = summary_of(f);
        if (line.empty())
            continue;
        std::vector<run> runs;
        runs.emplace_back(std::move(line), mark::italic);
        out.words.blocks.emplace_back(block::is::paragraph, std::move(runs));
    }
    return out;
}

}  // namespace rialto::email
