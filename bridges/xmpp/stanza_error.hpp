// bridges/xmpp/stanza_error.hpp: stanza errors (RFC 6120 §8.3) both ways: read, written, and turned into what
// the core understands. Pure.
#pragma once

#include "bridges/xmpp/xml.hpp"
#include "core/result.hpp"

#include <optional>

namespace rialto::xmpp {

struct stanza_error
{
    std::string type;       // auth, cancel, continue, modify, wait
    std::string condition;  // item-not-found; "undefined-condition" when the peer gave none
    std::string text;       // by the peer, for humans: quote it, do not trust it
    std::string by;

    stanza_error() = default;
    stanza_error(std::string t, std::string c, std::string s = {})
        : type{std::move(t)}, condition{std::move(c)}, text{std::move(s)}
    {
    }
    bool operator==(const stanza_error&) const = default;
};

std::optional<stanza_error> error_of(const node& stanza);  // nullopt: its type is not "error"
void append_error(element& stanza, const stanza_error& e);

// wait, and what a server says while a peer is away, is try_later; the rest is give_up. `what` begins the
// sentence.
failure to_failure(const stanza_error& e, std::string_view what);
// The same for a message to a person, in words of what its author can do.
failure chat_failure(const stanza_error& e, std::string_view peer);
stanza_error to_error(const failure& f);  // for a far side that waits for an answer

}  // namespace rialto::xmpp
