#include "core/key.hpp"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>

namespace rialto {

std::string digest(std::initializer_list<std::string_view> parts)
{
    static constexpr boost::uuids::uuid space = {0x4c, 0x1f, 0x9e, 0x52, 0x0b, 0x1d, 0x4e, 0x8a,
                                                 0x9d, 0x77, 0x63, 0x6a, 0x21, 0xd8, 0x50, 0x3f};
    std::string all;
    for (const auto part : parts)  // the length first: ("ab","c") and ("a","bc") must differ
        all.append(std::to_string(part.size())).append(":").append(part);
    const auto id = boost::uuids::name_generator_sha1{space}(all);
    static constexpr char hex[] = "0123456789abcdef";
    std::string out;
    out.reserve(32);
    for (const auto byte : id) {
        out += hex[byte >> 4];
        out += hex[byte & 15];
    }
    return out;
}

std::string portal_tag(std::string_view network, const portal_id& portal)
{
    return digest({network, portal.room.value, portal.account.value}).substr(0, 12);
}

std::string content_key(
    std::string_view tag, std::string_view sender, std::string_view remote, std::string_view part
)
{
    return std::string{tag} + "." + digest({sender, remote, part});
}

std::string_view tag_of(std::string_view key)
{
    const auto dot = key.find('.');
    return dot == key.npos ? std::string_view{} : key.substr(0, dot);
}

}  // namespace rialto
