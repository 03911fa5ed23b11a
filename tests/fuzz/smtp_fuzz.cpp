// What an SMTP client may send (the first byte chooses protocol and pieces): no crash, every wish is
// answered, the same replies and mails however the bytes arrive, nothing beyond the limits.
#include "bridges/email/smtp_session.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace rialto::email;

void require(bool holds)
{
    if (!holds)
        std::abort();
}

struct told
{
    std::string replies, mails;
    bool operator==(const told&) const = default;
};

told talk(std::string_view bytes, std::size_t piece, protocol speaks)
{
    session_limits limits;
    limits.mail = 200;
    limits.recipients = 3;
    limits.line = 100;
    smtp_session one{speaks, "mx.example.org", limits};
    told out;
    bool closed = false;
    while (!closed && !bytes.empty()) {
        one.feed(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        for (;;) {
            const auto wanted = one.next();
            out.replies += one.output();
            if (wanted == smtp_session::wish::check) {
                require(parse_address(one.recipient().text()) == one.recipient());
                one.answer_recipient(one.recipient().local == "no" ? reply{550, "5.1.1", "no"} : reply{});
            } else if (wanted == smtp_session::wish::mail) {
                const auto all = one.mail().recipients.size();
                require(all >= 1 && all <= limits.recipients);
                const auto body = one.take_body();
                require(body.size() <= limits.mail);
                out.mails += one.mail().recipients.front().text() + "\n" + body + "\n";
                one.answer_mail(std::vector<reply>(all));
            } else {
                closed = wanted == smtp_session::wish::close;
                break;
            }
        }
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0 || size > 8192)
        return 0;
    const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    const auto speaks = (data[0] & 1) == 0 ? protocol::lmtp : protocol::esmtp;
    const auto whole = talk(bytes, bytes.size(), speaks);
    const auto pieces = talk(bytes, 1 + (data[0] >> 4), speaks);
    require(whole.mails == pieces.mails && whole.replies == pieces.replies);
    return 0;
}
