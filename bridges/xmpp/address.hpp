// bridges/xmpp/address.hpp: what people and rooms of Matrix are called on our component, and back. Pure and
// total.
//
//   @alice:hs.org            alice_hs.org           as matrix-bifrost's users know it
//   @a_b:hs.org:8448         a_b_hs.org\3a8448      the last '_' divides: a server name has none (else \5f)
//   @Bob/x:[::1]             \42ob\2fx_[\3a\3a1]
//   #room:hs.org             #room#hs.org           the last '#' divides
//   !Abc:hs.org  !Abc        !\41bc#hs.org  !\41bc  (room version 12 has no server part)
//
//   local    = person / alias / room / hashed
//   person   = *plain "_" *plain            alias = "#" *plain "#" *plain         room = "!" *plain ["#"
//   *plain] plain    = any character that nodeprep leaves as it is, but none of \ # ! ~   |   "\" 2
//   lower-case hex digits hashed   = ["#" / "!"] "~" 40 hex       when the above is longer than an XMPP local
//   part: SHA-1 of the Matrix id,
//                                           not to be undone by grammar: the store remembers who it was
//
// It is XEP-0106 for the ten characters that has codes for, and the same notation for what it has none for:
// upper case (nodeprep folds it), and whatever the Unicode 3.2 tables refuse or change. An address has one
// spelling only: matrix_id_of() takes nothing that local_for() would not have written.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rialto::xmpp {

struct matrix_name  // a Matrix id taken apart at its first ':'
{
    char sigil = 0;  // '@' person, '#' alias, '!' room
    std::string local, server;
    matrix_name() = default;
    matrix_name(char s, std::string l, std::string h) : sigil{s}, local{std::move(l)}, server{std::move(h)} {}
    bool operator==(const matrix_name&) const = default;
    std::string id() const;
    static std::optional<matrix_name> parse(std::string_view id);
};

std::string local_for(const matrix_name& who);
std::optional<matrix_name> matrix_id_of(std::string_view local);  // nullopt: not ours, or hashed
bool is_hashed(std::string_view local);

// A nick that every server takes, as it will come back in the room: what resourceprep refuses (emoji, U+1E9E,
// private use, line separators) is left out, what it folds is folded, mixed writing directions are parted,
// length is cut at 256 bytes. Empty then: made of `otherwise`, then "guest". Two names that look different
// may be equal here.
std::string safe_nick(std::string_view shown_as, std::string_view otherwise);

// The nicks to try in turn for somebody whose name is taken: "Ann", "Ann (ann)", "Ann (ann hs.org)", then
// "Ann (4f2a)" with digits that depend on the Matrix id and the attempt alone.
std::string nick_for(std::string_view shown_as, const matrix_name& who, unsigned attempt);

}  // namespace rialto::xmpp
