// core/key.hpp: names that are the same however often they are computed: content keys (transaction ids),
// portal tags, message ids. SHA-1 based (RFC 9562 §5.5), so that nobody can choose an id that meets
// another's. Pure.
#pragma once

#include "core/event.hpp"

#include <string_view>

namespace rialto {

std::string digest(std::initializer_list<std::string_view> parts);  // 32 hex digits; parts are kept apart

// Which portal a Matrix event of ours came from: the part of a content key before the '.'.
std::string portal_tag(std::string_view network, const portal_id& portal);

// The content key of one order: transaction id and stamp. `remote` is the origin's message id, `part` which
// of the things it becomes ("" the thing itself, "+👍" a reaction that is added, "2" a second part).
std::string content_key(
    std::string_view tag, std::string_view sender, std::string_view remote, std::string_view part = {}
);
std::string_view tag_of(std::string_view content_key);

}  // namespace rialto
