#include "bridges/email/imap_session.hpp"

#include "bridges/email/letters.hpp"
#include "bridges/email/mime.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace rialto::email {
namespace {

constexpr std::string_view listed_facts =
    " (UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])";

imap_limits limits_of(const imap_plan& plan)
{
    imap_limits out;
    out.literals = plan.most + plan.bytes_together + 1024 * 1024;
    return out;
}

std::uint32_t uid_in(std::string_view s)
{
    const imap_value v{imap_value::is::atom, std::string{s}};
    const auto n = v.number();
    return n && *n <= UINT32_MAX ? static_cast<std::uint32_t>(*n) : 0;
}

// "17-Jul-1996 02:44:25 -0700" (RFC 3501 §9, date-time); 0: it is none.
std::int64_t seconds_of(std::string_view s)
{
    static constexpr std::string_view months = "janfebmaraprmayjunjulaugsepoctnovdec";
    if (s.size() != 26)
        return 0;
    const auto number = [s](std::size_t at, std::size_t n) {
        int out = 0;
        for (const char c : s.substr(at, n))
            out = out * 10 + (c >= '0' && c <= '9' ? c - '0' : 0);
        return out;
    };
    const auto month = months.find(small(s.substr(3, 3)));
    if (month == months.npos)
        return 0;
    const std::chrono::year_month_day day{
        std::chrono::year{number(7, 4)}, std::chrono::month{static_cast<unsigned>(month / 3 + 1)},
        std::chrono::day{static_cast<unsigned>(number(0, 2))}
    };
    if (!day.ok())
        return 0;
    const std::int64_t zone = number(22, 2) * 3600 + number(24, 2) * 60;
    const std::int64_t local = std::chrono::sys_days{day}.time_since_epoch().count() * std::int64_t{86400} +
                               number(12, 2) * 3600 + number(15, 2) * 60 + number(18, 2);
    return s[21] == '-' ? local + zone : local - zone;
}

}  // namespace

std::string imap_cursor::note() const
{
    return std::to_string(validity) + " " + std::to_string(uid) + " " + std::to_string(mark);
}

std::optional<imap_cursor> imap_cursor::from_note(std::string_view text)
{
    std::vector<std::uint64_t> all;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        const imap_value v{imap_value::is::atom, std::string{text.substr(0, end)}};
        all.push_back(v.number().value_or(0));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (all.size() != 3 || all[0] == 0 || all[0] > UINT32_MAX || all[1] > UINT32_MAX)
        return std::nullopt;
    return imap_cursor{
        static_cast<std::uint32_t>(all[0]), static_cast<std::uint32_t>(all[1]),
        static_cast<std::int64_t>(all[2])
    };
}

imap_session::imap_session(imap_plan plan, std::optional<imap_cursor> from)
    : plan_{std::move(plan)},
      in_{limits_of(plan_)},
      mailbox_{imap_mailbox(plan_.folder)},
      from_{from},
      noted_{from}
{
    ask(doing::offers, "CAPABILITY");
}

void imap_session::ask(doing what, const std::string& command)
{
    tag_ = "r" + std::to_string(++tags_);
    out_ += tag_ + " " + command + "\r\n";
    doing_ = what;
}

void imap_session::feed(std::string_view bytes)
{
    in_.feed(bytes);
    while (doing_ != doing::over) {
        const auto r = in_.next();
        if (!r)
            break;
        hear(*r);
    }
    if (!in_.broken().empty())
        lost(in_.broken());
}

void imap_session::lost(std::string why)
{
    if (doing_ == doing::over)
        return;
    why_ = std::move(why);
    doing_ = doing::over;
}

std::chrono::seconds imap_session::pause() const
{
    // RFC 2177: at least every 29 minutes; those in between (NAT) are told so by many providers.
    return idling_ ? std::chrono::minutes{24} : std::chrono::minutes{1};
}

imap_session::wish imap_session::next()
{
    for (;;) {
        if (doing_ == doing::over)
            return wish::over;
        const bool work = changed_ || !copies_.empty();
        if (doing_ == doing::idle && idling_ && work)
            tired();
        if (doing_ == doing::poll && work)
            doing_ = doing::ready;
        if (doing_ != doing::ready)
            return (doing_ == doing::idle && idling_) || doing_ == doing::poll ? wish::rest : wish::read;
        if (!mails_.empty())
            return wish::mail;
        choose();
        if (doing_ == doing::ready)
            return wish::note;
    }
}

void imap_session::tired()
{
    if (doing_ == doing::idle && idling_) {
        out_ += "DONE\r\n";
        idling_ = false;
        doing_ = doing::wake;
        changed_ = true;  // whatever was not told
    } else if (doing_ == doing::poll)
        ask(doing::wake, "NOOP");
}

void imap_session::took()
{
    cursor_ = mails_.front().after;
    noted_ = cursor_;
    mails_.pop_front();
}

imap_copy imap_session::take_copy()
{
    auto out = std::move(copies_.front());
    copies_.pop_front();
    return out;
}

