#include "appservice/thirdparty.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rialto {

namespace {
using nlohmann::json;

std::string text_of(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string first(const third_parties::fields& all, const std::string& key)
{
    const auto it = all.find(key);
    return it == all.end() ? "" : it->second;
}

bool could_be_address(std::string_view text)
{
    return !text.empty() && text.size() <= names::longest && std::ranges::none_of(text, [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
    });
}

json user_json(const network_card& of, std::string mxid, std::string_view address)
{
    return {
        {"userid", std::move(mxid)},
        {"protocol", of.protocol},
        {"fields", {{"network", of.network}, {"address", address}}}
    };
}

json location_json(const network_card& of, std::string alias, std::string_view room)
{
    return {
        {"alias", std::move(alias)},
        {"protocol", of.protocol},
        {"fields", {{"network", of.network}, {"room", room}}}
    };
}

std::optional<std::string> list_of(const json& found)
{
    if (found.empty())
        return std::nullopt;
    return text_of(found);
}
}  // namespace

const network_card* third_parties::card(std::string_view network) const
{
    const auto it = std::ranges::find(cards_, network, &network_card::network);
    return it == cards_.end() ? nullptr : &*it;
}

std::optional<std::string> third_parties::protocol(std::string_view name) const
{
    json instances = json::array();
    const network_card* any = nullptr;
    for (const auto& each : cards_) {
        if (each.protocol != name)
            continue;
        any = &each;
        instances.push_back(
            {{"network_id", each.network}, {"desc", each.title}, {"fields", {{"network", each.network}}}}
        );
    }
    if (!any)
        return std::nullopt;
    const json types{
        {"network", {{"regexp", "[a-z0-9]{1,16}"}, {"placeholder", any->network}}},
        {"address", {{"regexp", any->address_regexp}, {"placeholder", any->user_example}}},
        {"room", {{"regexp", any->address_regexp}, {"placeholder", any->room_example}}},
    };
    return text_of(
        {{"user_fields", {"network", "address"}},
         {"location_fields", {"network", "room"}},
         {"icon", ""},
         {"field_types", types},
         {"instances", instances}}
    );
}

std::optional<std::string> third_parties::users(std::string_view protocol, const fields& asked) const
{
    const auto network = first(asked, "network"), address = first(asked, "address");
    json found = json::array();
    for (const auto& each : cards_) {
        if (each.protocol != protocol || (!network.empty() && network != each.network) ||
            !could_be_address(address))
            continue;
        if (auto mxid = names_.ghost(each.network, address))
            found.push_back(user_json(each, std::move(*mxid), address));
    }
    return list_of(found);
}

std::optional<std::string> third_parties::locations(std::string_view protocol, const fields& asked) const
{
    const auto network = first(asked, "network"), room = first(asked, "room");
    json found = json::array();
    for (const auto& each : cards_) {
        if (each.protocol != protocol || (!network.empty() && network != each.network) ||
            !could_be_address(room))
            continue;
        if (auto alias = names_.alias(each.network, room))
            found.push_back(location_json(each, std::move(*alias), room));
    }
    return list_of(found);
}

std::optional<std::string> third_parties::user_behind(std::string_view mxid) const
{
    const auto far = names_.behind_ghost(mxid);
    const auto* of = far ? card(far->network) : nullptr;
    if (!of)
        return std::nullopt;
    json found = json::array();
    found.push_back(user_json(*of, std::string{mxid}, far->address));
    return text_of(found);
}

std::optional<std::string> third_parties::room_behind(std::string_view alias) const
{
    const auto far = names_.behind_alias(alias);
    const auto* of = far ? card(far->network) : nullptr;
    if (!of)
        return std::nullopt;
    json found = json::array();
    found.push_back(location_json(*of, std::string{alias}, far->address));
    return text_of(found);
}

}  // namespace rialto
