#include "core/json_keys.hpp"

#include "core/backend.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>

namespace rialto {

namespace {

// Optimal string alignment: insertions, deletions, replacements, swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    std::iota(last.begin(), last.end(), 0U);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + other});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

constexpr std::size_t longest_word = 64;  // keys are short; the work is quadratic

const nlohmann::json& nothing()
{
    static const nlohmann::json none = nlohmann::json::object();
    return none;
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates)
{
    if (word.size() > longest_word)
        return {};
    std::string best;
    std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;  // farther away is another word
    for (const auto& each : candidates) {
        const auto far = distance(word, each);
        if (far < least && far < std::max(word.size(), each.size())) {
            least = far;
            best = each;
        }
    }
    return best;
}

std::string instead_of(std::string_view word, const std::vector<std::string>& known)
{
    if (const auto near = nearest(word, known); !near.empty())
        return "did you mean '" + near + "'?";
    std::string all;
    for (const auto& each : known)
        all += (all.empty() ? "" : ", ") + each;
    return "there are: " + all;
}

json_reader::json_reader(const nlohmann::json& from, std::string where)
    : from_{from}, where_{std::move(where)}
{
    if (!from_.is_object() && !from_.is_null())
        throw config_error{where_ + ": must be a table of keys and values"};
}

void json_reader::refuse(std::string_view key, std::string_view what) const
{
    throw config_error{where_ + "." + std::string{key} + ": " + std::string{what}};
}

const nlohmann::json* json_reader::find(std::string_view key)
{
    asked_.emplace_back(key);
    if (!from_.is_object())
        return nullptr;
    const auto found = from_.find(asked_.back());
    return found == from_.end() || found->is_null() ? nullptr : &*found;
}

std::string json_reader::text(std::string_view key, std::string otherwise)
{
    const auto* found = find(key);
    if (!found)
        return otherwise;
    if (!found->is_string())
        refuse(key, found->is_primitive() ? "must be a text: put it in quotes" : "must be a text");
    return found->get<std::string>();
}

std::string json_reader::needed_text(std::string_view key)
{
    auto found = text(key, {});
    if (found.empty())
        refuse(key, "is missing");
    return found;
}

std::int64_t json_reader::number(
    std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most
)
{
    const auto* found = find(key);
    if (!found)
        return otherwise;
    const bool fits =
        found->is_number_integer() &&
        (!found->is_number_unsigned() || found->get<std::uint64_t>() <= std::uint64_t{INT64_MAX}) &&
        found->get<std::int64_t>() >= least && found->get<std::int64_t>() <= most;
    if (!fits)
        refuse(key, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return found->get<std::int64_t>();
}

bool json_reader::flag(std::string_view key, bool otherwise)
{
    const auto* found = find(key);
    if (!found)
        return otherwise;
    if (!found->is_boolean())
        refuse(key, "must be true or false");
    return found->get<bool>();
}

std::vector<std::string> json_reader::texts(std::string_view key)
{
    std::vector<std::string> all;
    const auto* found = find(key);
    if (!found)
        return all;
    if (!found->is_array())
        refuse(key, "must be a list of texts, such as [a, b]");
    for (const auto& each : *found) {
        if (!each.is_string())
            refuse(key, "must hold texts only");
        all.push_back(each.get<std::string>());
    }
    return all;
}

const nlohmann::json& json_reader::table(std::string_view key)
{
    const auto* found = find(key);
    if (!found)
        return nothing();
    if (!found->is_object())
        refuse(key, "must be a table of keys and values");
    return *found;
}

void json_reader::end() const
{
    if (!from_.is_object())
        return;
    for (const auto& [key, value] : from_.items())
        if (std::find(asked_.begin(), asked_.end(), key) == asked_.end())
            refuse(key, "there is no such key; " + instead_of(key, asked_));
}

}  // namespace rialto
