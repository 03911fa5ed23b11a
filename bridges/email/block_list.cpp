#include "bridges/email/block_list.hpp"

#include "core/key.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace rialto::email {

block_list block_list::from_note(std::string_view text)
{
    block_list out;
    for (const auto& line : text::lines(text))
        if (!line.empty() && out.all_.size() < most)
            out.all_.emplace_back(line);
    return out;
}

std::string block_list::key(const address& whose) { return "block/" + digest({whose.text()}); }

std::string block_list::pattern_in(std::string_view word)
{
    if (word.starts_with('<') && word.ends_with('>'))
        word = word.substr(1, word.size() - 2);
    if (word.find('@') == word.npos || word.starts_with('@'))
        return dns_name(word.substr(word.starts_with('@') ? 1 : 0));
    const auto who = parse_address(word);
    return who ? who->text() : std::string{};
}

std::string block_list::note() const
{
    std::string out;
    for (const auto& one : all_)
        out += one + "\n";
    return out;
}

bool block_list::add(std::string pattern)
{
    if (std::ranges::find(all_, pattern) != all_.end())
        return true;
    if (all_.size() >= most)
        return false;
    all_.push_back(std::move(pattern));
    return true;
}

bool block_list::remove(std::string_view pattern)
{
    return std::erase_if(all_, [pattern](const std::string& one) { return one == pattern; }) > 0;
}

bool block_list::blocks(const address& sender) const
{
    const auto whole = sender.text();
    return std::ranges::any_of(all_, [&](const std::string& one) {
        if (one.find('@') != one.npos)
            return one == whole;
        return sender.domain == one || sender.domain.ends_with("." + one);
    });
}

}  // namespace rialto::email
