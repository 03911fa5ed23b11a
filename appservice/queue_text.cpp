#include "appservice/queue_text.hpp"

#include "core/text.hpp"

#include <nlohmann/json.hpp>

namespace rialto {

using nlohmann::json;

namespace {
std::string written(const json& tree)
{
    return tree.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

json place_json(const place& at)
{
    return {
        {"portal", at.portal}, {"network", at.network}, {"far_room", at.far_room}, {"room", at.matrix_room}
    };
}

const char* direction(way w) { return w == way::to_far ? "to_far" : "to_matrix"; }

const char* state_of(stage s)
{
    switch (s) {
        case stage::held: return "held";
        case stage::queued: return "queued";
        case stage::sending: return "sending";
        case stage::sent: return "sent";
        case stage::dead: return "dead";
        case stage::withdrawn: return "withdrawn";
    }
    return "";
}

json lane_json(const queued_lane& l)
{
    auto out = place_json(l.of);
    out["direction"] = direction(l.bound);
    if (!l.recipient.empty())
        out["recipient"] = l.recipient;
    out["waiting"] = l.waiting;
    out["head"] = l.head;
    out["oldest_ms"] = l.oldest_ms;
    out["again_ms"] = l.again_ms;
    out["tries"] = l.tries;
    out["state"] = l.sending ? "sending" : l.link_up ? "waiting" : "link down";
    out["certain"] = l.certain;
    out["reason"] = l.why;
    return out;
}

json letter_tree(const letter& one)
{
    auto out = place_json(one.of);
    out["seq"] = one.seq;
    out["direction"] = direction(one.bound);
    out["state"] = state_of(one.now);
    out["author"] = one.author;
    out["kind"] = one.kind;
    out["id"] = one.id;
    out["taken_ms"] = one.taken_ms;
    out["tries"] = one.tries;
    out["certain"] = one.certain;
    out["reason"] = one.why;
    if (!one.body.empty())
        out["body"] = one.body;
    return out;
}

std::string word(const json& of, const char* key)
{
    const auto at = of.find(key);
    return at != of.end() && at->is_string() ? text::one_line(at->get_ref<const std::string&>(), 300) : "";
}
std::int64_t number(const json& of, const char* key)
{
    const auto at = of.find(key);
    return at != of.end() && at->is_number_integer() ? at->get<std::int64_t>() : 0;
}
bool is_false(const json& of, const char* key)
{
    const auto at = of.find(key);
    return at != of.end() && at->is_boolean() && !at->get<bool>();
}

std::string counted(std::int64_t count, const std::string& one)
{
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}
std::string tries(std::int64_t count) { return count == 1 ? "1 try" : std::to_string(count) + " tries"; }

std::string where(const json& of)
{
    const auto network = word(of, "network");
    if (network.empty())
        return "a room that is unbridged";
    const auto far = network + " " + word(of, "far_room");
    return word(of, "direction") == "to_far" ? "to " + far : "from " + far;
}

std::string lane_line(const json& l, std::int64_t now)
{
    auto out = where(l);
    if (const auto whom = word(l, "recipient"); !whom.empty())
        out += " for " + whom;
    out += ": " + counted(number(l, "waiting"), "message") + ", the oldest (" +
           std::to_string(number(l, "head")) + ") for " + span_text(now - number(l, "oldest_ms")) + ", " +
           tries(number(l, "tries")) + ", " + word(l, "state");
    if (const auto again = number(l, "again_ms"); again > now)
        out += ", again in " + span_text(again - now);
    if (is_false(l, "certain"))
        out += ", may have arrived";
    if (const auto why = word(l, "reason"); !why.empty())
        out += ": " + why;
    return out;
}

std::string dead_line(const json& d, std::int64_t now)
{
    return std::to_string(number(d, "seq")) + "  " + word(d, "kind") + " of " + word(d, "author") + " " +
           where(d) + ", " + span_text(now - number(d, "taken_ms")) + " old, " + tries(number(d, "tries")) +
           ", " + (is_false(d, "certain") ? "may have arrived" : "not delivered") + ": " + word(d, "reason");
}
}  // namespace

std::string queue_json(const queue_view& all, std::int64_t now_ms)
{
    json lanes = json::array(), dead = json::array();
    for (const auto& l : all.lanes)
        lanes.push_back(lane_json(l));
    for (const auto& d : all.dead)
        dead.push_back(letter_tree(d));
    const json out{{"now_ms", now_ms}, {"lanes", lanes}, {"dead", dead}, {"more_dead", all.more_dead}};
    return written(out);
}

std::string letter_json(const letter& one, std::int64_t now_ms)
{
    auto out = letter_tree(one);
    out["now_ms"] = now_ms;
    return written(out);
}

std::string span_text(std::int64_t ms)
{
    const auto s = std::max<std::int64_t>(ms, 0) / 1000;
    if (s < 120)
        return std::to_string(s) + " s";
    if (s < 2 * 60 * 60)
        return std::to_string(s / 60) + " min";
    if (s < 2 * 24 * 60 * 60)
        return std::to_string(s / 3600) + " h";
    return std::to_string(s / 86400) + " days";
}

std::string queue_text(std::string_view queue_json)
{
    const auto all = json::parse(queue_json, nullptr, false);
    if (!all.is_object() || !all.contains("lanes") || !all.contains("dead"))
        return {};
    const auto now = number(all, "now_ms");
    std::string out;
    for (const auto& l : all["lanes"])
        out += lane_line(l, now) + "\n";
    if (out.empty())
        out = "Nothing waits.\n";
    if (all["dead"].empty())
        return out + "No dead letters.\n";
    out += "Dead letters:\n";
    for (const auto& d : all["dead"])
        out += dead_line(d, now) + "\n";
    if (all.value("more_dead", false))
        out += "… and more\n";
    return out;
}

std::string letter_text(std::string_view letter_json)
{
    const auto one = json::parse(letter_json, nullptr, false);
    if (!one.is_object())
        return {};
    const auto state = word(one, "state");
    auto out = dead_line(one, number(one, "now_ms"));
    if (state != "dead")
        out = std::to_string(number(one, "seq")) + "  " + word(one, "kind") + " of " + word(one, "author") +
              " " + where(one) + ", " + span_text(number(one, "now_ms") - number(one, "taken_ms")) +
              " old, " + state;
    out += "\n";
    if (const auto id = word(one, "id"); !id.empty())
        out += "id " + id + "\n";
    if (const auto at = one.find("body"); at != one.end() && at->is_string())
        out += at->get<std::string>() + "\n";
    return out;
}

}  // namespace rialto
