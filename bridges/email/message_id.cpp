// bridges/email/mime.hpp: names of mails in header values.
#include "bridges/email/mime.hpp"

#include <algorithm>

namespace rialto::email {

std::vector<std::string> message_ids_in(std::string_view value)
{
    constexpr std::size_t longest = 400, most = 50;
    std::vector<std::string> out;
    for (std::size_t at = value.find('<'); at != value.npos; at = value.find('<', at + 1)) {
        const auto end = value.find('>', at);
        if (end == value.npos)
            break;
        std::string id;
        for (const char c : value.substr(at, end + 1 - at))
            if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
                id += c;
        const bool clean = std::ranges::all_of(id, [](char c) { return c > 32 && c < 127; });
        if (clean && id.size() > 2 && id.size() <= longest && id.find('<', 1) == id.npos)
            out.push_back(std::move(id));
    }
    if (out.size() > most)
        out.erase(out.begin(), out.end() - most);
    return out;
}

std::string message_id_in(std::string_view value)
{
    auto all = message_ids_in(value);
    return all.empty() ? std::string{} : std::move(all.front());
}

}  // namespace rialto::email
