#include "tests/fakes/net/fault.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <stdexcept>
#include <utility>

namespace rialto::fakes {

namespace {
using act = fault::act;
constexpr std::array acts{
    std::pair{"status", act::status},   std::pair{"drop", act::drop},   std::pair{"half", act::half},
    std::pair{"hang", act::hang},       std::pair{"delay", act::delay}, std::pair{"cut", act::cut},
    std::pair{"restart", act::restart}, std::pair{"lose", act::lose},   std::pair{"error", act::error},
};
}  // namespace

fault fault_from(const nlohmann::json& j)
{
    fault f;
    f.kind = j.value("kind", f.kind);
    f.skip = j.value("skip", j.contains("nth") ? j.at("nth").get<std::uint32_t>() - 1 : 0U);
    f.times = j.value("times", f.times);
    f.chance = j.value("chance", f.chance);
    f.status = j.value("status", f.status);
    f.bytes = j.value("bytes", f.bytes);
    f.wait = j.value("wait", f.wait);
    f.after = j.value("after", f.after);
    if (j.contains("body"))
        f.body = j["body"].is_string() ? j["body"].get<std::string>() : j["body"].dump();
    const std::string how = j.value("how", "status");
    for (const auto& [name, value] : acts)
        if (how == name) {
            f.how = value;
            return f;
        }
    throw std::invalid_argument{"no such fault: " + how};
}

std::optional<fault> fault_plan::hit(std::string_view kind)
{
    for (auto f = faults_.begin(); f != faults_.end(); ++f) {
        if (f->kind != "*" && f->kind != kind)
            continue;
        if (f->skip > 0) {
            --f->skip;
            continue;
        }
        fault found = *f;
        if (--f->times == 0)
            faults_.erase(f);
        if (found.chance < 1 && std::generate_canonical<double, 32>(luck_) >= found.chance)
            return std::nullopt;
        return found;
    }
    return std::nullopt;
}

}  // namespace rialto::fakes
