// core/result.hpp: a value, or the reason there is none. Stands in for C++23's std::expected.
// A failure says what to do next, not only what went wrong. Values only, no threads.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <variant>

namespace rialto {

enum class verdict
{
    try_later,    // keep it and repeat: SMTP 4xx, link down, 429
    give_up,      // tell the author why: SMTP 5xx, banned, no such room
    unsupported,  // send a plainer one instead (an edit becomes a corrected message)
};

// What to call it in the peer's language: an XMPP condition, an SMTP class, a Matrix errcode.
enum class cause
{
    other,
    forbidden,
    members_only,
    banned,
    not_found,
    conflict,
    malformed,
    too_large,
    too_many,
    full,
    away,
};

struct failure
{
    verdict next;
    cause kind;
    std::string why;                // a sentence for a human, reason first
    std::chrono::seconds after{0};  // when to try again; 0: the core's own back-off
    bool certain = true;            // false: it may have arrived all the same

    failure(verdict v, cause c, std::string w) : next{v}, kind{c}, why{std::move(w)} {}
    bool operator==(const failure&) const = default;
};

template <class T>
class [[nodiscard]] result
{
    std::variant<T, failure> either_;

public:
    result(T value) : either_{std::in_place_index<0>, std::move(value)} {}
    result(failure f) : either_{std::in_place_index<1>, std::move(f)} {}
    result() : result{failure{verdict::give_up, cause::other, "never set"}} {}  // Asio default-constructs

    explicit operator bool() const noexcept { return either_.index() == 0; }
    T& operator*() noexcept { return *std::get_if<0>(&either_); }
    const T& operator*() const noexcept { return *std::get_if<0>(&either_); }
    T* operator->() noexcept { return std::get_if<0>(&either_); }
    const T* operator->() const noexcept { return std::get_if<0>(&either_); }
    failure& error() noexcept { return *std::get_if<1>(&either_); }
    const failure& error() const noexcept { return *std::get_if<1>(&either_); }
};

using outcome = result<std::monostate>;
inline outcome ok() { return std::monostate{}; }

}  // namespace rialto
