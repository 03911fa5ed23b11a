// bridges/email/address.hpp: mail addresses (RFC 5321 §4.1.2, RFC 6531) and the addresses that Matrix people
// have on our own domain. Pure, any thread. An address has one spelling with us: ASCII letters small, the
// domain as the DNS has it (IDNA 2008 A-labels), the local part quoted only where it must be. So one
// correspondent is one ghost however a client writes them.
#pragma once

#include "core/backend.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rialto::email {

inline constexpr std::size_t longest_local = 64, longest_domain = 255;  // RFC 5321 §4.5.3.1

struct address
{
    std::string local;   // unquoted
    std::string domain;  // A-labels, or a literal: [192.0.2.1], [IPv6:2001:db8::1]

    address() = default;
    address(std::string l, std::string d) : local{std::move(l)}, domain{std::move(d)} {}
    // As it stands between "<" and ">".
    std::string text() const;
    bool is_ascii() const;  // else only a server with SMTPUTF8 takes it
    bool operator==(const address&) const = default;
};

// nullopt: not `local-part@domain` of RFC 5321, too long, or a domain that cannot be in the DNS.
std::optional<address> parse_address(std::string_view text);

// A domain name in A-labels and small letters; "" when it is none.
std::string dns_name(std::string_view name);

// People of `home` are `alice@domain`, those of other homeservers `alice=3aother.org@domain`; every byte but
// [a-z0-9._-] is =xx, so each has one address and each address one person. `+tag` is nobody's:
// sub-addressing.
class people
{
    std::string domain_, home_;
    std::vector<std::string> also_;

public:
    // `also`: further names of the domain.
    people(std::string domain, std::string home, std::vector<std::string> also = {})
        : domain_{std::move(domain)}, home_{std::move(home)}, also_{std::move(also)}
    {
    }

    const std::string& domain() const noexcept { return domain_; }
    bool here(const address& a) const { return at_home(a).domain == domain_; }
    address at_home(const address& a) const;  // under the domain's first name
    // nullopt: longer than a local part may be.
    std::optional<address> of(const native& who) const;
    std::optional<native> behind(const address& a) const;
};

struct tagged
{
    address base;
    std::string tag;
    tagged(address b, std::string t) : base{std::move(b)}, tag{std::move(t)} {}
};
tagged split_tag(const address& a);  // alice+lists@… is alice@… with the tag "lists" (RFC 5233)

}  // namespace rialto::email
