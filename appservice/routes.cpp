#include "appservice/routes.hpp"

namespace rialto {

namespace {
struct line
{
    std::string_view method, path;  // a path that ends in '/' takes an argument
    endpoint to;
};

constexpr std::string_view root = "/_matrix/app/v1/";
constexpr line table[] = {
    {"PUT", "transactions/", endpoint::transaction},
    {"GET", "users/", endpoint::user},
    {"GET", "rooms/", endpoint::room},
    {"GET", "thirdparty/protocol/", endpoint::protocol},
    {"GET", "thirdparty/user/", endpoint::far_users},
    {"GET", "thirdparty/location/", endpoint::far_locations},
    {"GET", "thirdparty/user", endpoint::user_behind},
    {"GET", "thirdparty/location", endpoint::room_behind},
    {"POST", "ping", endpoint::ping},
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

std::string_view name_of(endpoint e)
{
    switch (e) {
        case endpoint::transaction: return "transaction";
        case endpoint::user: return "user";
        case endpoint::room: return "room";
        case endpoint::protocol: return "protocol";
        case endpoint::far_users: return "far_users";
        case endpoint::far_locations: return "far_locations";
        case endpoint::user_behind: return "user_behind";
        case endpoint::room_behind: return "room_behind";
        case endpoint::ping: return "ping";
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
