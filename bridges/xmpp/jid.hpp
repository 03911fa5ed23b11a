// bridges/xmpp/jid.hpp: XMPP addresses (RFC 7622 §3) taken apart, compared and escaped. Pure, total, bounded:
// 1023 bytes a part. Never gloox::JID, which reads beyond its buffer at exactly that length and confuses '@'
// in resources. Servers compare after stringprep with Unicode 3.2 tables (RFC 6122), so we do too, by libidn.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rialto::xmpp {

inline constexpr std::size_t jid_part_limit = 1023;  // bytes, RFC 7622 §3.1

struct jid
{
    std::string local, domain, resource;

    jid() = default;
    jid(std::string l, std::string d, std::string r = {})
        : local{std::move(l)}, domain{std::move(d)}, resource{std::move(r)}
    {
    }
    bool operator==(const jid&) const = default;

    std::string bare() const;
    std::string full() const;

    // As a server would: split, prepared (case folded in local and domain, NFKC, forbidden characters
    // refused).
    static std::optional<jid> parse(std::string_view text);
};

// Views of an address that a server already prepared: no check, no copy. The first '/' ends the bare part,
// the first '@' before it ends the local one.
std::string_view bare_of(std::string_view address) noexcept;
std::string_view resource_of(std::string_view address) noexcept;
std::string_view local_of(std::string_view address) noexcept;
std::string_view domain_of(std::string_view address) noexcept;

// The text by which two spellings of one address are equal; what cannot be an address stays as it is.
std::string normal_address(std::string_view address);

// RFC 6122 profiles; nullopt: refused, empty or longer than a part may be.
std::optional<std::string> prepared_local(std::string_view text);
std::optional<std::string> prepared_domain(std::string_view text);
std::optional<std::string> prepared_resource(std::string_view text);

// XEP-0106: "d'artagnan" <-> "d\27artagnan".
std::string escape_local(std::string_view text);
std::string unescape_local(std::string_view text);

}  // namespace rialto::xmpp
