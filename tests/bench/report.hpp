// tests/bench/report.hpp: the figures, as a table for people and as a flat JSON object for machines. A name
// ends in its unit, or has it in it; `<name>_baseline` is the bare relay's in the same run. Targets are
// DESIGN.md's.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace rialto::bench {

class report
{
public:
    enum class good
    {
        at_most,
        at_least
    };
    struct target
    {
        good is = good::at_most;
        double value = 0;
        target(good g, double v) : is{g}, value{v} {}
    };

    void add(
        const std::string& name, double value, std::optional<target> wished = {},
        std::optional<double> baseline = {}
    );
    void say(const std::string& text) const;  // progress, at once

    std::string table() const;
    std::string json() const;

private:
    struct row
    {
        std::string name;
        double value;
        std::optional<target> wished;
        std::optional<double> baseline;
        row(std::string n, double v, std::optional<target> t, std::optional<double> b)
            : name{std::move(n)}, value{v}, wished{t}, baseline{b}
        {
        }
    };
    std::vector<row> rows_;
};

inline report::target at_most(double value) { return {report::good::at_most, value}; }
inline report::target at_least(double value) { return {report::good::at_least, value}; }

}  // namespace rialto::bench
