#include "appservice/push_lines.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace rialto::matrix {

std::uint64_t push_lines::opened(std::uint64_t connection)
{
    doubt_ = true;
    last_.reset();  // a homeserver that was started anew may count from 1
    return lines_[connection] = ++newest_;
}

std::uint64_t push_lines::closed(std::uint64_t connection)
{
    const auto at = lines_.find(connection);
    if (at == lines_.end())
        return 0;
    const auto line = at->second;
    lines_.erase(at);
    return line;
}

push_lines::place push_lines::on(std::uint64_t connection, std::string_view transaction, timestamp now)
{
    place out;
    const auto at = lines_.find(connection);
    if (at == lines_.end())
        return out;
    if (const auto number = text::read_number(transaction)) {
        out.missing = last_ && *number > *last_ + 1 && (doubt_ || now < until_);
        out.begins = out.missing || !last_;
        last_ = std::max(last_.value_or(0), *number);
    }
    if (out.begins)
        at->second = ++newest_;
    out.line = at->second;
    return out;
}

void push_lines::answered(bool taken, timestamp now)
{
    if (taken && doubt_)
        until_ = now + doubtful;
    doubt_ = !taken;
}

}  // namespace rialto::matrix
