// bridges/email/smtp_session.hpp: the server's side of one LMTP (RFC 2033) or ESMTP (RFC 5321) connection as
// a machine: bytes in, replies and wishes out. It offers PIPELINING, SIZE, 8BITMIME, SMTPUTF8,
// ENHANCEDSTATUSCODES, CHUNKING and, where it can, STARTTLS (RFC 3207). No I/O, no clock. Whoever drives it
// obeys next() until it says `read`:
//   check   is `recipient` ours? tell answer_recipient()
//   mail    it is complete: take_body(); tell answer_mail() what became of it for each recipient, in their
//           order
//   encrypt send output(), shake hands, tell encrypted(); what came before in the clear is thrown away
//   close   send output(), then hang up
// LMTP answers each recipient; ESMTP all of them with one reply, the worst. Nothing of one mail is left when
// the next begins. Bounded: the limits of §4.5.3 and below.
#pragma once

#include "bridges/email/dot_reader.hpp"
#include "bridges/email/smtp_command.hpp"

namespace rialto::email {

enum class protocol
{
    lmtp,
    esmtp
};

struct session_limits
{
    std::uint64_t mail = 50 * 1024 * 1024;
    std::size_t recipients = 200;  // §4.5.3.1.8 asks for 100 at least
    std::size_t line = 2048;    // of a command, CRLF included; §4.5.3.1.4 asks for 512 and what SMTPUTF8 adds
    std::size_t mistakes = 20;  // then the connection ends
    bool tls = false;           // STARTTLS is offered
};

struct envelope
{
    std::optional<address> sender;  // nullopt: the null sender
    std::vector<address> recipients;
    std::string greeting;  // the name the client gave itself
    bool smtputf8 = false, encrypted = false;
    envelope() = default;
};

class smtp_session
{
public:
    enum class wish
    {
        read,
        check,
        mail,
        encrypt,
        close
    };

    smtp_session(protocol speaks, std::string our_name, session_limits limits = {});

    void feed(std::string_view bytes) { in_ += bytes; }
    wish next();
    std::string output() { return std::exchange(out_, {}); }  // send it before reading

    const envelope& mail() const noexcept { return mail_; }
    const address& recipient() const noexcept { return asked_; }
    std::string take_body() { return std::exchange(body_, {}); }

    void answer_recipient(const reply& said);
    void answer_mail(const std::vector<reply>& said);  // REQUIRES: one a recipient
    void encrypted();
    // What is said to one who is left while a command is waited for (RFC 5321 §3.8); "" within a mail's text.
    std::string farewell() const;

private:
    enum class doing
    {
        commands,
        long_line,
        data,
        bdat,
        checking,
        deciding,
        agreeing,
        closing
    };

    wish step();
    wish line();
    wish obey(const command& c);
    void greet(const command& c);
    void begin(const command& c);
    wish name_recipient(const command& c);
    void start_tls(const command& c);
    void start_data(const command& c);
    void start_chunk(const command& c);
    wish read_data();
    wish read_chunk_bytes();
    wish finish();
    void refuse(int code, std::string status, std::string text);  // a mistake of the client
    void say(int code, std::string status, std::string text);
    void reset();
    void keep(std::string_view some);

    protocol speaks_;
    std::string name_;
    session_limits limits_;
    doing doing_ = doing::commands;
    std::string in_, out_, body_;
    std::size_t mistakes_ = 0;
    bool greeted_ = false;
    // Of the mail in hand:
    envelope mail_;
    address asked_;
    bool begun_ = false, too_large_ = false, chunked_ = false, chunk_bad_ = false, last_chunk_ = false;
    std::uint64_t size_ = 0, chunk_left_ = 0, chunk_size_ = 0;
    dot_reader dots_;
};

}  // namespace rialto::email
