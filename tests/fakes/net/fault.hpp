// tests/fakes/net/fault.hpp: what shall go wrong, and when. A plan is asked once for every request (or
// stanza) and tells by its kind and count which of them is spoilt. Values only.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace rialto::fakes {

struct fault
{
    enum class act
    {
        status,   // answer with `status` and `body`
        drop,     // close the connection after `bytes` bytes of the answer
        half,     // close it after half of the answer
        hang,     // never answer; the connection stays open
        delay,    // do it `wait` ms later
        restart,  // the server is killed and comes back at once; `after`: when the request has taken effect
        cut,      // XMPP: close the link after `bytes` bytes of the stanza
        lose,     // XMPP: swallow the stanza
        error,    // XMPP: answer with a stanza error named by `body`
    };
    std::string kind = "*";   // the route's or stanza's name
    std::uint32_t skip = 0;   // so many are let through first
    std::uint32_t times = 1;  // so many are spoilt then
    double chance = 1;        // of each of those, by the plan's seed
    act how = act::status;
    unsigned status = 500;
    std::string body;
    std::size_t bytes = 0;
    std::int64_t wait = 0;
    bool after = false;  // the request takes effect first: only its answer is spoilt

    fault() = default;
    fault(std::string k, act h) : kind{std::move(k)}, how{h} {}
};

fault fault_from(const nlohmann::json& j);  // throws std::invalid_argument

class fault_plan
{
public:
    void seed(std::uint64_t s) { luck_.seed(s); }
    void add(fault f) { faults_.push_back(std::move(f)); }
    void clear() { faults_.clear(); }
    bool empty() const { return faults_.empty(); }
    std::optional<fault> hit(std::string_view kind);

private:
    std::vector<fault> faults_;
    std::mt19937_64 luck_{1};
};

}  // namespace rialto::fakes
