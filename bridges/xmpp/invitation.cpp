#include "bridges/xmpp/invitation.hpp"

#include "bridges/xmpp/jid.hpp"
#include "bridges/xmpp/muc.hpp"
#include "bridges/xmpp/stanza_names.hpp"
#include "bridges/xmpp/xml.hpp"
#include "core/clock.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rialto::xmpp {
namespace {

constexpr std::int64_t asked_again_ms = 60'000;
constexpr std::size_t longest_why = 2'000, longest_secret = 1'000;  // bytes

std::string text_of(const nlohmann::json& from, const char* key)
{
    const auto at = from.find(key);
    return at != from.end() && at->is_string() ? at->get<std::string>() : std::string{};
}
bool flag_of(const nlohmann::json& from, const char* key)
{
    const auto at = from.find(key);
    return at != from.end() && at->is_boolean() && at->get<bool>();
}

auto at(std::vector<invitation>& all, std::string_view room, std::string_view puppet)
{
    return std::ranges::find_if(all, [&](const invitation& i) {
        return i.room == room && i.puppet == puppet;
    });
}

}  // namespace

message_id invitation::name() const
{
    return message_id{"invitation/" + room + "/" + puppet + "/" + inviter + "/" + std::to_string(at_ms)};
}

std::optional<invitation> invitation_of(const heard& h, timestamp now)
{
    const auto room = jid::parse(h.invited_to);
    // A room speaks under its own name; a person cannot.
    const bool whole = room && !room->local.empty() && room->resource.empty();
    if (!whole || h.invited_by.empty() || h.why_invited.size() > longest_why ||
        h.room_secret.size() > longest_secret)
        return {};
    invitation out;
    out.room = room->bare();
    out.puppet = bare_of(h.to);
    out.inviter = h.invited_by;
    out.id = h.id;
    out.why = h.why_invited;
    out.secret = h.room_secret;
    out.mediated = h.mediated;
    out.at_ms = to_ms(now);
    return out;
}

std::optional<failure> objection(const invitation& i, const xmpp_config& config)
{
    const auto by = domain_of(i.inviter);
    if (domain_of(i.room) == config.domain || by == config.domain)
        return failure{
            verdict::give_up, cause::malformed, "that is a room, or somebody, of this bridge itself"
        };
    const bool trusted = config.may_invite(by) && (!i.mediated || config.may_invite(domain_of(i.room)));
    if (!trusted)
        return failure{
            verdict::give_up, cause::forbidden,
            "this bridge takes no invitations from " +
                std::string{config.may_invite(by) ? domain_of(i.room) : by}
        };
    return {};
}

std::string counted_as(const invitation& i)
{
    return bare_of(i.inviter) == i.room ? i.room : std::string{bare_of(i.inviter)};
}

std::string write_refusal(const invitation& i, std::string_view why)
{
    if (i.mediated)
        return write_decline(i.puppet, i.room, i.inviter, why);
    std::string out;
    {
        element m{out, "message"};
        m("from", i.puppet)("to", i.inviter)("type", "chat");
        element{m, "body"}.text("Your invitation to " + i.room + " was turned down: " + std::string{why});
        element{m, "no-store", ns::hints}.close();
    }
    return out;
}

std::string in_words(const invitation& i, bool shows_people)
{
    const bool occupant = bare_of(i.inviter) == i.room;
    const auto who = occupant       ? resource_of(i.inviter)
                     : shows_people ? bare_of(i.inviter)
                                    : local_of(i.inviter);
    return "invited by " + std::string{who} + (i.why.empty() ? "" : ": " + i.why);
}

invitation_book::entry invitation_book::add(invitation i)
{
    if (const auto known = at(all_, i.room, i.puppet); known != all_.end()) {
        if (!known->told || i.at_ms - known->at_ms < asked_again_ms)
            return entry::known;
        i.opened = known->opened;
        all_.erase(known);
    }
    if (all_.size() >= most) {
        const auto oldest = std::ranges::find_if(all_, [](const invitation& one) { return one.told; });
        if (oldest == all_.end())
            return entry::full;
        all_.erase(oldest);
    }
    all_.push_back(std::move(i));
    return entry::taken;
}

const invitation* invitation_book::find(std::string_view room, std::string_view puppet) const
{
    const auto found =
        std::ranges::find_if(all_, [&](const invitation& i) { return i.room == room && i.puppet == puppet; });
    return found == all_.end() ? nullptr : &*found;
}

const invitation* invitation_book::find(const message_id& name) const
{
    const auto found = std::ranges::find_if(all_, [&](const invitation& i) { return i.name() == name; });
    return found == all_.end() ? nullptr : &*found;
}

void invitation_book::tell(std::string_view room, std::string_view puppet, bool told)
{
    if (const auto known = at(all_, room, puppet); known != all_.end())
        known->told = told;
}

void invitation_book::drop(std::string_view room, std::string_view puppet)
{
    if (const auto known = at(all_, room, puppet); known != all_.end())
        all_.erase(known);
}

std::vector<invitation> invitation_book::untold() const
{
    std::vector<invitation> out;
    std::ranges::copy_if(all_, std::back_inserter(out), [](const invitation& i) { return !i.told; });
    return out;
}

bool invitation_book::others(std::string_view room, std::string_view puppet) const
{
    return std::ranges::any_of(all_, [&](const invitation& i) {
        return i.room == room && i.puppet != puppet;
    });
}

std::string invitation_book::to_text() const
{
    if (all_.empty())
        return {};
    auto out = nlohmann::json::array();
    for (const auto& i : all_) {
        nlohmann::json one;
        one["room"] = i.room;
        one["puppet"] = i.puppet;
        one["inviter"] = i.inviter;
        one["id"] = i.id;
        one["at"] = i.at_ms;
        one["mediated"] = i.mediated;
        one["opened"] = i.opened;
        one["told"] = i.told;
        if (!i.told) {  // afterwards nobody needs them again
            one["why"] = i.why;
            one["secret"] = i.secret;
        }
        out.push_back(std::move(one));
    }
    return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void invitation_book::read(std::string_view text)
{
    all_.clear();
    const auto from = nlohmann::json::parse(text, nullptr, false);
    if (!from.is_array())
        return;
    for (const auto& one : from) {
        if (!one.is_object() || all_.size() >= most)
            continue;
        invitation i;
        i.room = text_of(one, "room");
        i.puppet = text_of(one, "puppet");
        i.inviter = text_of(one, "inviter");
        i.id = text_of(one, "id");
        i.why = text_of(one, "why");
        i.secret = text_of(one, "secret");
        i.mediated = flag_of(one, "mediated");
        i.opened = flag_of(one, "opened");
        i.told = flag_of(one, "told");
        if (const auto when = one.find("at"); when != one.end() && when->is_number_integer())
            i.at_ms = when->get<std::int64_t>();
        if (!i.room.empty() && !i.puppet.empty() && !i.inviter.empty())
            all_.push_back(std::move(i));
    }
}

}  // namespace rialto::xmpp
