#include "core/net/http.hpp"

namespace rialto::net {

std::string_view http_reply::header(std::string_view lower_name) const
{
    for (const auto& [name, value] : headers)
        if (name == lower_name)
            return value;
    return {};
}

std::string_view host_of(std::string_view url)
{
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos)
        url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    if (const auto user = url.rfind('@'); user != std::string_view::npos)
        url.remove_prefix(user + 1);
    if (url.starts_with('['))
        return url.substr(0, url.find(']') + 1);
    return url.substr(0, url.rfind(':'));
}

std::string percent_encoded(std::string_view segment)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(segment.size() + 16);
    for (const char c : segment) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 0xFU];
        }
    }
    return out;
}

}  // namespace rialto::net
