#include "bridges/email/quoting.hpp"

#include "bridges/email/letters.hpp"
#include "core/rich/plain.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace rialto::email {
namespace {

struct line  // of a top-level block
{
    std::size_t block, number;
    std::string text;  // "" for what is no text
    bool quoted, rule;
    bool blank() const { return !quoted && text.find_first_not_of(" \t\xC2\xA0") == text.npos; }
};

std::string words_of(const block& b)
{
    std::string out;
    for (const auto& r : b.runs)
        out += r.text;
    return out;
}

std::vector<line> lines_of(const document& d)
{
    std::vector<line> out;
    for (std::size_t i = 0; i < d.blocks.size(); ++i) {
        const auto& b = d.blocks[i];
        if (b.kind != block::is::paragraph && b.kind != block::is::heading) {
            const bool words = b.kind != block::is::quote && b.kind != block::is::rule;
            out.push_back({i, 0, words ? "x" : "", b.kind == block::is::quote, b.kind == block::is::rule});
            continue;
        }
        const auto words = words_of(b);
        std::size_t number = 0;
        for (auto one : text::lines(words)) {
            if (one.ends_with('\r'))
                one.remove_suffix(1);
            out.push_back({i, number++, std::string{one}, one.starts_with('>'), false});
        }
    }
    return out;
}

using lines = std::span<const line>;

bool is_divider(const line& l)  // ______ or a rule
{
    return l.rule || (l.text.size() >= 5 && l.text.find_first_not_of("_-") == l.text.npos);
}

// "-- " ends what is said; mail programs that lose the blank leave "--", which may also be a dash.
std::size_t signature_in(lines all)
{
    constexpr std::size_t most_lines = 15;
    std::size_t own = 0, first = all.size();
    for (auto i = all.size(); i-- > 0;) {
        if (!all[i].quoted && (all[i].text == "-- " || (all[i].text == "--" && own <= most_lines)))
            first = i;
        own += !all[i].quoted && !all[i].blank() ? 1 : 0;
    }
    return first;
}

template <std::size_t n>
bool begins_with(const line& l, const std::array<std::string_view, n>& labels)
{
    const auto begin = small(l.text.substr(0, 20));
    return std::ranges::any_of(labels, [&](std::string_view one) { return begin.starts_with(one); });
}

// COMPAT: Outlook quotes by the header of the mail that is answered, in its user's language.
bool is_header(lines rest)
{
    static constexpr std::array<std::string_view, 8> from{
        "from:", "von:", "de:", "da:", "van:", "fra:", "od:", "från:"
    };
    static constexpr std::array<std::string_view, 26> others{
        "sent:", "date:",     "to:",      "cc:",      "subject:", "gesendet:", "datum:",
        "an:",   "betreff:",  "envoyé",   "à :",      "à:",       "objet",     "enviado",
        "para:", "asunto:",   "assunto:", "inviato:", "a:",       "oggetto:",  "verzonden",
        "aan:",  "onderwerp", "sendt:",   "til:",     "emne:"
    };
    if (!begins_with(rest.front(), from))
        return false;
    std::size_t found = 0, seen = 0;
    for (const auto& l : rest.subspan(1)) {
        if (l.blank())
            continue;
        found += begins_with(l, others) ? 1 : 0;
        if (++seen == 4)
            break;
    }
    return found >= 2;
}

bool is_original_message(const line& l)  // -----Original Message-----, in whatever language
{
    return l.text.size() > 10 && l.text.size() < 80 && l.text.starts_with("-----") &&
           l.text.find_first_not_of('-') != l.text.npos &&
           (l.text.ends_with("-----") || l.text.ends_with("----- "));
}

std::size_t old_mail_in(lines all)
{
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].quoted || (!is_original_message(all[i]) && !is_header(all.subspan(i))))
            continue;
        while (i > 0 && (all[i - 1].blank() || is_divider(all[i - 1])))
            --i;
        return i;
    }
    return all.size();
}

// "On Monday Carol wrote:" above a quote, on one line or two.
std::size_t attribution_above(lines all, std::size_t quote)
{
    auto at = quote;
    while (at > 0 && all[at - 1].blank())
        --at;
    if (at == 0)
        return quote;
    auto words = all[at - 1].text;
    while (words.ends_with(' '))
        words.pop_back();
    if (all[at - 1].quoted || words.size() > 200 || !words.ends_with(':'))
        return quote;
    const auto has_digit = [](std::string_view s) { return s.find_first_of("0123456789") != s.npos; };
    const bool goes_on = at > 1 && !all[at - 2].blank() && !all[at - 2].quoted && !has_digit(words) &&
                         has_digit(all[at - 2].text) && all[at - 2].text.size() <= 200;
    return at - (goes_on ? 2 : 1);
}

// Quotes that nothing follows: who answers below or between them wants them seen.
std::size_t last_quote_in(lines all)
{
    auto at = all.size();
    while (at > 0 && (all[at - 1].blank() || all[at - 1].quoted))
        --at;
    while (at < all.size() && !all[at].quoted)
        ++at;
    return at == all.size() ? at : attribution_above(all, at);
}

// What stands before the n-th line of a paragraph, and the rest of it.
std::pair<block, block> cut(const block& b, std::size_t number)
{
    block before{b.kind}, after{b.kind};
    before.level = after.level = b.level;
    for (const auto& r : b.runs) {
        std::size_t at = 0;
        while (number > 0 && at < r.text.size())
            if (r.text[at++] == '\n')
                --number;
        auto left = r, right = r;
        left.text.resize(number == 0 && at > 0 && left.text[at - 1] == '\n' ? at - 1 : at);
        right.text.erase(0, at);
        if (!left.text.empty())
            before.runs.push_back(std::move(left));
        if (!right.text.empty())
            after.runs.push_back(std::move(right));
    }
    return {std::move(before), std::move(after)};
}

void trim(block& b)  // blank lines at the end
{
    while (!b.runs.empty()) {
        auto& words = b.runs.back().text;
        words.erase(words.find_last_not_of(" \n\r") + 1);
        if (!words.empty())
            return;
        b.runs.pop_back();
    }
}

}  // namespace

folded fold(document d, bool answers)
{
    const auto all = lines_of(d);
    const lines seen{all};
    auto end = signature_in(seen);
    if (answers)
        end = std::min(end, old_mail_in(seen));
    if (answers)
        end = std::min(end, last_quote_in(seen.first(end)));
    const bool says =
        std::ranges::any_of(seen.first(end), [](const line& l) { return !l.quoted && !l.blank(); });
    folded out;
    if (end == all.size() || !says) {
        out.said = std::move(d);
        return out;
    }
    document rest;
    const auto at = all[end].block;
    for (std::size_t i = 0; i < d.blocks.size(); ++i) {
        if (i != at || all[end].number == 0) {
            (i < at ? out.said : rest).blocks.push_back(std::move(d.blocks[i]));
            continue;
        }
        auto [before, after] = cut(d.blocks[i], all[end].number);
        trim(before);
        if (!before.runs.empty())
            out.said.blocks.push_back(std::move(before));
        rest.blocks.push_back(std::move(after));
    }
    if (!out.said.blocks.empty())
        trim(out.said.blocks.back());
    out.rest = rich::to_plain(rest);
    return out;
}

}  // namespace rialto::email
