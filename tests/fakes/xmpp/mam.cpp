// The archive of a room (XEP-0313 v2 with XEP-0059 paging).
#include "tests/fakes/xmpp/muc.hpp"
#include "tests/fakes/xmpp/server.hpp"

#include <algorithm>

namespace rialto::fakes::xmpp {

namespace {
constexpr const char* mam_ns = "urn:xmpp:mam:2";
constexpr const char* rsm_ns = "http://jabber.org/protocol/rsm";

struct selection
{
    std::int64_t start = 0, end = INT64_MAX;
    std::string after, before, before_field, after_field;
    bool backwards = false;
    std::size_t max = 50;
    selection() = default;
};

selection selection_of(const element& query)
{
    selection s;
    if (const element* form = query.find("x", data_ns))
        for (const auto& field : form->children) {
            const std::string var = field.get("var"), value = field.child_text("value", data_ns);
            if (var == "start")
                s.start = time_of(value);
            else if (var == "end")
                s.end = time_of(value);
            else if (var == "after-id")
                s.after = value;
            else if (var == "before-id")
                s.before = value;
        }
    if (const element* set = query.find("set", rsm_ns)) {
        if (set->find("max", rsm_ns))
            s.max = std::strtoul(set->child_text("max", rsm_ns).c_str(), nullptr, 10);
        if (const auto after = set->child_text("after", rsm_ns); !after.empty())
            s.after = after;
        if (const element* before = set->find("before", rsm_ns)) {
            s.backwards = true;
            s.before = before->all_text();
        }
    }
    return s;
}

// Where an id stands. ejabberd's are times, so one that is not there (any more) still has a place.
std::ptrdiff_t place(const std::vector<const archived*>& rows, const std::string& id, bool by_time)
{
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i]->id == id)
            return static_cast<std::ptrdiff_t>(i);
    if (!by_time || id.find_first_not_of("0123456789") != id.npos)
        return -1;
    const auto wanted = std::strtoll(id.c_str(), nullptr, 10);
    std::ptrdiff_t last = 0;
    for (const auto* row : rows)
        if (std::strtoll(row->id.c_str(), nullptr, 10) < wanted)
            ++last;
    return last - 1 == -1 ? -2 : last - 1;  // -2: before the first
}

void put_text(element& into, const char* name, const std::string& text)
{
    into.add(name, rsm_ns).add_text(text);
}
}  // namespace

void muc_service::archive(const element& stanza, room& r)
{
    const element& query = *stanza.find("query", mam_ns);
    if (r.members_only && r.affiliation_of(jid{stanza.get("from")}.bare()) == "none")
        return server_.bounce(stanza, "auth", "forbidden");
    if (stanza.get("type") == "get") {
        element reply = server_.answer_to(stanza);
        element& form = reply.add("query", mam_ns).add("x", data_ns).set("type", "form");
        for (const char* var : {"start", "end", "with"})
            form.add("field", data_ns).set("var", var);
        return server_.route(std::move(reply));
    }
    const selection s = selection_of(query);
    std::vector<const archived*> rows;
    for (const auto& row : r.archive)
        if (row.shown && row.at >= s.start && row.at <= s.end)
            rows.push_back(&row);
    std::size_t from = 0, to = rows.size();
    if (!s.after.empty()) {
        const auto at = place(rows, s.after, server_.ejabberd());
        if (at == -1)
            return server_.bounce(stanza, "cancel", "item-not-found");
        from = at < 0 ? 0 : static_cast<std::size_t>(at) + 1;
    }
    if (!s.before.empty()) {
        const auto at = place(rows, s.before, server_.ejabberd());
        if (at == -1)
            return server_.bounce(stanza, "cancel", "item-not-found");
        to = at < 0 ? 0 : static_cast<std::size_t>(at);
    }
    from = std::min(from, to);
    const bool complete = to - from <= s.max;
    if (!complete && s.backwards)
        from = to - s.max;
    else if (!complete)
        to = from + s.max;
    const std::string queryid = query.get("queryid"), asker = stanza.get("from");
    for (std::size_t i = from; i < to; ++i) {
        std::string xml = "<message from='" + escaped(r.address) + "' to='" + escaped(asker) +
                          "'><result xmlns='" + mam_ns + "' id='" + rows[i]->id + '\'';
        if (!queryid.empty())
            xml += " queryid='" + escaped(queryid) + '\'';
        xml += "><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='" +
               stamp_of(rows[i]->at) + "'/><message xmlns='jabber:client'" + rows[i]->rest +
               "</forwarded></result></message>";
        server_.deliver(jid{asker}, xml);
    }
    element reply = server_.answer_to(stanza);
    element& fin = reply.add("fin", mam_ns);
    if (complete)
        fin.set("complete", "true");
    element& set = fin.add("set", rsm_ns);
    if (from < to) {
        put_text(set, "first", rows[from]->id);
        put_text(set, "last", rows[to - 1]->id);
    }
    put_text(set, "count", std::to_string(rows.size()));
    server_.route(std::move(reply));
}

}  // namespace rialto::fakes::xmpp