void imap_session::hear(const imap_response& r)
{
    switch (r.is) {
        case imap_response::of::untagged: return hear_data(r);
        case imap_response::of::tagged:
            if (r.tag == tag_)
                answered(r);
            return;
        case imap_response::of::go_on:
            if (doing_ == doing::idle)
                idling_ = true;
            else if (doing_ == doing::put_copy)
                out_ += copies_.front().bytes + "\r\n";
            return;
    }
}

void imap_session::hear_data(const imap_response& r)
{
    if (r.name == "BYE")
        return lost("the mail server hung up: " + r.text);
    if (r.name == "EXISTS" && r.number) {
        changed_ = changed_ || *r.number > exists_;
        exists_ = *r.number;
    } else if (r.name == "EXPUNGE" && exists_ > 0) {
        --exists_;
    } else if (r.name == "CAPABILITY") {
        can_idle_ =
            std::ranges::any_of(r.values, [](const imap_value& v) { return small(v.text) == "idle"; });
    } else if (r.name == "OK" && doing_ == doing::select) {
        if (r.code == "UIDVALIDITY")
            validity_ = uid_in(r.code_value);
        if (r.code == "UIDNEXT")
            next_uid_ = uid_in(r.code_value);
    } else if (r.name == "LIST" && doing_ == doing::find) {
        hear_folder(r);
    } else if (r.name == "FETCH" && !r.values.empty()) {
        hear_fetch(r.values.front());
    } else if (r.name == "SEARCH" && doing_ == doing::look_copy) {
        copy_there_ = copy_there_ || !r.values.empty();
    }
}

void imap_session::hear_folder(const imap_response& r)
{
    if (r.values.size() != 3)
        return;
    const auto& flags = r.values[0].items;
    if (std::ranges::any_of(flags, [](const imap_value& v) { return small(v.text) == "\\sent"; }))
        mailbox_ = imap_quoted(r.values[2].text);
}

void imap_session::hear_fetch(const imap_value& list)
{
    const auto* named = list.behind("UID");
    const auto uid = named ? uid_in(named->text) : 0;
    if (uid == 0)
        return;  // flags that changed
    if (doing_ == doing::last_uid)
        next_uid_ = std::max(next_uid_, uid + 1);
    const auto* body = list.behind("BODY[");
    if (doing_ == doing::fetch && body) {
        got_[uid] = *body;
        return;
    }
    const auto* size = list.behind("RFC822.SIZE");
    if (doing_ != doing::list || !size || (missing_ ? uid >= next_uid_ : uid <= cursor_.uid))
        return;
    entry e;
    e.uid = uid;
    e.size = size->number().value_or(0);
    const auto* date = list.behind("INTERNALDATE");
    e.date = date ? seconds_of(date->text) : 0;
    if (missing_ && e.date < cursor_.mark)
        return;
    if (body && !plan_.own_ids.empty()) {
        const auto colon = body->text.find(':');
        e.ours = colon != body->text.npos &&
                 message_id_in(std::string_view{body->text}.substr(colon + 1)).ends_with(plan_.own_ids);
    }
    listed_[uid] = e;
    if (listed_.size() > most_listed) {
        listed_.erase(std::prev(listed_.end()));
        changed_ = true;  // those come when these are read
    }
}

void imap_session::answered(const imap_response& r)
{
    const bool good = r.name == "OK";
    const auto was = std::exchange(doing_, doing::ready);
    switch (was) {
        case doing::make: plan_.make = false; return ask(doing::select, "SELECT " + mailbox_);
        case doing::offers:
            if (plan_.is_sent)
                return ask(doing::find, "LIST \"\" \"*\"");
            [[fallthrough]];
        case doing::find: return ask(doing::select, "SELECT " + mailbox_);
        case doing::select:
            if (good)
                return selected();
            if (plan_.make)
                return ask(doing::make, "CREATE " + mailbox_);
            return lost("the folder " + plan_.folder + " cannot be opened: " + r.text);
        case doing::last_uid:
            if (good)
                return begin();
            break;
        case doing::list:
            if (good)
                return listed();
            break;
        case doing::fetch: return fetched(r);
        case doing::idle:
            can_idle_ = can_idle_ && good;
            idling_ = false;
            return;
        case doing::look_copy:
            if (good && !copy_there_)
                return ask(
                    doing::put_copy,
                    "APPEND " + mailbox_ + " (\\Seen) {" + std::to_string(copies_.front().bytes.size()) + "}"
                );
            return copy_done(r);
        case doing::put_copy: return copy_done(r);
        default: return;
    }
    lost("the mail server refused to read " + plan_.folder + ": " + r.text);
}

void imap_session::selected()
{
    if (validity_ == 0)
        return lost("the mail server gives no UIDVALIDITY");
    if (next_uid_ == 0 && exists_ > 0)
        return ask(doing::last_uid, "UID FETCH * (UID)");
    next_uid_ = std::max(next_uid_, 1U);
    begin();
}

