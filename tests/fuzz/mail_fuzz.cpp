// A mail as a stranger may send it: no crash, nothing beyond the limits, only valid UTF-8 comes out.
#include "bridges/email/mime.hpp"
#include "core/text.hpp"

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size > 65536)
        return 0;
    mime_limits limits;
    limits.depth = 5;
    limits.parts = 20;
    limits.text = 2000;
    limits.people = 10;
    const auto got = read_mail(std::string{reinterpret_cast<const char*>(data), size}, limits);
    if (!got)
        return 0;
    const auto& m = *got;
    require(m.from.size() + m.to.size() + m.cc.size() <= 3 * limits.people && m.files.size() <= limits.parts);
    for (const auto& who : m.from)
        require(parse_address(who.who.text()) == who.who && rialto::text::is_utf8(who.shown_as));
    for (const auto* said : {&m.text, &m.html, &m.delivery_status})
        require(!*said || rialto::text::is_utf8(**said));
    require(rialto::text::is_utf8(m.subject) && m.subject.find('\n') == m.subject.npos);
    outgoing_mail answer;
    answer.message_id = "<1@x.example>";
    answer.in_reply_to = m.message_id;
    answer.references = m.references;
    answer.from = mail_person{m.subject, address{"a", "x.example"}};
    for (const auto& who : m.from)
        answer.to.push_back(who);
    answer.subject = m.subject;
    answer.text = m.text.value_or("");
    answer.boundary = "b";
    const auto raw = write_mail(answer);
    const auto back = read_mail(raw);
    require(back && back->message_id == "<1@x.example>" && back->in_reply_to == m.message_id);
    require(back->from_headers == 1 && back->cc.empty());
    return 0;
}
