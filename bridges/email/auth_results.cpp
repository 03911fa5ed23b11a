#include "bridges/email/auth_results.hpp"

#include "bridges/email/letters.hpp"

#include <algorithm>
#include <optional>

namespace rialto::email {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Words, "=" and ";": comments are dropped, quoted strings are words.
std::vector<std::string> tokens_of(std::string_view s)
{
    std::vector<std::string> out;
    for (std::size_t i = 0; i < s.size();) {
        if (is_blank(s[i])) {
            ++i;
        } else if (s[i] == '(') {
            int depth = 0;
            for (; i < s.size(); ++i) {
                if (s[i] == '\\')
                    ++i;
                else if (s[i] == '(')
                    ++depth;
                else if (s[i] == ')' && --depth == 0) {
                    ++i;
                    break;
                }
            }
        } else if (s[i] == '"') {
            std::string word;
            for (++i; i < s.size() && s[i] != '"'; ++i) {
                if (s[i] == '\\' && i + 1 < s.size())
                    ++i;
                word += s[i];
            }
            ++i;
            out.push_back(small(word));
        } else if (s[i] == '=' || s[i] == ';') {
            out.emplace_back(1, s[i++]);
        } else {
            const auto begin = i;
            while (i < s.size() && !is_blank(s[i]) &&
                   std::string_view{"(\"=;"}.find(s[i]) == std::string_view::npos)
                ++i;
            out.push_back(small(s.substr(begin, i - begin)));
        }
    }
    return out;
}

std::string domain_in(std::string_view value)
{
    const auto at = value.rfind('@');
    return std::string{at == value.npos ? value : value.substr(at + 1)};
}

struct finding  // method=result with its properties
{
    std::string method, result;
    std::vector<std::pair<std::string, std::string>> properties;

    std::string property(std::string_view name) const
    {
        for (const auto& [n, v] : properties)
            if (n == name)
                return v;
        return {};
    }
};

std::vector<finding> findings_of(const std::vector<std::string>& words, std::size_t at)
{
    std::vector<finding> out;
    bool fresh = false;  // after a ';'
    for (; at < words.size(); ++at) {
        if (words[at] == ";") {
            fresh = true;
            continue;
        }
        if (at + 2 >= words.size() || words[at + 1] != "=" || words[at + 2] == ";" || words[at + 2] == "=")
            continue;
        if (fresh) {
            finding f;
            f.method = words[at].substr(0, words[at].find('/'));
            f.result = words[at + 2];
            out.push_back(std::move(f));
            fresh = false;
        } else if (!out.empty()) {
            out.back().properties.emplace_back(words[at], words[at + 2]);
        }
        at += 2;
    }
    return out;
}

std::optional<verdict_on_author> by(const finding& f, std::string_view from)
{
    if (f.method == "dmarc") {
        const auto about = f.property("header.from");
        if (!about.empty() && domain_in(about) != from)
            return std::nullopt;
        if (f.result == "pass")
            return verdict_on_author::genuine;
        if (f.result == "fail")
            return verdict_on_author::forged;
    }
    if (f.result != "pass")
        return std::nullopt;
    const bool dkim = f.method == "dkim" && (aligned(domain_in(f.property("header.d")), from) ||
                                             aligned(domain_in(f.property("header.i")), from));
    const bool spf = f.method == "spf" && aligned(domain_in(f.property("smtp.mailfrom")), from);
    if (dkim || spf)
        return verdict_on_author::genuine;
    return std::nullopt;
}

}  // namespace

bool aligned(std::string_view a, std::string_view b)
{
    if (a.size() < b.size())
        std::swap(a, b);
    if (b.find('.') == b.npos || !a.ends_with(b))
        return false;
    return a.size() == b.size() || a[a.size() - b.size() - 1] == '.';
}

verdict_on_author judge_author(
    const std::vector<std::string>& headers, std::string_view trusted, std::string_view from_domain
)
{
    const auto from = small(from_domain);
    const auto ours = small(trusted);
    auto out = verdict_on_author::unknown;
    if (ours.empty() || from.empty())
        return out;
    for (const auto& h : headers) {
        const auto words = tokens_of(h);
        if (words.empty() || words.front() != ours)
            continue;
        for (const auto& f : findings_of(words, 1)) {
            const auto said = by(f, from);
            if (said == verdict_on_author::forged)
                return *said;  // whatever else passed: the domain's owner wants it so
            if (said)
                out = *said;
        }
    }
    return out;
}

}  // namespace rialto::email