void imap_session::begin()
{
    const imap_cursor end{validity_, next_uid_ - 1, from_ ? from_->mark : plan_.now};
    if (!from_) {
        cursor_ = end;
        return;
    }
    cursor_ = *from_;
    if (from_->validity == validity_)
        return;
    if (exists_ == 0) {
        cursor_ = end;
        return;
    }
    missing_ = true;
    const auto from = exists_ > most_missed ? exists_ - most_missed + 1 : 1;
    list(std::to_string(from) + ":*", false);
}

void imap_session::list(const std::string& range, bool by_uid)
{
    changed_ = false;
    ask(doing::list, (by_uid ? "UID FETCH " : "FETCH ") + range + std::string{listed_facts});
}

void imap_session::listed()
{
    if (!missing_)
        return;
    news_ = "the mail server has numbered " + plan_.folder + " anew; ";
    if (listed_.size() >= most_missed) {
        listed_.clear();
        news_ += "what came meanwhile cannot be told from what was read: it is passed over";
    } else
        news_ += "mails that are not older than the last one, read again: " + std::to_string(listed_.size());
}

void imap_session::read_up_to(const entry& e)
{
    young_ = std::max(young_, e.date);
    if (missing_)
        return;
    cursor_.uid = std::max(cursor_.uid, e.uid);
    cursor_.mark = std::max(cursor_.mark, e.date);
}

// REQUIRES: ready, and no mail waits. Stays ready where the cursor must be written down.
void imap_session::choose()
{
    for (const auto& e : std::exchange(asked_, {}))
        read_up_to(e);  // also one that is there no more
    if (fetch_some())
        return;
    if (missing_) {
        missing_ = false;
        changed_ = true;
        cursor_ = imap_cursor{validity_, next_uid_ - 1, std::max(cursor_.mark, young_)};
    }
    if (noted_ != cursor_)
        return;
    if (changed_)
        return list(std::to_string(std::uint64_t{cursor_.uid} + 1) + ":*", true);
    rest();
}

void imap_session::rest()
{
    one_by_one_ = false;
    if (!copies_.empty()) {
        copy_there_ = false;
        return ask(
            doing::look_copy, "UID SEARCH HEADER Message-ID " + imap_quoted(copies_.front().message_id)
        );
    }
    if (can_idle_)
        return ask(doing::idle, "IDLE");
    doing_ = doing::poll;
}

bool imap_session::fetch_some()
{
    std::string uids;
    std::uint64_t bytes = 0;
    headers_only_ = false;
    while (!listed_.empty()) {
        const auto e = listed_.begin()->second;
        const bool large = e.size > plan_.most;
        const bool full = e.ours || large || headers_only_ || one_by_one_ ||
                          asked_.size() >= plan_.together || bytes + e.size > plan_.bytes_together;
        if (full && !uids.empty())
            break;
        if (e.ours)
            read_up_to(e);
        else {
            headers_only_ = large;
            bytes += e.size;
            uids += (uids.empty() ? "" : ",") + std::to_string(e.uid);
            asked_.push_back(e);
        }
        listed_.erase(listed_.begin());
    }
    if (uids.empty())
        return false;
    got_.clear();
    const auto section = headers_only_ ? "BODY.PEEK[HEADER]<0." + std::to_string(most_header) + ">"
                                       : "BODY.PEEK[]<0." + std::to_string(plan_.most + 1) + ">";
    ask(doing::fetch, "UID FETCH " + uids + " (UID " + section + ")");
    return true;
}

void imap_session::fetched(const imap_response& r)
{
    const bool good = r.name == "OK";
    if (!good && r.code == "UNAVAILABLE")  // RFC 5530
        return lost("the mail server cannot read " + plan_.folder + " now: " + r.text);
    if (!good && asked_.size() > 1) {  // one of them
        one_by_one_ = true;
        for (const auto& e : std::exchange(asked_, {}))
            listed_[e.uid] = e;
        return;
    }
    auto at = cursor_;
    for (const auto& e : asked_) {
        const auto got = got_.find(e.uid);
        if (good && got == got_.end())
            continue;
        imap_mail m;
        m.uid = e.uid;
        m.size = e.size;
        if (!missing_)
            at = imap_cursor{at.validity, e.uid, std::max(at.mark, e.date)};
        m.after = at;
        if (got == got_.end() || got->second.what != imap_value::is::text)
            m.what = imap_mail::is::unreadable;
        else
            m.bytes = std::move(got->second.text);
        if (headers_only_ && m.what == imap_mail::is::whole)
            m.what = imap_mail::is::header;
        if (m.bytes.size() > plan_.most) {  // the server told another size
            m.what = imap_mail::is::header;
            m.size = std::max<std::uint64_t>(m.size, m.bytes.size());
            m.bytes.resize(std::min({m.bytes.find("\r\n\r\n"), most_header, m.bytes.size()}));
        }
        mails_.push_back(std::move(m));
    }
    got_.clear();
}

void imap_session::copy_done(const imap_response& r)
{
    if (r.name != "OK")
        news_ = "a sent mail could not be put into " + plan_.folder + ": " + r.text;
    copies_.pop_front();
}

}  // namespace rialto::email
