#include "appservice/routes.hpp"

namespace rialto {

namespace {
struct line
{
    std::string_view method, path;  // a path that ends in '/' takes an argument
    hs_call to;
};

constexpr std::string_view root = "/_matrix/app/v1/";
constexpr line table[] = {
    {"PUT", "transactions/", hs_call::transaction},
    {"GET", "users/", hs_call::user},
    {"GET", "rooms/", hs_call::room},
    {"GET", "thirdparty/protocol/", hs_call::protocol},
    {"GET", "thirdparty/user/", hs_call::far_users},
    {"GET", "thirdparty/location/", hs_call::far_locations},
    {"GET", "thirdparty/user", hs_call::user_behind},
    {"GET", "thirdparty/location", hs_call::room_behind},
    {"POST", "ping", hs_call::ping},
};

std::optional<std::string_view> argument_of(const line& each, std::string_view path)
{
    if (!each.path.ends_with('/'))
        return path == each.path ? std::optional<std::string_view>{""} : std::nullopt;
    if (!path.starts_with(each.path) || path.size() == each.path.size())
        return std::nullopt;
    return path.substr(each.path.size());
}
}  // namespace

std::string_view name_of(hs_call e)
{
    switch (e) {
        case hs_call::transaction: return "transaction";
        case hs_call::user: return "user";
        case hs_call::room: return "room";
        case hs_call::protocol: return "protocol";
        case hs_call::far_users: return "far_users";
        case hs_call::far_locations: return "far_locations";
        case hs_call::user_behind: return "user_behind";
        case hs_call::room_behind: return "room_behind";
        case hs_call::ping: return "ping";
    }
    return "other";
}

routing route_of(std::string_view method, std::string_view decoded_path)
{
    routing out;
    if (!decoded_path.starts_with(root))
        return out;
    const auto path = decoded_path.substr(root.size());
    for (const auto& each : table) {
        const auto argument = argument_of(each, path);
        if (!argument)
            continue;
        out.known = true;
        if (method == each.method)
            out.to.emplace(each.to, std::string{*argument});
        break;
    }
    return out;
}

}  // namespace rialto
