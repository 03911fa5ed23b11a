#include "appservice/auth.hpp"

namespace rialto {

namespace {
// RFC 9110 §11.1: the scheme's case does not matter.
std::optional<std::string_view> bearer(std::string_view header)
{
    constexpr std::string_view scheme = "bearer ";
    if (header.size() < scheme.size())
        return std::nullopt;
    for (std::size_t i = 0; i < scheme.size(); ++i)
        if ((header[i] >= 'A' && header[i] <= 'Z' ? header[i] + 32 : header[i]) != scheme[i])
            return std::nullopt;
    return header.substr(scheme.size());
}
}  // namespace

bool same_secret(std::string_view given, std::string_view ours)
{
    if (ours.empty())
        return false;  // no token configured lets nobody in
    volatile std::size_t difference = given.size() ^ ours.size();
    for (std::size_t i = 0; i < given.size(); ++i) {
        const auto a = static_cast<unsigned char>(given[i]),
                   b = static_cast<unsigned char>(ours[i % ours.size()]);
        difference = difference | static_cast<std::size_t>(a ^ b);
    }
    return difference == 0;
}

token_verdict judge_token(const http::request& head, std::string_view ours)
{
    bool seen = false, right = true;
    for (const auto& header : head.authorization) {
        const auto token = bearer(header);
        seen = true;
        right = token && same_secret(*token, ours) && right;
    }
    const auto range = head.query.equal_range("access_token");
    for (auto it = range.first; it != range.second; ++it) {
        seen = true;
        right = same_secret(it->second, ours) && right;
    }
    if (!seen)
        return token_verdict::missing;
    return right ? token_verdict::right : token_verdict::wrong;
}

std::optional<std::uint64_t> log_throttle::noted(timestamp now)
{
    ++held_back_;
    if (now < next_)
        return std::nullopt;
    next_ = now + every_;
    return std::exchange(held_back_, 0);
}

}  // namespace rialto
