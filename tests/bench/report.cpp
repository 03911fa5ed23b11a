#include "tests/bench/report.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <iostream>

namespace rialto::bench {

namespace {

std::string number(double value)
{
    std::array<char, 32> text{};
    const char* form = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
    std::snprintf(text.data(), text.size(), form, value);
    return text.data();
}

std::string left(std::string text, std::size_t width)
{
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

std::string right(const std::string& text, std::size_t width)
{
    return std::string(width - std::min(width, text.size()), ' ') + text;
}

}  // namespace

void report::add(
    const std::string& name, double value, std::optional<target> wished, std::optional<double> baseline
)
{
    rows_.emplace_back(name, value, wished, baseline);
    std::cout << "  " << left(name, 50) << right(number(value), 12) << std::endl;
}

void report::say(const std::string& text) const { std::cout << text << std::endl; }

std::string report::table() const
{
    std::string out = "\n" + left("name, with its unit", 52) + right("value", 10) + right("baseline", 10) +
                      right("ratio", 8) + right("target", 12) + "\n";
    for (const auto& r : rows_) {
        out += left(r.name, 52) + right(number(r.value), 10);
        out += right(r.baseline ? number(*r.baseline) : "", 10);
        out += right(r.baseline && *r.baseline > 0 ? number(r.value / *r.baseline) : "", 8);
        if (r.wished) {
            const bool most = r.wished->is == good::at_most;
            const bool met = most ? r.value <= r.wished->value : r.value >= r.wished->value;
            out += right((most ? "<= " : ">= ") + number(r.wished->value), 12) + (met ? "  met" : "  missed");
        }
        out += "\n";
    }
    return out;
}

std::string report::json() const
{
    nlohmann::json all = nlohmann::json::object();
    for (const auto& r : rows_) {
        all[r.name] = r.value;
        if (r.baseline)
            all[r.name + "_baseline"] = *r.baseline;
    }
    return all.dump(2) + "\n";
}

}  // namespace rialto::bench
