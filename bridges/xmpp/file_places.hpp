// bridges/xmpp/file_places.hpp: gives files that come from Matrix an address which people on XMPP can open:
// the bridge's own signed link where it has a public address, else the XMPP server's upload service
// (XEP-0363); where neither is to be had, words take the file's place. One io_context thread. Errors: only
// try_later.
#pragma once

#include "bridges/xmpp/link.hpp"

namespace rialto::xmpp {

// Of a message or an edit; of others nothing is to be done. `what` outlives the call.
awaitable<outcome> place_files(surroundings& around, happening& what);

// "moon.png (1.2 MB)" and why nobody over there can have it.
std::string words_for(const file& f, const failure& why);

}  // namespace rialto::xmpp
