// bridges/email/post_office.hpp, what is written down of a mail that goes out: before it does, so that what
// comes back is known; and what became of it for each recipient.
#include "bridges/email/post_office.hpp"

#include "core/log.hpp"

namespace rialto::email {
namespace {

// Nobody has it: all wait together, in their order, or its author may send it again as a whole.
std::optional<failure> as_a_whole(const std::vector<refusal>& refused)
{
    bool later = true, alike = true;
    std::string whys;
    for (const auto& r : refused) {
        later = later && r.why.next == verdict::try_later;
        alike = alike && r.why.kind == refused.front().why.kind;
        if (whys.size() < 500)
            whys += (whys.empty() ? "" : "; ") + r.why.why;
    }
    if (refused.size() == 1 || (later && alike))
        return refused.front().why;
    for (const auto& r : refused)
        if (r.why.next == verdict::try_later)
            return std::nullopt;  // each goes on by itself
    return failure{verdict::give_up, refused.front().why.kind, std::move(whys)};
}

}  // namespace

awaitable<outcome> post_office::before_sending(const letter& l)
{
    auto known = co_await host_.recall(l.note_key);
    if (!known)
        co_return known.error();
    if (!known->empty())
        co_return ok();  // a repeat
    std::vector<note> notes;
    notes.emplace_back(l.note_key, l.about.note());
    if (!l.belongs.key.empty())
        notes.push_back(l.belongs);
    auto noted = co_await host_.remember_all(std::move(notes));
    if (!noted)
        co_return noted.error();
    co_return co_await remember_in_ring(l.key);
}

awaitable<result<sent>> post_office::settle(letter l, std::vector<recipient_fate> fates)
{
    sent out{message_id{l.id}};
    out.refused = std::move(l.refused);
    std::vector<mail_fate> all;
    for (const auto& r : out.refused)
        all.emplace_back(l.id, time_->now(), fate::failed, r.recipient.value, r.why.why);
    std::size_t went = 0;
    for (std::size_t i = 0; i < l.mail.recipients.size(); ++i) {
        const auto who = l.mail.recipients[i].text();
        auto fine = outcome_of(fates[i]);
        mail_fate news{l.id, time_->now(), fate::relayed, who};
        if (fine) {
            ++went;
            l.taken.push_back(who);
        } else {
            if (fine.error().next == verdict::give_up && says_nobody(fates[i].said.status))
                co_await note_nobody(l.mail.recipients[i], fates[i].said.status);
            news.is = fine.error().next == verdict::give_up ? fate::failed : fate::delayed;
            news.why = fine.error().why;
            if (!l.about.root.empty())
                fine.error().why = who + ": " + fine.error().why;
            out.refused.emplace_back(user_id{who}, std::move(fine.error()));
        }
        all.push_back(std::move(news));
    }
    if (went == 0 && l.taken.empty() && !out.refused.empty())
        if (auto whole = as_a_whole(out.refused)) {
            if (whole->next == verdict::give_up)
                co_await write_down(l, std::move(all), 0);
            co_return std::move(*whole);
        }
    co_await write_down(l, std::move(all), went);
    co_return out;
}

// In one commit: were it cut in two by a crash, somebody might get the mail twice. The state is read anew:
// answers may have come while the mail was on its way.
awaitable<void> post_office::write_down(const letter& l, std::vector<mail_fate> news, std::size_t went)
{
    std::vector<note> notes;
    const auto key = day_count::key(l.from);
    auto before = co_await host_.recall(key);
    auto noted = co_await host_.recall(l.talk_key);  // last: it is written with no wait in between
    if (noted) {
        auto state = talk_state::from_note(*noted);
        if (l.advances && went > 0)
            state.went_on(l.id, l.subject);
        for (auto& one : news)
            state.fared(std::move(one));
        notes.emplace_back(l.talk_key, state.note());
    }
    if (!l.about.root.empty()) {
        auto about = l.about;
        about.taken = l.taken;
        notes.emplace_back(l.note_key, about.note());
    }
    if (before && went > 0) {
        auto today = day_count::from_note(*before, time_->now());
        today.mails += went;
        notes.emplace_back(key, today.note());
    }
    auto kept = co_await host_.remember_all(std::move(notes));
    if (!kept)  // the next mail threads by an older one
        log::warn("what became of a mail is not written down", "error", kept.error().why);
}

outcome outcome_of(const recipient_fate& f)
{
    if (f.said.good())
        return ok();
    const bool later = f.said.code / 100 == 4;
    auto why = f.said.text.empty() ? "the mail server refused it" : f.said.text;
    if (!f.said.status.empty())
        why += " (" + f.said.status + ")";
    failure out{later ? verdict::try_later : verdict::give_up, cause::other, std::move(why)};
    out.certain = f.certain;
    return out;
}

}  // namespace rialto::email
