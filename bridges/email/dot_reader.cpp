#include "bridges/email/dot_reader.hpp"

namespace rialto::email {

void dot_reader::feed(std::string_view& in, std::string& out)
{
    while (!in.empty() && at_ != at::end) {
        if (at_ == at::text) {  // most of a mail
            const auto cr = in.find('\r');
            out += in.substr(0, cr);
            in.remove_prefix(cr == in.npos ? in.size() : cr + 1);
            at_ = cr == in.npos ? at::text : at::cr;
            continue;
        }
        const char c = in.front();
        switch (at_) {
            case at::cr:  // a '\r' is owed
                if (c == '\n') {
                    out += "\r\n";
                    at_ = at::line;
                    break;
                }
                out += '\r';
                at_ = at::text;
                continue;  // the same byte again
            case at::line:
                at_ = c == '.' ? at::dot : at::text;
                if (at_ == at::text)
                    continue;
                break;
            case at::dot:  // a '.' that is not the mail's
                at_ = c == '\r' ? at::dot_cr : at::text;
                if (at_ == at::text)
                    continue;
                break;
            case at::dot_cr:
                if (c == '\n') {
                    at_ = at::end;
                    break;
                }
                out += '\r';
                at_ = at::text;
                continue;
            case at::text:
            case at::end: break;
        }
        in.remove_prefix(1);
    }
}

}  // namespace rialto::email
