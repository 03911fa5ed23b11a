// bridges/email/imap_watch.hpp: follows one folder of the mailbox over a connection of its own: obeys
// imap_session, hands its mails to the post office. What was read is written down in the commit that takes
// over the mail, so that none is lost or comes twice, whenever we die. One io_context thread.
#pragma once

#include "bridges/email/imap_session.hpp"
#include "bridges/email/post_office.hpp"

#include <functional>

namespace rialto::net {
class line_channel;
}

namespace rialto::email {

class imap_watch
{
public:
    static constexpr std::size_t most_copies = 100;
    static constexpr std::uint64_t most_copied = 100 * 1024 * 1024;  // bytes of copies that wait

    // REQUIRES: the configuration has a mailbox. `sent`: the folder of sent mails, else that of new ones.
    imap_watch(
        host& h, std::shared_ptr<post_office> office, std::shared_ptr<clock> time,
        std::shared_ptr<const email_config> config, bool sent
    );

    // Until the link ends or it is cancelled; on_up when it is read from.
    awaitable<outcome> run(std::function<void()> on_up);
    void close();
    // Of a mail that was sent. In memory only: what waits when we die is not put there.
    void append(imap_copy mail);

private:
    struct attached;
    awaitable<result<std::shared_ptr<net::line_channel>>> connect();
    awaitable<outcome> talk(imap_session& session, std::function<void()> on_up);
    awaitable<outcome> take(const imap_mail& m);
    void tell(imap_session& session) const;

    host& host_;
    std::shared_ptr<post_office> office_;
    std::shared_ptr<clock> time_;
    std::shared_ptr<const email_config> config_;
    bool sent_;
    std::string folder_;
    bool finds_;
    std::string key_;
    std::shared_ptr<net::line_channel> link_;  // while run() has one
    imap_session* session_ = nullptr;
    std::deque<imap_copy> copies_;  // that no session has
    std::uint64_t copied_ = 0;
};

}  // namespace rialto::email
