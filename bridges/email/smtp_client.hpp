// bridges/email/smtp_client.hpp: mails handed to a smart host one after the other (RFC 5321, 6409) as a
// machine: bytes in, bytes out, and in the end of each a reply for each recipient on its own. Uses
// PIPELINING, SIZE, SMTPUTF8 and DSN (RFC 3461) where they are offered. No I/O, no clock. Bounded: replies of
// at most 64 KiB.
#pragma once

#include "bridges/email/smtp_command.hpp"

#include <deque>

namespace rialto::email {

struct submission
{
    std::string our_name;           // for EHLO
    std::optional<address> sender;  // nullopt: the null sender
    std::vector<address> recipients;
    std::string mail;         // with CRLF
    std::string envelope_id;  // ENVID; "" none. [a-z0-9-]
    submission() = default;
};

struct recipient_fate
{
    reply said;
    bool certain = true;  // false: the link ended when all was sent and nothing was answered
};

class smtp_client
{
public:
    // `greeted`: who connected has heard the greeting and logged in (core/net/line_channel.hpp).
    explicit smtp_client(submission s, bool greeted = false);

    void feed(std::string_view bytes);
    std::string output() { return std::exchange(out_, {}); }
    void lost(std::string why);  // the link ended
    // With this mail; also when QUIT was not answered.
    bool done() const noexcept { return stage_ == stage::over || rests(); }
    bool rests() const noexcept { return stage_ == stage::rest; }  // another one may follow
    void next(submission s);                                       // REQUIRES: rests()
    void leave();                                                  // QUIT. REQUIRES: rests()
    // A server that had gone when this mail came: it has heard nothing of it.
    bool unheard() const noexcept { return stage_ == stage::over && !heard_; }
    submission take_back() { return std::move(mail_); }  // REQUIRES: unheard()
    // One a recipient, in their order. REQUIRES: done().
    const std::vector<recipient_fate>& fates() const noexcept { return fates_; }

private:
    enum class stage
    {
        greeting,
        hello,
        envelope,
        data,
        sent,
        rest,
        quit,
        over
    };

    void begin(submission s);
    void take(const reply& r);
    void greet();
    void hello(const reply& r);
    void say_mail();
    void envelope(const reply& r);
    void say_envelope();
    void send_text();
    void settle(const reply& r, bool certain = true);  // of all that have no answer yet
    void quit();

    submission mail_;
    stage stage_ = stage::greeting;
    std::string in_, out_;
    std::vector<std::string> offers_;  // of EHLO, capital letters
    std::deque<std::string> lines_;    // MAIL and RCPT that are not sent yet
    std::vector<recipient_fate> fates_;
    std::vector<bool> answered_, taken_;
    std::size_t next_ = 0;  // recipient whose answer comes; MAIL's before
    bool mail_answered_ = false, pipelining_ = false, heard_ = false;

    bool offered(std::string_view name) const;
};

}  // namespace rialto::email
