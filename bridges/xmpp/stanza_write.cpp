#include "bridges/xmpp/jid.hpp"
#include "bridges/xmpp/stanza.hpp"
#include "bridges/xmpp/stanza_names.hpp"
#include "bridges/xmpp/stanza_text.hpp"
#include "bridges/xmpp/stanza_time.hpp"
#include "bridges/xmpp/xml.hpp"
#include "core/rich/styling.hpp"

namespace rialto::xmpp {
namespace {

failure unknown_target(std::string_view what)
{
    return {
        verdict::unsupported, cause::not_found,
        std::string{what} + " speaks of a message that is not known over there"
    };
}

class stanza  // one <message/> under construction
{
    std::string out_;
    element whole_;

public:
    stanza(const route& way, std::string_view id) : whole_{out_, "message"}
    {
        whole_("from", way.from)("to", way.to)("type", way.group ? "groupchat" : "chat")("id", id);
    }
    element& whole() { return whole_; }
    void empty(std::string_view name, std::string_view space) { element e{whole_, name, space}; }
    void text(std::string_view name, std::string_view content)
    {
        element e{whole_, name};
        e.text(content);
    }
    void with_id(std::string_view name, std::string_view space, std::string_view id)
    {
        element e{whole_, name, space};
        e("id", id);
    }
    // XEP-0428: the body (from..to, in characters; all of it when equal) stands in for `what`.
    void fallback(std::string_view what, std::size_t from, std::size_t to)
    {
        element f{whole_, "fallback", ns::fallback};
        f("for", what);
        element range{f, "body"};
        if (from != to)
            range("start", std::to_string(from))("end", std::to_string(to));
    }
    // What every lasting message of ours has: its own id as origin-id, so that an echo, an archive and a
    // repeat can be told; and in chats a wish to hear that it arrived.
    piece done(std::string id, const route& way, bool has_body)
    {
        with_id("origin-id", ns::sid, id);
        if (way.late) {
            element delay{whole_, "delay", ns::delay};
            delay("from", domain_of(way.from))("stamp", write_time(*way.late));
        }
        if (!has_body)
            empty("store", ns::hints);
        if (!way.group && has_body) {
            empty("request", ns::receipts);
            empty("markable", ns::markers);
        }
        whole_.close();
        return {std::move(id), std::move(out_)};
    }
};

std::string part_id(const std::string& id, std::size_t part)
{
    return part == 0 ? id : id + "-" + std::to_string(part);
}

piece write_text(const message& m, const route& way, std::string id, std::string_view replaces)
{
    auto [body, unstyled] = rich::to_styling(m.body);
    if (m.how == manner::emote)
        body.insert(0, "/me ");
    stanza s{way, id};
    // A quote before "/me" would make it no emote.
    const bool replying = m.reply_to && !way.target.empty() && replaces.empty();
    if (replying && m.how != manner::emote && !m.reply_to->excerpt.empty()) {
        const auto quote = quoted(m.reply_to->excerpt);
        s.text("body", quote + body);
        s.fallback(ns::reply, 0, characters(quote));
    } else {
        s.text("body", body);
    }
    if (unstyled)
        s.empty("unstyled", ns::styling);
    if (!m.subject.empty())
        s.text("subject", m.subject);
    if (replying) {
        element r{s.whole(), "reply", ns::reply};
        if (!way.author.empty())
            r("to", way.author);
        r("id", way.target);
    }
    if (!replaces.empty())
        s.with_id("replace", ns::correct, replaces);
    s.empty("active", ns::chat_states);
    return s.done(std::move(id), way, true);
}

// XEP-0447 around XEP-0446: what kind of file it is, before anybody fetches it.
void write_sharing(element& in, const file& f)
{
    element sharing{in, "file-sharing", ns::file_sharing};
    sharing("disposition", f.shown == file::as::file ? "attachment" : "inline");
    {
        element told{sharing, "file", ns::file_metadata};
        const auto say = [&](std::string_view name, const std::string& value) {
            element e{told, name};
            e.text(value);
        };
        if (!f.name.empty())
            say("name", f.name);
        if (!f.mime.empty())
            say("media-type", f.mime);
        if (f.size > 0)
            say("size", std::to_string(f.size));
        if (f.width > 0 && f.height > 0) {
            say("width", std::to_string(f.width));
            say("height", std::to_string(f.height));
        }
        if (f.millis > 0)
            say("length", std::to_string(f.millis));
    }
    element sources{sharing, "sources"};
    element where{sources, "url-data", ns::url_data};
    where("target", f.url);
}

// XEP-0066 §3: clients show the file in place when the URL is all of the body.
piece write_file(const file& f, const route& way, std::string id, bool replies, std::string_view replaces)
{
    stanza s{way, id};
    s.text("body", f.url);
    {
        element x{s.whole(), "x", ns::oob};
        element url{x, "url"};
        url.text(f.url);
        url.close();
        if (!f.name.empty()) {
            element desc{x, "desc"};
            desc.text(f.name);
        }
    }
    write_sharing(s.whole(), f);
    if (replies) {
        element r{s.whole(), "reply", ns::reply};
        if (!way.author.empty())
            r("to", way.author);
        r("id", way.target);
    }
    if (!replaces.empty())
        s.with_id("replace", ns::correct, replaces);
    return s.done(std::move(id), way, true);
}

std::vector<piece> write_said(const message& m, const route& way)
{
    std::vector<piece> out;
    if (!m.body.empty() || m.files.empty())
        out.push_back(write_text(m, way, way.id, {}));
    for (const auto& f : m.files) {
        const bool replies = out.empty() && m.reply_to && !way.target.empty();
        out.push_back(write_file(f, way, part_id(way.id, out.size()), replies, {}));
    }
    return out;
}

// Of a captioned file the caption is a message of its own, which is corrected; the file stays. A file that
// stood alone is one message: its correction has to hold all.
piece write_edit(message m, const route& way)
{
    if (m.files.empty() || (!m.body.empty() && !way.further.empty()))
        return write_text(m, way, way.id, way.target);
    if (m.body.empty())
        return write_file(m.files.front(), way, way.id, false, way.target);
    for (const auto& f : m.files) {
        block line{block::is::paragraph};
        line.runs.emplace_back(f.url);
        m.body.blocks.push_back(std::move(line));
    }
    return write_text(m, way, way.id, way.target);
}

std::vector<piece> one(piece p)
{
    std::vector<piece> out;
    out.push_back(std::move(p));
    return out;
}

// XEP-0424 §3: named by the room's stanza-id in rooms, by the message's id in chats.
piece write_retraction(const route& way, std::string id, std::string_view target)
{
    stanza s{way, id};
    s.with_id("retract", ns::retract1, target);
    s.fallback(ns::retract1, 0, 0);
    s.text("body", "/me retracted a previous message, but your client does not support that.");
    s.empty("store", ns::hints);
    return s.done(std::move(id), way, true);
}

std::vector<piece> write_retractions(const route& way)
{
    std::vector<piece> out;
    out.push_back(write_retraction(way, way.id, way.target));
    for (const auto& other : way.further)
        out.push_back(write_retraction(way, part_id(way.id, out.size()), other));
    return out;
}

piece write_reactions(const reactions& r, const route& way)
{
    stanza s{way, way.id};
    {
        element all{s.whole(), "reactions", ns::reactions};
        all("id", way.target);
        for (const auto& emoji : r.set) {
            element one_of{all, "reaction"};
            one_of.text(emoji);
        }
    }
    return s.done(way.id, way, false);
}

}  // namespace

result<std::vector<piece>> write_message(const happening& what, const route& way)
{
    if (const auto* m = std::get_if<message>(&what))
        return write_said(*m, way);
    if (const auto* e = std::get_if<edit>(&what)) {
        if (way.target.empty())
            return unknown_target("the edit");
        return one(write_edit(e->now, way));
    }
    if (std::holds_alternative<retraction>(what)) {
        if (way.target.empty())
            return unknown_target("the redaction");
        return write_retractions(way);
    }
    if (const auto* r = std::get_if<reactions>(&what)) {
        if (way.target.empty())
            return unknown_target("the reaction");
        return one(write_reactions(*r, way));
    }
    if (const auto* i = std::get_if<room_info>(&what); i != nullptr && i->topic && way.group) {
        stanza s{way, way.id};
        s.text("subject", *i->topic);
        return one(s.done(way.id, way, false));
    }
    return failure{verdict::unsupported, cause::other, "there is no XMPP message that says this"};
}

std::string write_typing(const route& way, bool active)
{
    std::string out;
    {
        element m{out, "message"};
        m("from", way.from)("to", way.to)("type", way.group ? "groupchat" : "chat");
        if (!way.id.empty())
            m("id", way.id);
        {
            element state{m, active ? "composing" : "paused", ns::chat_states};
        }
        element hint{m, "no-store", ns::hints};
    }
    return out;
}

std::string write_words(std::string_view from, std::string_view to, std::string_view text, bool in_room)
{
    std::string out;
    {
        element m{out, "message"};
        m("from", from)("to", to)("type", "chat");
        element{m, "body"}.text(text);
        if (in_room)
            element{m, "x", ns::muc_user}.close();
        element{m, "no-store", ns::hints}.close();
    }
    return out;
}

namespace {
std::string write_signal(
    std::string_view from, std::string_view to, std::string_view what, std::string_view space,
    std::string_view id
)
{
    std::string out;
    {
        element m{out, "message"};
        m("from", from)("to", to)("type", "chat");
        {
            element r{m, what, space};
            r("id", id);
        }
        element hint{m, "store", ns::hints};
    }
    return out;
}
}  // namespace

std::string write_receipt(std::string_view from, std::string_view to, std::string_view id)
{
    return write_signal(from, to, "received", ns::receipts, id);
}

std::string write_displayed(std::string_view from, std::string_view to, std::string_view id)
{
    return write_signal(from, to, "displayed", ns::markers, id);
}

}  // namespace rialto::xmpp
