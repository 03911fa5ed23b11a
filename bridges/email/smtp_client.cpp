#include "bridges/email/smtp_client.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <cstdio>

namespace rialto::email {
namespace {

constexpr std::size_t longest_reply = 64 * 1024;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 3461 §4: what is not a plain letter is +HH.
std::string xtext(std::string_view s)
{
    std::string out;
    for (const char c : s) {
        const auto u = static_cast<unsigned char>(c);
        if (u >= 33 && u <= 126 && c != '+' && c != '=') {
            out += c;
            continue;
        }
        char hex[4];
        std::snprintf(hex, sizeof hex, "+%02X", u);
        out += hex;
    }
    return out;
}

std::string stuffed(std::string_view mail)
{
    std::string out;
    out.reserve(mail.size() + 16);
    for (std::size_t at = 0; at < mail.size();) {
        auto end = mail.find("\r\n", at);
        end = end == mail.npos ? mail.size() : end + 2;
        if (mail[at] == '.')
            out += '.';
        out += mail.substr(at, end - at);
        at = end;
    }
    if (!out.empty() && !out.ends_with("\r\n"))
        out += "\r\n";
    return out + ".\r\n";
}

// "5.1.1 no such user" -> its enhanced code and the rest
reply read_reply(int code, std::string_view text)
{
    const auto word = text.substr(0, text.find(' '));
    const bool enhanced = word.size() >= 5 && word[0] == static_cast<char>('0' + code / 100) &&
                          word[1] == '.' &&
                          std::ranges::all_of(word, [](char c) { return c == '.' || is_digit(c); });
    if (!enhanced)
        return reply{code, "", std::string{text}};
    return reply{code, std::string{word}, std::string{text.substr(std::min(text.size(), word.size() + 1))}};
}

}  // namespace

smtp_client::smtp_client(submission s, bool greeted)
{
    begin(std::move(s));
    if (mail_.recipients.empty())
        stage_ = stage::over;
    else if (greeted)
        greet();
}

void smtp_client::begin(submission s)
{
    const auto many = s.recipients.size();
    mail_ = std::move(s);
    fates_.assign(many, recipient_fate{});
    answered_.assign(many, false);
    taken_.assign(many, false);
    lines_.clear();
    next_ = 0;
    mail_answered_ = heard_ = false;
}

void smtp_client::next(submission s)
{
    begin(std::move(s));
    if (!mail_.recipients.empty())
        say_mail();
}

void smtp_client::leave() { quit(); }

void smtp_client::greet()
{
    out_ += "EHLO " + mail_.our_name + "\r\n";
    stage_ = stage::hello;
}

bool smtp_client::offered(std::string_view name) const
{
    return std::ranges::any_of(offers_, [name](const std::string& o) {
        return o == name || (o.starts_with(name) && o[name.size()] == ' ');
    });
}

void smtp_client::feed(std::string_view bytes)
{
    in_ += bytes;
    while (stage_ != stage::over) {
        const auto end = in_.find('\n');
        if (end == in_.npos)
            break;
        auto line = in_.substr(0, end);
        in_.erase(0, end + 1);
        if (line.ends_with('\r'))
            line.pop_back();
        const bool good = line.size() >= 3 && std::all_of(line.begin(), line.begin() + 3, is_digit) &&
                          line[0] >= '2' && line[0] <= '5' &&
                          (line.size() == 3 || line[3] == ' ' || line[3] == '-');
        if (!good)
            return lost("the mail server said what is no SMTP");
        const auto text = text::one_line(line.size() > 4 ? line.substr(4) : "", 400);
        if (stage_ == stage::hello && offers_.size() < 100) {
            std::string word = text;
            std::ranges::transform(word, word.begin(), [](char c) {
                return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
            });
            offers_.push_back(std::move(word));
        }
        if (line.size() == 3 || line[3] == ' ')
            take(read_reply(std::stoi(line.substr(0, 3)), text));
    }
    if (in_.size() > longest_reply)
        lost("the mail server's reply has no end");
}

void smtp_client::take(const reply& r)
{
    if (r.code == 421 && stage_ != stage::quit) {
        settle(r);
        stage_ = stage::over;
        return;
    }
    heard_ = true;
    switch (stage_) {
        case stage::greeting:
            if (!r.good()) {
                settle(r);
                return quit();
            }
            return greet();
        case stage::hello: return hello(r);
        case stage::envelope: return envelope(r);
        case stage::data:
            if (r.code == 354)
                return send_text();
            settle(
                r.good() ? reply{451, "", "the mail server answered DATA with " + std::to_string(r.code)} : r
            );
            return quit();
        case stage::sent:
            settle(r);
            stage_ = stage::rest;
            return;
        case stage::rest: return;  // nobody asked
        case stage::quit: stage_ = stage::over; return;
        case stage::over: return;
    }
}

void smtp_client::hello(const reply& r)
{
    if (!r.good()) {
        settle(r);
        return quit();
    }
    say_mail();
}

void smtp_client::say_mail()
{
    const bool utf8 = std::ranges::any_of(mail_.recipients, [](const address& a) { return !a.is_ascii(); });
    if (utf8 && !offered("SMTPUTF8")) {
        settle(reply{550, "5.6.7", "the mail server takes no addresses with such letters"});
        return quit();
    }
    pipelining_ = offered("PIPELINING");
    const bool dsn = offered("DSN") && !mail_.envelope_id.empty();
    std::string from = "MAIL FROM:<" + (mail_.sender ? mail_.sender->text() : std::string{}) + ">";
    if (offered("SIZE"))
        from += " SIZE=" + std::to_string(mail_.mail.size());
    if (utf8)
        from += " SMTPUTF8";
    if (dsn)
        from += " RET=HDRS ENVID=" + xtext(mail_.envelope_id);
    lines_.push_back(from + "\r\n");
    for (const auto& who : mail_.recipients) {
        std::string to = "RCPT TO:<" + who.text() + ">";
        if (dsn)
            to += " NOTIFY=FAILURE,DELAY" + (who.is_ascii() ? " ORCPT=rfc822;" + xtext(who.text()) : "");
        lines_.push_back(to + "\r\n");
    }
    stage_ = stage::envelope;
    say_envelope();
}

void smtp_client::say_envelope()
{
    do {
        out_ += lines_.front();
        lines_.pop_front();
    } while (pipelining_ && !lines_.empty());
}

void smtp_client::envelope(const reply& r)
{
    const reply no = r.code / 100 == 3 ? reply{451, "", "the mail server is out of step"} : r;
    if (!mail_answered_) {
        mail_answered_ = true;
        if (!no.good()) {
            settle(no);  // what a pipelining server says of the recipients tells nothing
            if (!pipelining_)
                return quit();
        }
    } else {
        if (!answered_[next_]) {
            fates_[next_].said = no;
            taken_[next_] = no.good();
            answered_[next_] = !no.good();
        }
        ++next_;
    }
    if (next_ < mail_.recipients.size()) {
        if (!pipelining_)
            say_envelope();
        return;
    }
    if (std::ranges::find(taken_, true) == taken_.end())
        return quit();
    out_ += "DATA\r\n";
    stage_ = stage::data;
}

void smtp_client::send_text()
{
    out_ += stuffed(mail_.mail);
    mail_.mail.clear();
    stage_ = stage::sent;
}

void smtp_client::settle(const reply& r, bool certain)
{
    for (std::size_t i = 0; i < fates_.size(); ++i)
        if (!answered_[i]) {
            fates_[i].said = r;
            fates_[i].certain = certain;
            answered_[i] = true;
        }
}

void smtp_client::quit()
{
    out_ += "QUIT\r\n";
    stage_ = stage::quit;
}

void smtp_client::lost(std::string why)
{
    settle(reply{451, "4.4.2", std::move(why)}, stage_ != stage::sent);
    stage_ = stage::over;
}

}  // namespace rialto::email
