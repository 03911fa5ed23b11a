// tests/fakes/hs/render.hpp: an event as Synapse writes it for a client or an application service: canonical
// JSON (keys sorted), `unsigned` as the reader may see it. Strings are put together, not trees: benchmarks
// read this.
#pragma once

#include "tests/fakes/hs/world.hpp"

namespace rialto::fakes::hs {

struct view
{
    enum class of
    {
        client,
        application_service,
        stripped
    };
    std::int64_t now = 0;
    of whom = of::client;
    std::string owner;  // user and device, who see the transaction id of what they sent
    view(std::int64_t n, of w, std::string o = {}) : now{n}, whom{w}, owner{std::move(o)} {}
};

void render(std::string& out, const event& e, const view& how);
std::string render(const event& e, const view& how);
std::string json_text(std::string_view s);  // a JSON string
// Room versions 11 and 12: what is left of a content after redaction.
std::string redacted_content(const event& e);

}  // namespace rialto::fakes::hs
