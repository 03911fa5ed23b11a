#include "tests/crash/matrix.hpp"

#include "tests/crash/seams.hpp"

#include <ostream>

namespace rialto::crash {

namespace {

void report(const family& f, std::uint64_t at, const outcome_of_run& got, std::ostream& out)
{
    out << f.name << ' ' << at << ", " << (got.what < 0 ? "never" : name_of(static_cast<act>(got.what)))
        << " of " << got.operations << " operations";
    for (const auto& what : got.findings)
        out << "\n    " << what;
    out << std::endl;
}

class walk
{
    stage& on_;
    const selection& which_;
    std::ostream& out_;
    matrix_result sum_;

    // False: the life ended before this operation.
    bool point(const family& f, std::uint64_t at)
    {
        const auto got = play(on_, f, at, std::string{f.name} + '.' + std::to_string(at));
        sum_.sums += got.sums;
        sum_.findings += got.findings.size();
        if (which_.talkative || !got.findings.empty())
            report(f, at, got, out_);
        return got.struck;
    }

public:
    walk(stage& on, const selection& which, std::ostream& out) : on_{on}, which_{which}, out_{out} {}

    void all_points(const family& f)
    {
        if (which_.at != 0) {
            point(f, which_.at);
            return;
        }
        const auto step = which_.every * f.sparse;
        std::uint64_t number = 0;
        for (auto at = which_.offset % step + 1; sum_.findings < which_.enough; at += step)
            if (number++ % which_.shards == which_.shard && !point(f, at))
                return;
    }
    const matrix_result& sum() const { return sum_; }
};

}  // namespace

matrix_result play_matrix(stage& on, const selection& which, std::ostream& out)
{
    walk all{on, which, out};
    if (which.families.empty())
        for (const auto& f : families())
            if (f.must_hold)
                all.all_points(f);
    for (const auto& name : which.families)
        all.all_points(family_named(name));
    return all.sum();
}

}  // namespace rialto::crash
