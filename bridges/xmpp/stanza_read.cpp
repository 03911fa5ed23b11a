#include "bridges/xmpp/stanza.hpp"
#include "bridges/xmpp/stanza_files.hpp"
#include "bridges/xmpp/stanza_names.hpp"
#include "bridges/xmpp/stanza_text.hpp"
#include "bridges/xmpp/stanza_time.hpp"
#include "bridges/xmpp/xml.hpp"

#include <algorithm>
#include <charconv>

namespace rialto::xmpp {
namespace {

constexpr std::size_t most_id = 1024;       // bytes; longer ids are nobody's
constexpr std::size_t most_reactions = 32;  // one person's on one message
constexpr std::size_t most_emoji = 64;      // bytes: a family with skin tones has 41

std::string id_in(std::string_view text)
{
    return text.size() <= most_id ? std::string{text} : std::string{};
}

reference to_id(std::string_view id) { return reference{message_id{id_in(id)}}; }

void read_ids(const node& m, const trust& believe, heard& out)
{
    for (const auto* c = m.first; c != nullptr; c = c->next) {
        if (c->is("origin-id", ns::sid))
            out.origin_id = id_in(c->attr("id"));
        else if (c->is("stanza-id", ns::sid) && !believe.by.empty() && c->attr("by") == believe.by)
            out.stanza_id = id_in(c->attr("id"));
        else if (c->is("occupant-id", ns::occupant) && believe.occupant_ids)
            out.occupant_id = id_in(c->attr("id"));
    }
}

// XEP-0313 puts no delay of its own into what it forwards; a room's history has one `from` the room. The
// oldest is when it was said.
void read_delay(const node& m, const trust& believe, heard& out)
{
    for (const auto* c = m.child("delay", ns::delay); c != nullptr; c = c->sibling("delay", ns::delay)) {
        if (!believe.delays.empty() && c->attr("from") != believe.delays)
            continue;  // an occupant's own: it would move our cursor to wherever they like
        if (const auto at = read_time(c->attr("stamp")))
            out.stamp = out.stamp ? std::min(*out.stamp, *at) : *at;
    }
}

void read_muc_user(const node& m, heard& out)
{
    const auto* x = m.child("x", ns::muc_user);
    if (x == nullptr)
        return;
    const bool forged =
        x->sibling("x", ns::muc_user) != nullptr;  // a room adds one; the other is its author's
    out.in_room = true;
    for (const auto* s = x->child("status"); s != nullptr; s = s->sibling("status")) {
        int code = 0;
        const auto text = s->attr("code");
        std::from_chars(text.data(), text.data() + text.size(), code);
        out.codes.push_back(code);
    }
    if (const auto* item = x->child("item"); item != nullptr && !forged)
        out.real_jid = id_in(item->attr("jid"));
    if (const auto* invite = x->child("invite")) {
        out.invited_to = out.from;
        out.invited_by = id_in(invite->attr("from"));
        out.mediated = true;
        if (const auto* reason = invite->child("reason"))
            out.why_invited = reason->content();
        if (const auto* secret = x->child("password"))
            out.room_secret = secret->content();
    }
}

void read_direct_invite(const node& m, heard& out)
{
    const auto* x = m.child("x", ns::conference);
    if (x == nullptr || !x->has("jid") || !out.invited_to.empty())
        return;
    out.invited_to = id_in(x->attr("jid"));
    out.invited_by = out.from;
    out.why_invited = x->attr("reason");
    out.room_secret = x->attr("password");
}

// XEP-0425: a moderator's retraction is told by the room itself; anybody else's <moderated/> is a forgery.
bool read_moderation(const node& m, heard& out)
{
    const bool by_room = out.type == "groupchat" && out.from.find('/') == std::string::npos;
    const auto* retract = m.child("retract", ns::retract1);
    const auto* moderated = retract != nullptr ? retract->child("moderated", ns::moderate1) : nullptr;
    std::string_view target = retract != nullptr ? retract->attr("id") : std::string_view{};
    const auto* reason = retract != nullptr ? retract->child("reason") : nullptr;
    if (moderated == nullptr) {
        const auto* fasten = m.child("apply-to", ns::fasten);
        moderated = fasten != nullptr ? fasten->child("moderated", ns::moderate0) : nullptr;
        if (moderated == nullptr)
            return false;
        target = fasten->attr("id");
        reason = moderated->child("reason");
    }
    if (!by_room || target.empty())
        return true;  // understood, and not believed
    retraction what{to_id(target)};
    if (reason != nullptr)
        what.reason = reason->content();
    out.moderated_by = id_in(moderated->attr("by"));
    out.what = std::move(what);
    return true;
}

bool read_retraction(const node& m, heard& out)
{
    if (m.child("retracted", ns::retract1) != nullptr || m.child("retracted", ns::retract0) != nullptr ||
        m.child("moderated", ns::moderate0) != nullptr)
        return true;  // a tombstone in an archive: what was there is gone
    if (read_moderation(m, out))
        return true;
    if (const auto* now = m.child("retract", ns::retract1); now != nullptr && now->has("id")) {
        out.what = retraction{to_id(now->attr("id"))};
        return true;
    }
    const auto* fasten = m.child("apply-to", ns::fasten);
    if (fasten == nullptr || fasten->child("retract", ns::retract0) == nullptr)
        return false;
    out.what = retraction{to_id(fasten->attr("id"))};
    out.by_origin = true;
    return true;
}

bool read_reactions(const node& m, heard& out)
{
    const auto* all = m.child("reactions", ns::reactions);
    if (all == nullptr || !all->has("id"))
        return false;
    std::vector<std::string> set;
    for (const auto* r = all->child("reaction", ns::reactions); r != nullptr;
         r = r->sibling("reaction", ns::reactions)) {
        std::string one{r->content()};
        if (one.empty() || one.size() > most_emoji || set.size() >= most_reactions)
            continue;
        if (std::find(set.begin(), set.end(), one) == set.end())
            set.push_back(std::move(one));
    }
    out.what = reactions{to_id(all->attr("id")), std::move(set)};
    return true;
}

std::optional<message> read_said(const node& m)
{
    auto body = read_body(m);
    message out;
    out.files = read_files(m, body.text);
    if (!body.present && out.files.empty())
        return std::nullopt;
    out.how = body.how;
    out.body = read_document(m, body);
    if (const auto* subject = m.child("subject"))
        out.subject = subject->content();
    if (const auto* r = m.child("reply", ns::reply); r != nullptr && r->has("id"))
        out.reply_to = to_id(r->attr("id"));
    return out;
}

void read_said_or_edited(const node& m, heard& out)
{
    auto text = read_said(m);
    if (!text)
        return;
    const auto* replace = m.child("replace", ns::correct);
    if (replace != nullptr && replace->has("id"))
        out.what = edit{to_id(replace->attr("id")), std::move(*text)};
    else
        out.what = std::move(*text);
}

// XEP-0045 §8.1: with a <body/> or a <thread/> it is a message that has a subject, not a new subject.
bool read_topic(const node& m, heard& out)
{
    const auto* subject = m.child("subject");
    if (out.type != "groupchat" || subject == nullptr || m.child("body") != nullptr ||
        m.child("thread") != nullptr)
        return false;
    room_info now;
    now.topic = std::string{subject->content()};
    out.what = std::move(now);
    return true;
}

void read_signals(const node& m, heard& out)
{
    out.wants_receipt = m.child("request", ns::receipts) != nullptr;
    out.markable = m.child("markable", ns::markers) != nullptr;
    if (const auto* r = m.child("received", ns::receipts))
        out.received = id_in(r->attr("id"));
    if (const auto* seen = m.child("displayed", ns::markers); seen != nullptr && !out.what)
        out.what = receipt{to_id(seen->attr("id"))};
    for (const auto* c = m.first; c != nullptr; c = c->next)
        if (c->ns == ns::chat_states)
            out.typing = c->name == "composing";
}

}  // namespace

heard read_message(const node& m, const trust& believe)
{
    heard out;
    out.from = m.attr("from");
    out.to = m.attr("to");
    out.type = m.has("type") ? m.attr("type") : "normal";
    out.id = id_in(m.attr("id"));
    if (out.error = error_of(m); out.error)
        return out;
    read_ids(m, believe, out);
    read_delay(m, believe, out);
    read_muc_user(m, out);
    read_direct_invite(m, out);
    if (const auto* n = m.child("nick", ns::nick))
        out.nick = n->content();
    if (out.type == "headline" || !out.invited_to.empty())
        return out;
    if (!read_retraction(m, out) && !read_reactions(m, out) && !read_topic(m, out))
        read_said_or_edited(m, out);
    read_signals(m, out);
    return out;
}

}  // namespace rialto::xmpp
