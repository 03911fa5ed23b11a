// tests/fakes/xmpp/jid.hpp: an address in its parts (RFC 7622), prepared as far as the servers were seen to
// do it.
#pragma once

#include <string>
#include <string_view>

namespace rialto::fakes::xmpp {

struct jid
{
    std::string local, domain, resource;
    jid() = default;
    explicit jid(std::string_view s);
    std::string bare() const { return local.empty() ? domain : local + '@' + domain; }
    std::string full() const { return resource.empty() ? bare() : bare() + '/' + resource; }
};

// Unicode 3.2 stringprep refuses emoji, U+1E9E, U+20BF, U+2028, private use, and more than 1023 bytes.
bool well_prepared(std::string_view resource);

}  // namespace rialto::fakes::xmpp
