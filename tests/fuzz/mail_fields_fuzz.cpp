// Small languages in a mail's headers and reports: addresses, verdicts, delivery status, text in any charset.
#include "bridges/email/auth_results.hpp"
#include "bridges/email/dsn.hpp"
#include "bridges/email/mime_guard.hpp"
#include "bridges/email/verp.hpp"
#include "core/text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace rialto;
using namespace rialto::email;

void require(bool holds)
{
    if (!holds)
        std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size > 8192)
        return 0;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (const auto a = parse_address(text)) {
        require(parse_address(a->text()) == a);
        require(!signed_id(*a, "secret"));
        const people all{a->domain, "example.org"};
        if (const auto who = all.behind(*a))
            require(all.of(*who) == a);
    }
    const people all{"chat.example", "example.org"};
    if (const auto a = all.of(native{native::what::person, std::string{text}, "example.org"});
        a && !text.empty()) {
        require(parse_address(a->text()) == a);
        if (text.find(':') == text.npos)
            require(all.behind(*a) && all.behind(*a)->local == text);
    }
    (void)judge_author({std::string{text}}, "mx.example", "example.org");
    const auto report = read_delivery_status(text);
    require(report.about.size() <= most_news);
    const auto cut = text.find('\n');
    const auto converted = to_utf8(text.substr(cut == text.npos ? 0 : cut), text.substr(0, cut));
    require(rialto::text::is_utf8(converted));
    require(unflowed(text, false).size() <= 3 * text.size() + 1);
    const auto safe = guarded(std::string{text});
    require(!safe || guarded(*safe));
    return 0;
}
