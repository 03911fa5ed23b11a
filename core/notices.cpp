#include "core/notices.hpp"

namespace rialto {

std::string far_person(const portal& p)
{
    if (p.row.is != kind::direct)
        return {};
    for (const auto& m : p.state.members)
        if (!m.puppet)
            return m.who.id.value;
    return {};
}

std::string far_end(const portal& p)
{
    auto other = far_person(p);
    return other.empty() ? p.row.room.value : other;
}

std::string undelivered(
    const portal& p, std::string_view kind, const failure& why, std::size_t count, position letter
)
{
    const bool one = count == 1;
    std::string out = why.why.empty() ? std::string{"for an unknown reason"} : why.why;
    out += why.certain ? " - " : " - it is not certain whether ";
    out += one ? "this " + std::string{kind} : std::to_string(count) + " " + std::string{kind} + "s";
    out += one ? " was" : " were";
    out += why.certain ? " not delivered to " : " delivered to ";
    out += p.row.network + " (" + far_end(p) + ").";
    if (letter == 0 || why.next == verdict::unsupported)
        return out;
    const auto again = "`!rialto queue retry " + (one ? std::to_string(letter) : "all") + "`";
    if (why.certain)
        return out + " " + again + (one ? " tries it again." : " tries them again.");
    return out + " If " + (one ? "it is" : "they are") + " missing there, " + again +
           (one ? " sends it once more." : " sends them once more.");
}

failure reason_of(const item& dead)
{
    failure why{dead.next, dead.kind, dead.why};
    why.certain = dead.certain;
    return why;
}

}  // namespace rialto
