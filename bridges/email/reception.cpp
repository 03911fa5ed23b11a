#include "bridges/email/reception.hpp"

#include "bridges/email/dsn.hpp"
#include "core/key.hpp"
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

// What the reader has to know beside the words.
void remark(document& d, const arrival& in)
{
    const auto& m = in.mail;
    if (in.author != verdict_on_author::genuine)
        d.blocks.insert(d.blocks.begin(), said("Sender not verified", mark::italic));
    if (m.encrypted)
        d.blocks.push_back(said("This mail is encrypted; Rialto cannot read it.", mark::italic));
    for (const auto& line : in.left_out)
        d.blocks.push_back(said(line, mark::italic));
    if (m.cut)
        d.blocks.push_back(said("The mail was too long to be shown whole.", mark::italic));
    if (in.body.shortened)
        d.blocks.push_back(said("This is its beginning; all of it is in the file mail.txt.", mark::italic));
    if (d.empty() && in.files.empty())
        d.blocks.push_back(said("(no text)", mark::italic));
}

message_id part_of(const message_id& mail, std::size_t number)
{
    const auto end = std::min(mail.value.find(' ', mail.value.find(' ') + 1), mail.value.size());
    return message_id{mail.value.substr(0, end) + "." + std::to_string(number) + mail.value.substr(end)};
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

std::optional<reply> refusal_of(const parsed_mail& m, std::string_view our_domain)
{
    if (m.received > most_hops)
        return reply{554, "5.4.6", "the mail goes in circles"};
    if (m.message_id.ends_with("@" + std::string{our_domain} + ">"))
        return reply{554, "5.4.6", "this mail began here"};
    return std::nullopt;
}

std::string suspicion_of(const parsed_mail& m, std::string_view our_domain, verdict_on_author author)
{
    if (m.from_headers != 1 || m.from_people != 1 || m.from.size() != 1)
        return "it does not have one author, with an address";
    if (m.from.front().who.domain == our_domain)
        return "people of " + std::string{our_domain} + " do not write from outside";
    if (author == verdict_on_author::forged)
        return m.from.front().who.domain + " does not vouch for it (DMARC)";
    return {};
}

address quarantine_of(std::string_view our_domain)
{
    return address{"mail+quarantine", std::string{our_domain}};  // with a tag: no person's
}

std::string trace_of(const envelope& about, std::string_view our_domain, bool lmtp, timestamp now)
{
    return "Return-Path: <" + (about.sender ? about.sender->text() : std::string{}) + ">\r\nReceived: from " +
           text::one_line(about.greeting, longest_domain) + "\r\n by " + std::string{our_domain} +
           " (Rialto) with " +
           (about.smtputf8 ? "UTF8"
            : lmtp         ? ""
                           : "E") +
           (lmtp ? "LMTP" : "SMTP") + (about.encrypted ? "S; " : "; ") + mail_date(now) + "\r\n";
}

arrival::arrival(parsed_mail m, verdict_on_author a, const std::optional<address>& from)
    : mail{std::move(m)}, id{far_id_of(mail)}, author{a}, body{body_of(mail)}, sender{from}
{
    for (auto& f : body.more)
        mail.files.push_back(std::move(f));
    body.more.clear();
    if (sender && a == verdict_on_author::genuine && mail.from.size() == 1 &&
        aligned(sender->domain, mail.from.front().who.domain))
        id.value += " " + sender->text();
}

// Message-IDs and digests have no blanks.
std::optional<address> sender_in(const message_id& far)
{
    const auto first = far.value.find(' ');
    const auto second = first == far.value.npos ? first : far.value.find(' ', first + 1);
    return second == far.value.npos ? std::nullopt
                                    : parse_address(std::string_view{far.value}.substr(second + 1));
}

std::vector<event> held_back(
    const arrival& in, const address& puppet, std::string_view why, bool opens, timestamp now
)
{
    const talk_name who{puppet, quarantine_of(puppet.domain)};
    const person from{user_id{who.peer.text()}, "Quarantine (mail)"};
    std::vector<event> out;
    if (opens)
        out.emplace_back(who.portal(), from, now, message_id{}, talk_room(who, "Quarantine", 0));
    std::string authors;
    for (const auto& one : in.mail.from)
        if (authors.size() < 500)
            authors += (authors.empty() ? "" : ", ") + one.shown_as + " <" + one.who.text() + ">";
    message told{rich::from_plain(
        "Held back: a mail that says it is from " + (authors.empty() ? "nobody" : authors) + ", and " +
        std::string{why} + ".\nSubject: " + in.mail.subject
    )};
    for (const auto& line : in.left_out)
        told.body.blocks.push_back(said(line, mark::italic));
    told.how = manner::notice;
    out.emplace_back(who.portal(), from, now, in.id, std::move(told));
    for (const auto& f : in.files) {
        message shown;
        shown.how = manner::notice;
        shown.files.push_back(f);
        out.emplace_back(who.portal(), from, now, part_of(in.id, 1), std::move(shown));
    }
    return out;
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

room talk_room(const talk_name& who, std::string_view shown_as, std::uint64_t most)
{
    room out{kind::direct};
    out.able.html = out.able.replies = out.able.files = true;
    out.able.max_file = most / 10 * 7;
    const auto name = shown_as.empty() ? who.peer.text() : std::string{shown_as};
    out.members.emplace_back(person{user_id{who.peer.text()}, name + " (mail)"}, rank::member, false);
    out.members.emplace_back(person{user_id{who.puppet.text()}}, rank::member, true);
    out.complete = true;
    return out;
}

std::vector<event> events_of(
    const arrival& in, const talk_name& who, const talk_state& before, bool opens, timestamp now,
    std::uint64_t most
)
{
    const auto& m = in.mail;
    const auto portal = who.portal();
    const auto name = m.from.empty() ? std::string{} : m.from.front().shown_as;
    const person from{user_id{who.peer.text()}, (name.empty() ? who.peer.text() : name) + " (mail)"};
    std::vector<event> out;
    if (opens)
        out.emplace_back(portal, from, now, message_id{}, talk_room(who, name, most));
    message told{in.body.words};
    remark(told.body, in);
    if (base_subject(m.subject) != before.subject)
        told.subject = m.subject;
    const auto parent = parent_of(m);
    if (!parent.empty() && (before.references.empty() || before.references.back() != parent))
        told.reply_to = reference{message_id{parent}};
    const bool automatic = !m.auto_submitted.empty() && m.auto_submitted != "no";
    if (automatic)
        told.how = manner::notice;
    // A mail that is files and nothing else is known by the first of them.
    auto id = in.id;
    const auto how = told.how;
    if (!told.body.empty() || !told.subject.empty() || in.files.empty()) {
        event e{portal, from, now, std::exchange(id, message_id{}), std::move(told)};
        if (!m.message_id.empty())
            e.also.emplace_back(m.message_id);
        out.push_back(std::move(e));
    }
    for (std::size_t i = 0; i < in.files.size(); ++i) {
        message shown;
        shown.how = how;
        shown.files.push_back(in.files[i]);
        const bool first = !id.empty();
        event e{
            portal, from, now, first ? std::exchange(id, message_id{}) : part_of(in.id, i + 1),
            std::move(shown)
        };
        if (first && !m.message_id.empty())
            e.also.emplace_back(m.message_id);
        out.push_back(std::move(e));
    }
    return out;
}

bool is_automatic_answer(const parsed_mail& m)
{
    return m.auto_submitted.starts_with("auto-replied") || m.precedence == "auto_reply";
}

returned kind_of_return(const parsed_mail& m)
{
    if (m.delivery_status)
        return returned::status;
    // Mail servers' own words are no person's, whatever they say they are (RFC 5321 §4.5.1).
    const auto writer = m.from.empty() ? std::string{} : m.from.front().who.local;
    const bool server = writer == "mailer-daemon" || writer == "postmaster";
    if (!m.is_report && !server && m.auto_submitted.starts_with("auto-replied") && m.from.size() == 1)
        return returned::answer;
    return returned::bounce;
}

std::string sent_mail::note() const
{
    auto out = portal.room.value + "\n" + id + "\n" + root;
    for (const auto& who : taken)
        out += "\n" + who;
    return out;
}

std::optional<sent_mail> sent_mail::from_note(std::string_view note)
{
    const auto all = text::lines(note);
    if (all.size() < 2 || all[0].empty())
        return std::nullopt;
    sent_mail out{portal_id{room_id{std::string{all[0]}}}, std::string{all[1]}};
    if (all.size() > 2)
        out.root = all[2];
    for (std::size_t i = 3; i < all.size(); ++i)
        out.taken.emplace_back(all[i]);
    return out;
}

namespace {
// A talk has one recipient over there: what is said of any is said of them.
void gather(std::vector<delivery_news>& news, std::string_view peer)
{
    auto is = news.empty() ? fate::failed : news.front().is;
    for (const auto& one : news)
        is = worse(is, one.is);
    delivery_news all;
    all.is = is;
    for (const auto& one : news)
        if (one.is == is && all.diagnostic.empty())
            all.diagnostic = one.diagnostic.empty() ? one.status : one.diagnostic;
    all.recipient = peer;
    news.assign(1, std::move(all));
}
}  // namespace

std::vector<report> reports_of(
    const parsed_mail& m, const sent_mail& about, const std::optional<address>& peer
)
{
    auto news = m.delivery_status ? read_delivery_status(*m.delivery_status) : delivery_report{};
    if (peer || news.about.empty())
        gather(news.about, peer ? peer->text() : std::string{});
    std::vector<report> out;
    for (const auto& one : news.about) {
        const auto who = parse_address(one.recipient);
        const auto name = who ? who->text() : text::one_line(one.recipient, longest_domain);
        auto why = one.diagnostic.empty() ? one.status : one.diagnostic;
        if (why.empty())
            why = text::shortened(m.subject, 200);
        if (why.empty())
            why = "the mail came back";
        report r{reference{message_id{about.id}}, user_id{name}, one.is};
        if (one.is == fate::failed || one.is == fate::delayed)
            r.why = failure{
                one.is == fate::failed ? verdict::give_up : verdict::try_later, cause::other,
                name.empty() ? why : name + ": " + why
            };
        out.push_back(std::move(r));
    }
    return out;
}

}  // namespace rialto::email
