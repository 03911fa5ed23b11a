#include "bridges/email/reception.hpp"

#include "bridges/email/dsn.hpp"
#include "core/key.hpp"
#include "core/rich/html.hpp"
#include "core/rich/plain.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace rialto::email {
namespace {

block said(std::string words, std::uint8_t look)
{
    std::vector<run> runs;
    runs.emplace_back(std::move(words), look);
    return block{block::is::paragraph, std::move(runs)};
}

document body_of(const parsed_mail& m)
{
    if (m.html)
        if (auto read = rich::from_html(*m.html, rich::dialect::mail); read && !read->empty())
            return std::move(*read);
    std::string plain = m.text.value_or("");
    std::erase(plain, '\r');
    while (plain.ends_with('\n') || plain.ends_with(' '))
        plain.pop_back();
    return rich::from_plain(plain);
}

// What the reader has to know beside the words.
void remark(document& d, const parsed_mail& m, verdict_on_author author)
{
    if (author != verdict_on_author::genuine)
        d.blocks.insert(d.blocks.begin(), said("Sender not verified", mark::italic));
    if (m.encrypted)
        d.blocks.push_back(said("This mail is encrypted; Rialto cannot read it.", mark::italic));
    for (const auto& f : m.files) {
        const auto name = f.name.empty() ? f.type : f.name;
        d.blocks.push_back(said(
            "Attachment not carried: " + name + " (" + std::to_string(f.bytes.size()) + " bytes)",
            mark::italic
        ));
    }
    if (m.cut)
        d.blocks.push_back(said("The mail was too long to be shown whole.", mark::italic));
    if (d.empty())
        d.blocks.push_back(said("(no text)", mark::italic));
}

// The mail that this one answers, as far as it says.
std::string parent_of(const parsed_mail& m)
{
    if (!m.in_reply_to.empty())
        return m.in_reply_to;
    return m.references.empty() ? std::string{} : m.references.back();
}

fate worse(fate a, fate b) { return a == fate::failed || b == fate::failed ? fate::failed : a; }

}  // namespace

std::optional<reply> refusal_of(const parsed_mail& m, std::string_view our_domain, verdict_on_author author)
{
    if (m.received > most_hops)
        return reply{554, "5.4.6", "the mail goes in circles"};
    if (m.from_headers != 1 || m.from_people != 1 || m.from.size() != 1)
        return reply{550, "5.6.0", "the mail must have one author, with an address, in From"};
    if (m.from.front().who.domain == our_domain)
        return reply{550, "5.7.1", "people of " + std::string{our_domain} + " do not write from outside"};
    if (m.message_id.ends_with("@" + std::string{our_domain} + ">"))
        return reply{554, "5.4.6", "this mail began here"};
    if (author == verdict_on_author::forged)
        return reply{550, "5.7.26", "the author's domain does not vouch for this mail (DMARC)"};
    return std::nullopt;
}

message_id far_id_of(const parsed_mail& m)
{
    std::string all = digest(
        {m.message_id, m.subject, m.from.empty() ? "" : m.from.front().who.text(),
         std::to_string(m.date.time_since_epoch().count()), m.text.value_or(""), m.html.value_or("")}
    );
    for (const auto& f : m.files)
        all = digest({all, f.name, f.type, f.bytes});
    return message_id{(m.message_id.empty() ? "<none>" : m.message_id) + " " + all};
}

room talk_room(const talk_name& who, std::string_view shown_as)
{
    room out{kind::direct};
    out.able.html = out.able.replies = true;
    const auto name = shown_as.empty() ? who.peer.text() : std::string{shown_as};
    out.members.emplace_back(person{user_id{who.peer.text()}, name + " (mail)"}, rank::member, false);
    out.members.emplace_back(person{user_id{who.puppet.text()}}, rank::member, true);
    out.complete = true;
    return out;
}

std::vector<event> events_of(
    const parsed_mail& m, const talk_name& who, const talk_state& before, bool opens,
    verdict_on_author author, timestamp now
)
{
    const auto portal = who.portal();
    const auto name = m.from.empty() ? std::string{} : m.from.front().shown_as;
    const person from{user_id{who.peer.text()}, (name.empty() ? who.peer.text() : name) + " (mail)"};
    std::vector<event> out;
    if (opens)
        out.emplace_back(portal, from, now, message_id{}, talk_room(who, name));
    message told{body_of(m)};
    remark(told.body, m, author);
    if (base_subject(m.subject) != before.subject)
        told.subject = m.subject;
    const auto parent = parent_of(m);
    if (!parent.empty() && (before.references.empty() || before.references.back() != parent))
        told.reply_to = reference{message_id{parent}};
    const bool automatic = !m.auto_submitted.empty() && m.auto_submitted != "no";
    if (automatic)
        told.how = manner::notice;
    event e{portal, from, now, far_id_of(m), std::move(told)};
    if (!m.message_id.empty())
        e.also.emplace_back(m.message_id);
    out.push_back(std::move(e));
    return out;
}

returned kind_of_return(const parsed_mail& m)
{
    if (m.delivery_status)
        return returned::status;
    if (!m.is_report && m.auto_submitted.starts_with("auto-replied") && m.from.size() == 1)
        return returned::answer;
    return returned::bounce;
}

std::string sent_mail::note() const { return who.portal().room.value + "\n" + id; }

std::optional<sent_mail> sent_mail::from_note(std::string_view text, std::string_view domain)
{
    const auto end = text.find('\n');
    if (end == text.npos)
        return std::nullopt;
    auto who = talk_name::of(portal_id{room_id{std::string{text.substr(0, end)}}}, domain);
    if (!who)
        return std::nullopt;
    return sent_mail{std::move(*who), std::string{text.substr(end + 1)}};
}

// A talk has one recipient over there: what is said of any is said of them.
std::vector<event> reports_of(const parsed_mail& m, const sent_mail& about, timestamp now)
{
    const auto news = m.delivery_status ? read_delivery_status(*m.delivery_status) : delivery_report{};
    auto is = news.about.empty() ? fate::failed : news.about.front().is;
    std::string why;
    for (const auto& one : news.about) {
        is = worse(is, one.is);
        if (why.empty() && one.is == is)
            why = one.diagnostic.empty() ? one.status : one.diagnostic;
    }
    if (why.empty())
        why = text::shortened(m.subject, 200);
    report out{reference{message_id{about.id}}, user_id{about.who.peer.text()}, is};
    if (is == fate::failed || is == fate::delayed)
        out.why = failure{
            is == fate::failed ? verdict::give_up : verdict::try_later, cause::other,
            about.who.peer.text() + ": " + (why.empty() ? "the mail came back" : why)
        };
    std::vector<event> all;
    all.emplace_back(about.who.portal(), person{}, now, message_id{}, std::move(out));
    return all;
}

}  // namespace rialto::email
