#include "bridges/email/talk.hpp"

#include "bridges/email/letters.hpp"
#include "core/key.hpp"
#include "core/rich/html.hpp"
#include "core/rich/plain.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace rialto::email {
namespace {

constexpr std::size_t most_references = 21, longest_subject = 200;

// The length of "Re: " or "AW[2]: " in front; 0: none is there.
std::size_t prefix_of(std::string_view s)
{
    static constexpr std::string_view all[] = {"re", "fwd", "fw", "aw", "wg", "sv", "antw", "tr", "rv"};
    for (const auto& word : all) {
        if (s.size() <= word.size() || !std::ranges::equal(s.substr(0, word.size()), word, {}, small_letter))
            continue;
        auto at = word.size();
        if (s[at] == '[')
            at = std::min(s.find(']', at), s.size() - 1) + 1;
        if (at < s.size() && s[at] == ':')
            return at + 1;
    }
    return 0;
}

std::string first_line(std::string_view text)
{
    for (const auto line : text::lines(text)) {
        const auto shown = text::one_line(line, longest_subject);
        if (!shown.empty())
            return text::shortened(shown, 60);
    }
    return {};
}

}  // namespace

portal_id talk_name::portal() const { return portal_id{room_id{puppet.text() + "|" + peer.text()}}; }

// Our people's addresses are never quoted: the first '|' behind our domain is the divider.
std::optional<talk_name> talk_name::of(const portal_id& id, std::string_view domain)
{
    const auto& text = id.room.value;
    const std::string mark = "@" + std::string{domain} + "|";
    const auto at = text.find(mark);
    if (at == text.npos)
        return std::nullopt;
    const auto puppet = parse_address(std::string_view{text}.substr(0, at + mark.size() - 1));
    const auto peer = parse_address(std::string_view{text}.substr(at + mark.size()));
    if (!puppet || !peer)
        return std::nullopt;
    return talk_name{*puppet, *peer};
}

void talk_state::went_on(std::string message_id, std::string_view about)
{
    subject = text::shortened(base_subject(about), longest_subject);
    if (message_id.empty())
        return;
    std::erase(references, message_id);
    references.push_back(std::move(message_id));
    if (references.size() > most_references)  // the root stays (RFC 5537 §3.4.4 has the same rule)
        references.erase(references.begin() + 1);
}

void talk_state::meets(mail_person who)
{
    const auto known = std::ranges::find(people, who.who, &mail_person::who);
    if (known != people.end()) {
        if (known->shown_as.empty())
            known->shown_as = std::move(who.shown_as);
    } else if (people.size() < most_people)
        people.push_back(std::move(who));
}

void talk_state::fared(mail_fate news)
{
    std::erase_if(fates, [&](const mail_fate& f) {
        return f.id == news.id && f.recipient == news.recipient;
    });
    news.why = text::one_line(news.why, 200);
    fates.push_back(std::move(news));
    if (fates.size() > most_fates)
        fates.erase(fates.begin());
}

namespace {
// "+ carol@ext.example Carol" and "= <id> seconds fate recipient why": no Message-ID begins so.
std::string line_of(const mail_person& who)
{
    return "\n+ " + who.who.text() + " " + text::one_line(who.shown_as, longest_subject);
}
std::string line_of(const mail_fate& f)
{
    const auto at = std::chrono::duration_cast<std::chrono::seconds>(f.at.time_since_epoch()).count();
    return "\n= " + f.id + " " + std::to_string(at) + " " + std::to_string(static_cast<int>(f.is)) + " " +
           f.recipient + " " + f.why;
}
void read_person(std::string_view line, talk_state& into)
{
    // A quoted local part may have blanks in it.
    for (auto end = line.find(' ', line.find('@')); end != line.npos; end = line.find(' ', end + 1))
        if (const auto who = parse_address(line.substr(0, end))) {
            into.meets(mail_person{std::string{line.substr(end + 1)}, *who});
            return;
        }
}
void read_fate(std::string_view line, talk_state& into)
{
    mail_fate out;
    out.id = text::next_word(line);
    const auto at = text::read_number(text::next_word(line)), is = text::read_number(text::next_word(line));
    if (!at || !is || *is > static_cast<std::uint64_t>(fate::failed))
        return;
    out.at = timestamp{std::chrono::seconds{*at}};
    out.is = static_cast<fate>(*is);
    out.recipient = text::next_word(line);
    out.why = line;
    into.fates.push_back(std::move(out));
}
}  // namespace

