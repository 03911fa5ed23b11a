#include "tests/bench/far.hpp"

namespace rialto::bench {

void stanza_cutter::feed(
    std::string_view bytes, const std::function<void(std::string_view)>& opened,
    const std::function<void(std::string_view)>& each
)
{
    buffer_.append(bytes);
    for (;;) {
        const auto from = buffer_.find('<', at_);
        const auto to = from == buffer_.npos ? from : buffer_.find('>', from);
        if (to == buffer_.npos)
            break;
        at_ = to + 1;
        const auto tag = std::string_view{buffer_}.substr(from, to + 1 - from);
        if (tag[1] == '?')
            continue;
        if (tag.starts_with("<stream:stream")) {
            opened(tag);
            begin_ = at_;
            continue;
        }
        if (depth_ == 0)
            begin_ = from;
        const bool empty = tag[tag.size() - 2] == '/';
        depth_ += tag[1] == '/' ? -1 : empty ? 0 : 1;
        if (depth_ < 0)
            depth_ = 0;  // </stream:stream>
        else if (depth_ == 0)
            each(std::string_view{buffer_}.substr(begin_, at_ - begin_));
    }
    const auto done = depth_ == 0 ? at_ : begin_;
    buffer_.erase(0, done);
    at_ -= done;
    begin_ -= std::min(begin_, done);
}

std::string_view attribute_of(std::string_view stanza, std::string_view name)
{
    const auto tag = stanza.substr(0, stanza.find('>'));
    for (auto at = tag.find(name); at != tag.npos; at = tag.find(name, at + 1)) {
        const auto after = at + name.size();
        if (at == 0 || tag[at - 1] != ' ' || after + 1 >= tag.size() || tag[after] != '=')
            continue;
        const auto value = tag.substr(after + 2);
        return value.substr(0, value.find(tag[after + 1]));
    }
    return {};
}

std::string_view body_of(std::string_view stanza)
{
    constexpr std::string_view open = "<body>";
    const auto at = stanza.find(open);
    if (at == stanza.npos)
        return {};
    const auto text = stanza.substr(at + open.size());
    return text.substr(0, text.find('<'));
}

}  // namespace rialto::bench
