// bridges/xmpp/stanza_files.hpp: files told by URL (XEP-0066, else XEP-0447, else XEP-0385; with XEP-0446's
// name, type and size where given). Nothing is fetched here: the core does that, guarded. Pure.
#pragma once

#include "core/event.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rialto::xmpp {

struct node;

// Clients repeat the URL as the body for those that know no XEP-0066; `body` is emptied then.
std::vector<file> read_files(const node& message, std::string& body);

file file_of_url(std::string_view url);  // name and type by its last segment
std::string_view mime_of_name(std::string_view name) noexcept;
file::as shown_as(std::string_view mime) noexcept;

}  // namespace rialto::xmpp
