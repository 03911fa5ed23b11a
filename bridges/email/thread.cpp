#include "bridges/email/thread.hpp"

#include "core/key.hpp"

#include <algorithm>

namespace rialto::email {
namespace {

constexpr std::size_t most_ancestors = 20;

bool in_thread(const talk_state& state, const address& who)
{
    return std::ranges::find(state.people, who, &mail_person::who) != state.people.end();
}

}  // namespace

std::optional<mailbox_name> mailbox_name::of(const portal_id& id, std::string_view domain)
{
    const auto at = parse_address(id.room.value);
    if (!at || at->domain != domain || !objection_to_mailbox(at->local).empty())
        return std::nullopt;
    return mailbox_name{*at};
}

std::string objection_to_mailbox(std::string_view local)
{
    // RFC 5321 §4.5.1, RFC 2142: other people rely on where these go; and our own.
    static constexpr std::string_view taken[] = {"postmaster",    "abuse", "hostmaster",
                                                 "mailer-daemon", "b",     "mail"};
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    if (local.empty() || local.size() > longest_local || local.find_first_not_of(letters) != local.npos ||
        local.starts_with('.') || local.ends_with('.') || local.find("..") != local.npos)
        return "The name of a mailbox has small letters, digits, dots and dashes, as in: !mail mailbox "
               "support";
    if (std::ranges::find(taken, local) != std::end(taken))
        return "This name is kept for the mail system.";
    return {};
}

room mailbox_room(const address& box, std::uint64_t most)
{
    room out{kind::mailbox};
    out.able.html = out.able.replies = out.able.threads = out.able.files = true;
    out.able.max_file = most / 10 * 7;
    out.info.title = box.text();
    out.complete = true;
    return out;
}

std::string thread_key(const portal_id& portal, std::string_view root)
{
    return "thread/" + digest({portal.room.value, std::string{root}});
}

std::string belongs_key(const portal_id& portal, std::string_view message_id)
{
    return "in-thread/" + digest({portal.room.value, std::string{message_id}});
}

std::vector<std::string> ancestors_of(const parsed_mail& m)
{
    std::vector<std::string> out;
    if (!m.in_reply_to.empty())
        out.push_back(m.in_reply_to);
    for (auto at = m.references.rbegin(); at != m.references.rend() && out.size() < most_ancestors; ++at)
        if (std::ranges::find(out, *at) == out.end())
            out.push_back(*at);
    return out;
}

std::string root_of(const arrival& in, std::string_view our_domain)
{
    if (!in.mail.message_id.empty())
        return in.mail.message_id;
    return "<" + digest({in.id.value}) + ".unnamed@" + std::string{our_domain} + ">";
}

std::string root_in(const message& said)
{
    if (!said.thread)
        return {};
    if (auto id = mail_in(said.thread->id); !id.empty() && id != "<none>")
        return id;
    for (const auto& other : said.thread->also)
        if (auto id = mail_in(other); !id.empty())
            return id;
    return {};
}

void meet_everybody(talk_state& state, const parsed_mail& m, std::string_view our_domain)
{
    for (const auto* some : {&m.from, &m.to, &m.cc})
        for (const auto& who : *some)
            if (who.who.domain != our_domain)
                state.meets(who);
    if (m.from.empty())
        return;
    const auto author = std::ranges::find(state.people, m.from.front().who, &mail_person::who);
    if (author != state.people.end())
        std::rotate(state.people.begin(), author, author + 1);
}

std::vector<event> thread_events(
    const arrival& in, const address& box, std::string_view root, bool first, const talk_state& before,
    timestamp now
)
{
    const auto& author = in.mail.from.front();
    auto out = events_of(in, talk_name{box, author.who}, before, false, now, 0);
    bool begins = first;
    for (auto& e : out) {
        e.portal = mailbox_name{box}.portal();
        auto& told = std::get<message>(e.what);
        if (begins) {
            if (in.mail.message_id.empty())
                e.also.emplace_back(std::string{root});
            told.reply_to.reset();
        } else
            told.thread = reference{message_id{std::string{root}}};
        begins = false;
    }
    if (!first && !in_thread(before, author.who) && !out.empty()) {
        std::vector<run> words;
        words.emplace_back(
            "New in this conversation: " + author.who.text() + ". What is answered here goes there, too.",
            mark::italic
        );
        std::get<message>(out.front().what)
            .body.blocks.insert(
                std::get<message>(out.front().what).body.blocks.begin(),
                block{block::is::paragraph, std::move(words)}
            );
    }
    return out;
}

outgoing_mail thread_letter(const event& e, const message& said, const address& box, const talk_state& state)
{
    auto words = said;
    words.thread.reset();  // the newest mail is answered, unless one is replied to
    auto out = letter_of(e, words, talk_name{box, state.people.front().who}, state);
    out.to.assign(1, state.people.front());
    out.cc.assign(state.people.begin() + 1, state.people.end());
    return out;
}

}  // namespace rialto::email
