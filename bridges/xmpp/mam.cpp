#include "bridges/xmpp/mam.hpp"

#include "bridges/xmpp/stanza_names.hpp"
#include "bridges/xmpp/stanza_time.hpp"
#include "bridges/xmpp/xml.hpp"
#include "core/clock.hpp"

#include <charconv>

namespace rialto::xmpp {
namespace {

void field(element& form, std::string_view name, std::string_view value, bool hidden = false)
{
    element f{form, "field"};
    f("var", name);
    if (hidden)
        f("type", "hidden");
    element v{f, "value"};
    v.text(value);
}

}  // namespace

std::string to_text(const cursor& c) { return std::to_string(to_ms(c.at)) + " " + c.id; }

cursor read_cursor(std::string_view text)
{
    std::int64_t ms = 0;
    const auto space = text.find(' ');
    if (space == std::string_view::npos)
        return {};
    const auto end = std::from_chars(text.data(), text.data() + space, ms);
    if (end.ec != std::errc{} || end.ptr != text.data() + space || ms <= 0)
        return {};
    return {std::string{text.substr(space + 1)}, from_ms(ms)};
}

std::string archive_query(
    std::string_view query_id, std::string_view after_id, std::optional<timestamp> start
)
{
    std::string out;
    {
        element query{out, "query", ns::mam};
        query("queryid", query_id);
        if (start && after_id.empty()) {
            element form{query, "x", ns::data};
            form("type", "submit");
            field(form, "FORM_TYPE", ns::mam, true);
            field(form, "start", write_time(*start));
        }
        element set{query, "set", ns::rsm};
        element max{set, "max"};
        max.text(std::to_string(page_size));
        max.close();
        if (!after_id.empty()) {
            element after{set, "after"};
            after.text(after_id);
        }
    }
    return out;
}

std::string archive_newest(std::string_view query_id)
{
    std::string out;
    {
        element query{out, "query", ns::mam};
        query("queryid", query_id);
        element set{query, "set", ns::rsm};
        element max{set, "max"};
        max.text("1");
        max.close();
        element before{set, "before"};
    }
    return out;
}

std::optional<archive_row> read_row(const node& message)
{
    const auto* result = message.child("result", ns::mam);
    if (result == nullptr)
        return std::nullopt;
    archive_row out;
    out.id = result->attr("id");
    out.query_id = result->attr("queryid");
    const auto* forwarded = result->child("forwarded", ns::forward);
    if (forwarded == nullptr)
        return out;
    out.message = forwarded->child("message");
    if (const auto* delay = forwarded->child("delay", ns::delay))
        out.stamp = read_time(delay->attr("stamp"));
    return out;
}

std::optional<archive_end> read_fin(const node* payload)
{
    if (payload == nullptr || !payload->is("fin", ns::mam))
        return std::nullopt;
    archive_end out;
    const auto complete = payload->attr("complete");
    out.complete = complete == "true" || complete == "1";
    if (const auto* set = payload->child("set", ns::rsm))
        if (const auto* last = set->child("last"))
            out.last = last->content();
    // A page without a last row is the end, whatever it says: there is nowhere to go on from.
    out.complete = out.complete || out.last.empty();
    return out;
}

}  // namespace rialto::xmpp
