#include "bridges/email/smtp_session.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <cassert>

namespace rialto::email {

smtp_session::smtp_session(protocol speaks, std::string our_name, session_limits limits)
    : speaks_{speaks}, name_{std::move(our_name)}, limits_{limits}
{
    out_ = "220 " + name_ + (speaks == protocol::lmtp ? " LMTP" : " ESMTP") + " Rialto\r\n";
}

void smtp_session::say(int code, std::string status, std::string text)
{
    out_ += reply{code, std::move(status), std::move(text)}.line();
}

void smtp_session::refuse(int code, std::string status, std::string text)
{
    say(code, std::move(status), std::move(text));
    if (++mistakes_ < limits_.mistakes)
        return;
    say(421, "4.7.0", "too many mistakes");
    doing_ = doing::closing;
}

void smtp_session::reset()
{
    auto greeting = std::move(mail_.greeting);
    const bool safe = mail_.encrypted;
    mail_ = envelope{};
    mail_.greeting = std::move(greeting);
    mail_.encrypted = safe;
    asked_ = address{};
    body_.clear();
    begun_ = too_large_ = chunked_ = chunk_bad_ = last_chunk_ = false;
    size_ = chunk_left_ = chunk_size_ = 0;
    dots_ = dot_reader{};
}

std::string smtp_session::farewell() const
{
    const bool listening = doing_ == doing::commands || doing_ == doing::long_line;
    return listening ? "421 4.3.2 " + name_ + " is going down, try again later\r\n" : std::string{};
}

smtp_session::wish smtp_session::next()
{
    for (;;) {
        switch (doing_) {
            case doing::checking: return wish::check;
            case doing::deciding: return wish::mail;
            case doing::agreeing: return wish::encrypt;
            case doing::closing: return wish::close;
            default: break;
        }
        const auto before = in_.size();
        const auto was = doing_;
        const auto wanted = step();
        if (wanted != wish::read || (in_.size() == before && doing_ == was))
            return wanted;
    }
}

smtp_session::wish smtp_session::step()
{
    if (doing_ == doing::data)
        return read_data();
    if (doing_ == doing::bdat)
        return read_chunk_bytes();
    return line();
}

smtp_session::wish smtp_session::line()
{
    const auto end = in_.find("\r\n");
    if (doing_ == doing::long_line) {
        if (end == in_.npos) {
            in_.erase(0, in_.size() - (in_.ends_with('\r') ? 1 : 0));
            return wish::read;
        }
        in_.erase(0, end + 2);
        doing_ = doing::commands;
        refuse(500, "5.5.2", "the line is too long");
        return wish::read;
    }
    if (std::min(end, in_.size()) + 2 > limits_.line) {
        doing_ = doing::long_line;
        return wish::read;
    }
    if (end == in_.npos)
        return wish::read;
    const auto text = in_.substr(0, end);
    in_.erase(0, end + 2);
    return obey(command::read(text));
}

smtp_session::wish smtp_session::obey(const command& c)
{
    switch (c.what) {
        case verb::ehlo:
        case verb::helo:
        case verb::lhlo: greet(c); break;
        case verb::mail: begin(c); break;
        case verb::rcpt: return name_recipient(c);
        case verb::data: start_data(c); break;
        case verb::bdat: start_chunk(c); break;
        case verb::rset:
            reset();
            say(250, "2.0.0", "OK");
            break;
        case verb::starttls: start_tls(c); break;
        case verb::noop: say(250, "2.0.0", "OK"); break;
        case verb::quit:
            say(221, "2.0.0", "bye");
            doing_ = doing::closing;
            break;
        case verb::vrfy: say(252, "2.5.0", "send a mail and see"); break;
        case verb::help: say(214, "2.0.0", "RFC 5321, RFC 2033"); break;
        case verb::expn: refuse(502, "5.5.1", "there are no lists here"); break;
        case verb::unknown: refuse(500, "5.5.2", "not understood"); break;
    }
    return wish::read;
}

void smtp_session::greet(const command& c)
{
    if ((c.what == verb::lhlo) != (speaks_ == protocol::lmtp))
        return refuse(500, "5.5.1", speaks_ == protocol::lmtp ? "this is LMTP: LHLO" : "this is SMTP: EHLO");
    if (c.rest.empty() || c.rest.size() > longest_domain)
        return refuse(501, "5.5.4", "say who you are");
    reset();
    greeted_ = true;
    mail_.greeting = c.rest;
    if (c.what == verb::helo)
        return say(250, "", name_);
    out_ += "250-" + name_ + "\r\n250-PIPELINING\r\n250-SIZE " + std::to_string(limits_.mail) +
            "\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n" +
            (limits_.tls && !mail_.encrypted ? "250-STARTTLS\r\n" : "") + "250 CHUNKING\r\n";
}

void smtp_session::start_tls(const command& c)
{
    if (!limits_.tls || mail_.encrypted)
        return refuse(502, "5.5.1", mail_.encrypted ? "it is encrypted already" : "there is no TLS here");
    if (!c.rest.empty())
        return refuse(501, "5.5.4", "STARTTLS has no arguments");
    if (begun_)
        return refuse(503, "5.5.1", "not within a mail");
    say(220, "2.0.0", "go on");
    doing_ = doing::agreeing;
}

// RFC 3207 §4.2: nothing that was said before is true any more, and whatever somebody put behind STARTTLS in
// the clear was not said by whom we talk with now.
void smtp_session::encrypted()
{
    assert(doing_ == doing::agreeing);
    in_.clear();
    greeted_ = false;
    reset();
    mail_.greeting.clear();
    mail_.encrypted = true;
    doing_ = doing::commands;
}

void smtp_session::begin(const command& c)
{
    if (!greeted_)
        return refuse(503, "5.5.1", "greet first");
    if (begun_)
        return refuse(503, "5.5.1", "one mail at a time");
    const auto from = read_path(c.rest, "FROM:");
    if (!from || from->bare_postmaster)
        return refuse(501, "5.1.7", "the sender's address is not understood");
    bool utf8 = false;
    for (const auto& p : from->parameters) {
        if (p.name == "SIZE") {
            const auto size = text::read_number(p.value);
            if (!size)
                return refuse(501, "5.5.4", "SIZE is not a number");
            if (*size > limits_.mail)
                return say(
                    552, "5.3.4", "the mail is larger than " + std::to_string(limits_.mail) + " bytes"
                );
        } else if (p.name == "BODY") {
            if (p.value != "7BIT" && p.value != "8BITMIME")
                return refuse(501, "5.5.4", "BODY is 7BIT or 8BITMIME");
        } else if (p.name == "SMTPUTF8" && p.value.empty()) {
            utf8 = true;
        } else {
            return refuse(555, "5.5.4", "a parameter is not known");
        }
    }
    begun_ = true;
    mail_.sender = from->who;
    mail_.smtputf8 = utf8;
    say(250, "2.1.0", "OK");
}

smtp_session::wish smtp_session::name_recipient(const command& c)
{
    const auto to = read_path(c.rest, "TO:");
    if (!begun_ || chunked_)
        refuse(503, "5.5.1", "MAIL comes first");
    else if (!to || (!to->who && !to->bare_postmaster))
        refuse(501, "5.1.3", "the recipient's address is not understood");
    else if (!to->parameters.empty())
        refuse(555, "5.5.4", "a parameter is not known");
    else if (mail_.recipients.size() >= limits_.recipients)
        say(452, "4.5.3", "too many recipients: the rest in another mail");
    else {
        asked_ = to->bare_postmaster ? address{"postmaster", name_} : *to->who;
        doing_ = doing::checking;
        return wish::check;
    }
    return wish::read;
}

void smtp_session::answer_recipient(const reply& said)
{
    assert(doing_ == doing::checking);
    doing_ = doing::commands;
    out_ += said.line();
    if (said.good())
        mail_.recipients.push_back(std::move(asked_));
    asked_ = address{};
}

void smtp_session::start_data(const command& c)
{
    if (!begun_ || mail_.recipients.empty())
        return refuse(503, "5.5.1", "no valid recipients");
    if (chunked_)
        return refuse(503, "5.5.1", "BDAT has begun");
    if (!c.rest.empty())
        return refuse(501, "5.5.4", "DATA has no arguments");
    doing_ = doing::data;
    say(354, "", "end with a dot on a line of its own");
}

// RFC 3030 §3: the bytes follow whatever we think of them.
void smtp_session::start_chunk(const command& c)
{
    const auto size = read_chunk(c.rest);
    if (!size) {  // where the next command begins is anybody's guess
        say(501, "5.5.4", "BDAT needs a size");
        doing_ = doing::closing;
        return;
    }
    chunk_bad_ = chunk_bad_ || !begun_ || mail_.recipients.empty();
    chunked_ = true;
    chunk_left_ = chunk_size_ = size->size;
    last_chunk_ = size->last;
    doing_ = doing::bdat;
}

void smtp_session::keep(std::string_view some)
{
    size_ += some.size();
    too_large_ = too_large_ || size_ > limits_.mail;
    if (too_large_)
        body_.clear();
    else
        body_ += some;
}

smtp_session::wish smtp_session::read_data()
{
    std::string some;
    std::string_view rest{in_};
    dots_.feed(rest, some);
    in_.erase(0, in_.size() - rest.size());
    keep(some);
    return dots_.ended() ? finish() : wish::read;
}

smtp_session::wish smtp_session::read_chunk_bytes()
{
    const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, in_.size()));
    chunk_left_ -= take;
    if (!chunk_bad_)
        keep(std::string_view{in_}.substr(0, take));
    in_.erase(0, take);
    if (chunk_left_ > 0)
        return wish::read;
    doing_ = doing::commands;
    if (chunk_bad_) {
        refuse(503, "5.5.1", "no valid recipients");
        if (last_chunk_)
            reset();
    } else if (last_chunk_)
        return finish();
    else
        say(250, "2.0.0", std::to_string(chunk_size_) + " bytes taken");
    return wish::read;
}

smtp_session::wish smtp_session::finish()
{
    doing_ = doing::deciding;
    if (!too_large_)
        return wish::mail;
    const reply no{552, "5.3.4", "the mail is larger than " + std::to_string(limits_.mail) + " bytes"};
    answer_mail(std::vector<reply>(mail_.recipients.size(), no));
    return wish::read;
}

void smtp_session::answer_mail(const std::vector<reply>& said)
{
    assert(doing_ == doing::deciding && said.size() == mail_.recipients.size());
    doing_ = doing::commands;
    if (speaks_ == protocol::lmtp) {
        for (const auto& one : said)
            out_ += one.line();
    } else {
        // A repeat harms nobody (the core knows it again), a loss does: "later" wins, then "no".
        const auto rank = [](const reply& r) { return r.code / 100 == 4 ? 2 : r.good() ? 0 : 1; };
        const auto worst = std::ranges::max_element(said, {}, rank);
        out_ += worst->line();
    }
    reset();
}

}  // namespace rialto::email
