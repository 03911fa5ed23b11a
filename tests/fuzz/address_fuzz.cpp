// Addresses, ids and names of strangers: every rule of jid.hpp and address.hpp, for any bytes.
#include "bridges/xmpp/address.hpp"
#include "bridges/xmpp/jid.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace rialto::xmpp;

void require(bool holds)
{
    if (!holds)
        std::abort();
}

void check_jid(std::string_view text)
{
    require(bare_of(text).size() <= text.size());
    require(local_of(text).size() + domain_of(text).size() <= text.size());
    require(unescape_local(escape_local(text)) == text);
    (void)unescape_local(text);
    const auto parsed = jid::parse(text);
    if (!parsed)
        return;
    require(
        !parsed->domain.empty() && parsed->local.size() <= jid_part_limit &&
        parsed->resource.size() <= jid_part_limit
    );
    require(bare_of(parsed->full()) == parsed->bare());
    require(local_of(parsed->full()) == parsed->local);
    require(resource_of(parsed->full()) == parsed->resource);
    require(domain_of(parsed->full()) == parsed->domain);
}

void check_matrix(std::string_view text)
{
    if (const auto who = matrix_name::parse(text)) {
        require(who->id() == text);
        const auto local = local_for(*who);
        require(local.size() <= jid_part_limit && prepared_local(local) == local);
        const auto back = matrix_id_of(local);
        require(is_hashed(local) ? !back : back == who);
        for (unsigned attempt = 0; attempt < 4; ++attempt) {
            const auto nick = nick_for(text, *who, attempt);
            require(prepared_resource(nick) == nick && nick.size() <= 256);
        }
    }
    if (const auto who = matrix_id_of(text))
        require(local_for(*who) == text && matrix_name::parse(who->id()) == who);
    const auto nick = safe_nick(text, text);
    require(prepared_resource(nick) == nick && nick.size() <= 256 && safe_nick(nick, "x") == nick);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size > 8192)
        return 0;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    check_jid(text);
    check_matrix(text);
    return 0;
}
