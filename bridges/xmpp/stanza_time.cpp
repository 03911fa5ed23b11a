#include "bridges/xmpp/stanza_time.hpp"

#include <charconv>
#include <cstdio>

namespace rialto::xmpp {
namespace {

class reader
{
    std::string_view rest_;

public:
    bool good = true;

    explicit reader(std::string_view text) : rest_{text} {}

    int number(std::size_t digits)
    {
        int out = 0;
        const auto part = rest_.substr(0, digits);
        const auto end = std::from_chars(part.data(), part.data() + part.size(), out);
        good = good && part.size() == digits && end.ptr == part.data() + digits && out >= 0;
        rest_.remove_prefix(part.size());
        return out;
    }
    bool take(char c)
    {
        if (rest_.empty() || rest_.front() != c)
            return false;
        rest_.remove_prefix(1);
        return true;
    }
    void expect(char c) { good = take(c) && good; }
    bool empty() const { return rest_.empty(); }

    std::chrono::milliseconds fraction()
    {
        int out = 0, weight = 100;
        while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
            out += (rest_.front() - '0') * weight;
            weight /= 10;
            rest_.remove_prefix(1);
        }
        return std::chrono::milliseconds{out};
    }
    std::chrono::minutes offset()
    {
        if (take('Z'))
            return std::chrono::minutes{0};
        const bool east = take('+');
        if (!east)
            expect('-');
        const int hours = number(2);
        expect(':');
        const int minutes = number(2);
        return std::chrono::minutes{(hours * 60 + minutes) * (east ? 1 : -1)};
    }
};

}  // namespace

std::optional<timestamp> read_time(std::string_view text) noexcept
{
    using namespace std::chrono;
    reader in{text};
    const int y = in.number(4);
    in.expect('-');
    const int mo = in.number(2);
    in.expect('-');
    const int d = in.number(2);
    in.expect('T');
    const int h = in.number(2);
    in.expect(':');
    const int mi = in.number(2);
    in.expect(':');
    const int s = in.number(2);
    milliseconds part{0};
    if (in.take('.'))
        part = in.fraction();
    const auto offset = in.offset();
    const year_month_day day{
        year{y}, month{static_cast<unsigned>(mo)}, std::chrono::day{static_cast<unsigned>(d)}
    };
    if (!in.good || !in.empty() || !day.ok() || y < 1970 || y > 2200 || h > 23 || mi > 59 || s > 60)
        return std::nullopt;
    return timestamp{sys_days{day} + hours{h} + minutes{mi} + seconds{s} + part - offset};
}

std::string write_time(timestamp at)
{
    using namespace std::chrono;
    const auto whole = floor<days>(at);
    const year_month_day day{whole};
    const hh_mm_ss clock{floor<milliseconds>(at - whole)};
    char out[64];
    const int n = std::snprintf(
        out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(day.year()),
        static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count())
    );
    return {out, static_cast<std::size_t>(n)};
}

}  // namespace rialto::xmpp
