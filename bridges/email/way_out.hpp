// bridges/email/way_out.hpp: hands mails to the smart host. A connection is opened when a mail needs one,
// kept for a moment, and used again: finding the server, TLS and the login cost more than a mail. One that
// ended meanwhile is noticed before the mail's text is sent, and a new one is opened. One io_context thread;
// each wait has a deadline.
#pragma once

#include "bridges/email/email_config.hpp"
#include "bridges/email/smtp_client.hpp"
#include "bridges/email/wires.hpp"
#include "core/net/line_channel.hpp"

namespace rialto::email {

class way_out : public std::enable_shared_from_this<way_out>
{
public:
    static constexpr std::size_t most_kept = 4;
    static constexpr std::chrono::seconds kept_for{10};

    way_out(std::shared_ptr<wires> all, std::shared_ptr<const email_config> config)
        : wires_{std::move(all)}, config_{std::move(config)}
    {
    }

    // One fate a recipient. The failure: no connection could be had, and nothing was sent.
    awaitable<result<std::vector<recipient_fate>>> submit(submission mail);
    void open() noexcept { open_ = true; }
    void close();  // not a byte leaves any more; what is under way ends

private:
    struct line;
    using line_ptr = std::shared_ptr<line>;
    awaitable<result<line_ptr>> dial();
    awaitable<result<line_ptr>> dial_safely();
    static awaitable<void> converse(line_ptr on);
    void keep(line_ptr one, boost::asio::any_io_executor on);
    line_ptr kept();

    std::shared_ptr<wires> wires_;
    std::shared_ptr<const email_config> config_;
    std::vector<line_ptr> kept_;
    std::vector<std::weak_ptr<net::line_channel>> channels_;
    bool open_ = false;
};

}  // namespace rialto::email
