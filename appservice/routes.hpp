// appservice/routes.hpp: which of the endpoints that the homeserver calls (AS-API) a method and path mean.
// Pure. What follows a route's prefix is one id, whatever is in it: Synapse sends `/users/%40_b_a/b%3Ah` for
// `@_b_a/b:h`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rialto {

enum class hs_call
{
    transaction,
    user,
    room,
    protocol,
    far_users,      // thirdparty/user/{protocol}
    far_locations,  // thirdparty/location/{protocol}
    user_behind,    // thirdparty/user?userid=
    room_behind,    // thirdparty/location?alias=
    ping,
};
std::string_view name_of(hs_call e);  // as a metric's label

struct route
{
    hs_call to;
    std::string argument;
    route(hs_call e, std::string a) : to{e}, argument{std::move(a)} {}
};

struct routing
{
    std::optional<route> to;
    bool known = false;  // the path is, with another method: 405 and not 404

    routing() = default;
};
routing route_of(std::string_view method, std::string_view decoded_path);

}  // namespace rialto
