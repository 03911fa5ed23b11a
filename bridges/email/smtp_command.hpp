// bridges/email/smtp_command.hpp: one command line of SMTP or LMTP taken apart (RFC 5321 §4.1, RFC 2033,
// RFC 3030 BDAT). Pure, any thread; nothing of a line that is not understood is used.
#pragma once

#include "bridges/email/address.hpp"

#include <cstdint>
#include <vector>

namespace rialto::email {

struct reply  // RFC 5321 §4.2 with an enhanced code (RFC 3463); an empty `status` is for replies that have
              // none
{
    int code = 250;
    std::string status, text;

    reply() = default;
    reply(int c, std::string s, std::string t) : code{c}, status{std::move(s)}, text{std::move(t)} {}
    bool good() const noexcept { return code / 100 == 2; }
    std::string line() const;  // with CRLF; one line, whatever the text holds
    bool operator==(const reply&) const = default;
};

enum class verb
{
    ehlo,
    helo,
    lhlo,
    mail,
    rcpt,
    data,
    bdat,
    rset,
    noop,
    quit,
    starttls,
    vrfy,
    expn,
    help,
    unknown
};

struct parameter  // of MAIL and RCPT: SIZE=1000
{
    std::string name, value;
    parameter(std::string n, std::string v) : name{std::move(n)}, value{std::move(v)} {}
};

struct command
{
    verb what = verb::unknown;
    std::string_view rest;  // of the line

    static command read(std::string_view line);  // REQUIRES: without CRLF
};

struct path
{
    std::optional<address> who;  // nullopt: the null sender, <>
    bool bare_postmaster = false;
    std::vector<parameter> parameters;
    path() = default;
};
// Of "FROM:<a@b> SIZE=1" with the word "FROM:"; a source route is dropped (RFC 5321 §4.1.1.3). nullopt: bad.
std::optional<path> read_path(std::string_view rest, std::string_view word);

struct chunk
{
    std::uint64_t size = 0;
    bool last = false;
};
std::optional<chunk> read_chunk(std::string_view rest);  // "86 LAST"

}  // namespace rialto::email
