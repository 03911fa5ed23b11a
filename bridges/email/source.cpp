#include "bridges/email/source.hpp"

#include "bridges/email/letters.hpp"
#include "core/key.hpp"
#include "core/text.hpp"

#include <charconv>

namespace rialto::email {
namespace {

// "<a@b> digest.2 carol@ext.example" is of the mail "<a@b> digest".
std::string_view mail_of(std::string_view far)
{
    const auto first = far.find(' ');
    if (first == far.npos)
        return far;
    return far.substr(0, std::min(far.find_first_of(". ", first + 1), far.size()));
}

}  // namespace

std::string header_of(std::string_view raw)
{
    std::string out;
    bool blind = false;
    while (!raw.empty() && out.size() < most_header) {
        const auto end = std::min(raw.find('\n'), raw.size() - 1);
        auto line = raw.substr(0, end + 1);
        raw.remove_prefix(line.size());
        while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
            line.remove_suffix(1);
        if (line.empty())
            break;
        const bool goes_on = line.front() == ' ' || line.front() == '\t';
        if (!goes_on)
            blind = small(line.substr(0, 4)) == "bcc:" || small(line.substr(0, 11)) == "resent-bcc:";
        if (blind)
            continue;
        out += line;
        out += '\n';
    }
    return std::string{text::prefix(text::xml_safe(out), most_header)};
}

source_note::source_note(const portal_id& portal, const message_id& far)
    : name{digest({portal.room.value, std::string{mail_of(far.value)}})}
{
    std::uint64_t place = 0;
    std::from_chars(name.data(), name.data() + 15, place, 16);
    key = "source/" + std::to_string(place % kept_headers);
}

std::string source_note::read(std::string_view value) const
{
    return value.starts_with(name + "\n") ? std::string{value.substr(name.size() + 1)} : std::string{};
}

}  // namespace rialto::email
