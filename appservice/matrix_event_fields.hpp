// appservice/matrix_event_fields.hpp: reads Matrix JSON that strangers wrote. A getter answers nullopt (or an
// empty object, array or string) when a part is missing or of another type, so that one wrong part costs only
// itself; nothing here throws. Pure. What is returned points into the JSON it was read from.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rialto::matrix {

using json = nlohmann::json;

const json* member(const json& object, std::string_view key);  // nullptr: none, or not an object
std::optional<std::string_view> text(const json& object, std::string_view key);
std::optional<std::int64_t> integer(const json& object, std::string_view key);
bool flag(const json& object, std::string_view key);           // false unless it is true
const json& inside(const json& object, std::string_view key);  // the object there, or an empty one
const json& list(const json& object, std::string_view key);    // the array there, or an empty one
std::string_view text_or(const json& object, std::string_view key, std::string_view other);

// Text as JSON, without what lies deeper than `deepest` (it is left out, not the whole). Bad UTF-8 and lone
// surrogates become U+FFFD. nullopt: not JSON at all.
std::optional<json> parse(std::string_view text, int deepest = 128);
// Written so that no far text can break it: bad UTF-8 becomes U+FFFD. For JSON that we built ourselves.
std::string written(const json& value);

// CS-API "Media repository": mxc://<server-name>/<media-id>, the id of [A-Za-z0-9_-]; nothing else is
// fetched.
bool is_mxc(std::string_view url);
// Ids are opaque and at most 255 bytes (CS-API "Common identifier format").
bool is_id(std::string_view id, char sigil);
// The first `most` bytes, cut between characters.
std::string clipped(std::string_view text, std::size_t most);

}  // namespace rialto::matrix