std::string talk_state::note() const
{
    std::string out = text::one_line(subject, longest_subject + 8);
    for (const auto& id : references)
        out += "\n" + id;
    if (!leave.url.empty())
        out += std::string{"\n! "} + (leave.one_click ? "1 " : "0 ") + leave.url;
    for (const auto& who : people)
        out += line_of(who);
    for (const auto& f : fates)
        out += line_of(f);
    return out;
}

talk_state talk_state::from_note(std::string_view note)
{
    talk_state out;
    const auto all = text::lines(note);
    out.subject = all.front();
    for (std::size_t i = 1; i < all.size(); ++i) {
        const auto line = all[i];
        if (line.starts_with("! 0 ") || line.starts_with("! 1 "))
            out.leave = list_exit{std::string{line.substr(4)}, line[2] == '1'};
        else if (line.starts_with("+ "))
            read_person(line.substr(2), out);
        else if (line.starts_with("= ") && out.fates.size() < most_fates)
            read_fate(line.substr(2), out);
        else if (auto id = message_id_in(line); !id.empty() && out.references.size() < most_references)
            out.references.push_back(std::move(id));
    }
    return out;
}

std::string talk_state::key(const portal_id& portal) { return "talk/" + digest({portal.room.value}); }

std::string base_subject(std::string_view subject)
{
    const auto clean = text::one_line(subject, 900);
    std::string_view rest{clean};
    for (auto n = prefix_of(rest); n > 0; n = prefix_of(rest)) {
        rest.remove_prefix(n);
        while (rest.starts_with(' '))
            rest.remove_prefix(1);
    }
    return std::string{rest};
}

std::string mail_key(const portal_id& portal, const message_id& event)
{
    return digest({"mail", portal.room.value, event.value});
}

std::string message_id_of(std::string_view mail_key, std::string_view domain)
{
    return "<" + std::string{mail_key} + ".v1@" + std::string{domain} + ">";
}

outgoing_mail letter_of(const event& e, const message& said, const talk_name& who, const talk_state& before)
{
    outgoing_mail out;
    const auto key = mail_key(e.portal, e.id);
    out.message_id = message_id_of(key, who.puppet.domain);
    out.boundary = key;
    out.from = mail_person{e.sender.shown_as, who.puppet};
    out.to.emplace_back("", who.peer);
    out.date = e.at;
    out.text = rich::to_plain(said.body);
    if (!said.body.is_plain())
        out.html = rich::to_html(said.body);
    if (said.how == manner::emote) {
        out.text = "* " + e.sender.shown_as + " " + out.text;
        out.html.clear();
    }
    if (said.how == manner::notice)
        out.auto_submitted = "auto-generated";

    out.references = before.references;
    std::string parent = before.references.empty() ? "" : before.references.back();
    for (const auto* named : {&said.thread, &said.reply_to})
        if (*named)
            if (auto id = mail_in((*named)->id); !id.empty())
                parent = std::move(id);
    // References end with the mail that is answered (RFC 5322 §3.6.4).
    const auto at = std::ranges::find(out.references, parent);
    if (at != out.references.end())
        out.references.erase(at + 1, out.references.end());
    else if (!parent.empty())
        out.references.push_back(parent);
    std::erase(out.references, out.message_id);  // sent before, and written down as the newest
    if (parent == out.message_id)
        parent = out.references.empty() ? "" : out.references.back();
    out.in_reply_to = parent;

    if (!said.subject.empty())
        out.subject = said.subject;
    else if (!before.subject.empty())
        out.subject = (parent.empty() ? "" : "Re: ") + before.subject;
    else
        out.subject = first_line(out.text);
    if (out.subject.empty() && !said.files.empty())
        out.subject = text::one_line(said.files.front().name, 60);
    return out;
}

std::string mail_in(const message_id& far) { return message_id_in(far.value); }

}  // namespace rialto::email
