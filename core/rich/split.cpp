#include "core/rich/split.hpp"

#include "core/rich/layout.hpp"
#include "core/rich/plain.hpp"
#include "core/rich/styling.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace rialto::rich {

namespace {

constexpr std::size_t widest_gap = 2;  // between blocks: an empty line

// The runs from byte `from` up to byte `to` of their common text.
std::vector<run> between(const std::vector<run>& runs, std::size_t from, std::size_t to)
{
    std::vector<run> out;
    std::size_t at = 0;
    for (const auto& r : runs) {
        const auto begin = std::max(from, at), end = std::min(to, at + r.text.size());
        if (begin < end) {
            run piece = r;
            piece.text = r.text.substr(begin - at, end - begin);
            append(out, std::move(piece));
        }
        at += r.text.size();
    }
    return out;
}

class splitter
{
    struct shell  // a container around the current leaf
    {
        const block* of;
        std::uint32_t number;  // of the item, in a numbered list
    };
    std::size_t most_;
    std::vector<document> parts_;
    std::vector<shell> path_;
    std::vector<const block*> last_;  // the containers that the last leaf of the current part stands in
    std::size_t used_ = 0;
    bool fresh_ = true;  // the next leaf begins a part

public:
    explicit splitter(std::size_t most) : most_{most} {}
    std::vector<document> split(const document& d)
    {
        walk(d.blocks);
        return std::move(parts_);
    }

private:
    void walk(const std::vector<block>& blocks)
    {
        std::uint32_t item = 0;
        for (const auto& b : blocks) {
            if (!path_.empty())
                path_.back().number = path_.back().of->level + item++;
            if (!b.runs.empty() || b.kind == block::is::rule) {
                leaf(b);
            } else if (path_.size() < static_cast<std::size_t>(deepest_reading)) {
                path_.push_back({&b, b.level});
                walk(b.inside);
                path_.pop_back();
            }
        }
    }

    block wrapped(block b, std::size_t from) const
    {
        for (auto i = path_.size(); i > from; --i) {
            block around{path_[i - 1].of->kind};
            around.level = around.kind == block::is::numbers ? path_[i - 1].number : path_[i - 1].of->level;
            around.inside.push_back(std::move(b));
            b = std::move(around);
        }
        return b;
    }

    std::size_t size_of(const block& b) const
    {
        return text_size(document{std::vector<block>(1, wrapped(b, 0))});
    }

    void leaf(block b)
    {
        // What is longer than a part by its text alone need not be measured: that would be quadratic.
        for (auto text = text_of(b.runs); text.size() > most_ || size_of(b) > most_;) {
            fresh_ = true;
            const auto end = first_piece(b, text);
            if (end >= text.size())
                break;
            block head = b;
            head.runs = between(b.runs, 0, without_blanks(text, end));
            if (!head.runs.empty())
                put(std::move(head), most_);  // full: the rest begins another
            b.runs = between(b.runs, end, text.size());
            text.erase(0, end);
        }
        const auto size = size_of(b);
        if (used_ + widest_gap + size > most_)
            fresh_ = true;
        used_ += widest_gap + size;
        put(std::move(b), size);
    }

    // Where to cut so that the first piece, in its quotes and lists, fits.
    std::size_t first_piece(const block& b, std::string_view text) const
    {
        for (auto most = most_;; most = most * 3 / 4) {
            const auto end = text::break_before(text, most);
            block piece = b;
            piece.runs = between(b.runs, 0, without_blanks(text, end));
            if (most <= 4 || size_of(piece) <= most_)
                return end;
        }
    }

    // A part does not end with the blank or the line end it was cut at.
    static std::size_t without_blanks(std::string_view text, std::size_t end)
    {
        const auto last = text.substr(0, end).find_last_not_of(" \t\n");
        return last == text.npos ? 0 : last + 1;
    }

    void put(block b, std::size_t size)
    {
        if (fresh_) {
            parts_.emplace_back();
            last_.clear();
            used_ = size;
            fresh_ = false;
        }
        std::size_t common = 0;
        auto* into = &parts_.back().blocks;
        for (; common < path_.size() && common < last_.size() && last_[common] == path_[common].of; ++common)
            into = &into->back().inside;
        into->push_back(wrapped(std::move(b), common));
        last_.clear();
        for (const auto& s : path_)
            last_.push_back(s.of);
    }
};

}  // namespace

std::size_t text_size(const document& d) { return std::max(to_plain(d).size(), to_styling(d).text.size()); }

std::vector<document> split(const document& d, std::size_t most) { return splitter{most}.split(d); }

}  // namespace rialto::rich
