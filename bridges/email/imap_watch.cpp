#include "bridges/email/imap_watch.hpp"

#include "core/key.hpp"
#include "core/log.hpp"
#include "core/net/line_channel.hpp"
#include "core/secrets.hpp"

namespace rialto::email {
namespace {

constexpr std::chrono::seconds patience{120};

}  // namespace

struct imap_watch::attached  // while it lasts; what the session did not put into the folder is kept
{
    imap_watch& of;
    std::shared_ptr<imap_session> session;
    attached(imap_watch& w, std::shared_ptr<imap_session> s) : of{w}, session{std::move(s)}
    {
        of.session_ = session.get();
        while (!of.copies_.empty()) {
            session->append(std::move(of.copies_.front()));
            of.copies_.pop_front();
        }
    }
    ~attached()
    {
        of.session_ = nullptr;
        of.close();
        of.link_.reset();
        while (session->copies() > 0)
            of.copies_.push_back(session->take_copy());
    }
    attached(const attached&) = delete;
    attached& operator=(const attached&) = delete;
};

imap_watch::imap_watch(
    host& h, std::shared_ptr<post_office> office, std::shared_ptr<clock> time,
    std::shared_ptr<const email_config> config, bool sent
)
    : host_{h},
      office_{std::move(office)},
      time_{std::move(time)},
      config_{std::move(config)},
      sent_{sent},
      folder_{sent ? config_->mailbox->sent : config_->mailbox->folder},
      finds_{sent && folder_ == "auto"},
      key_{"imap/" + digest({config_->mailbox->host, config_->mailbox->user, folder_})}
{
}

void imap_watch::close()
{
    if (link_)
        link_->close();
}

void imap_watch::append(imap_copy mail)
{
    const auto waiting = copies_.size() + (session_ ? session_->copies() : 0);
    copied_ = waiting == 0 ? mail.bytes.size() : copied_ + mail.bytes.size();
    if (waiting >= most_copies || copied_ > most_copied) {
        log::warn("a sent mail is not put into the mailbox: too many wait", "mail", mail.message_id);
        copied_ -= mail.bytes.size();
        return;
    }
    if (!session_) {
        copies_.push_back(std::move(mail));
        return;
    }
    session_->append(std::move(mail));
    if (link_)
        link_->nudge();
}

awaitable<result<std::shared_ptr<net::line_channel>>> imap_watch::connect()
{
    const auto& box = *config_->mailbox;
    net::channel_place place;
    place.url = box.url();
    place.clear = box.tls == smart_tls::none;
    place.user = box.user;
    place.password = box.password;
    place.ca_file = config_->ca_file;
    if (!box.token_file.empty()) {
        try {  // another program keeps it fresh
            place.bearer = secret_from_file(box.token_file);
        } catch (const config_error& e) {
            co_return failure{verdict::try_later, cause::forbidden, e.what()};
        }
    }
    auto open = co_await net::open_channel(std::move(place));
    if (!open)
        open.error().why += " (" + box.host + ", for the mailbox)";
    co_return open;
}

awaitable<outcome> imap_watch::run(std::function<void()> on_up)
{
    auto noted = co_await host_.recall(key_);
    if (!noted)
        co_return noted.error();
    auto open = co_await connect();
    if (!open)
        co_return open.error();
    link_ = std::move(*open);
    imap_plan plan;
    plan.folder = finds_ ? "Sent" : folder_;
    plan.is_sent = finds_;
    plan.make = sent_;
    plan.most = config_->max_mb * 1024 * 1024;
    plan.own_ids = "@" + config_->domain + ">";
    plan.now = to_ms(time_->now()) / 1000;
    const attached now{
        *this, std::make_shared<imap_session>(std::move(plan), imap_cursor::from_note(*noted))
    };
    auto ended = co_await talk(*now.session, std::move(on_up));
    co_return ended;
}

void imap_watch::tell(imap_session& session) const
{
    if (const auto news = session.news(); !news.empty())
        log::warn("mailbox", "folder", folder_, "news", news);
}

awaitable<outcome> imap_watch::talk(imap_session& session, std::function<void()> on_up)
{
    const auto link = link_;
    for (;;) {
        const auto wanted = session.next();
        tell(session);
        if (on_up && wanted != imap_session::wish::read && wanted != imap_session::wish::over)
            std::exchange(on_up, nullptr)();
        auto out = session.output();
        if (!out.empty()) {
            const bool sent = co_await link->send(std::move(out), patience);
            if (!sent)
                session.lost("the connection to the mailbox broke");
        }
        switch (wanted) {
            case imap_session::wish::over: co_return failure{verdict::try_later, cause::away, session.why()};
            case imap_session::wish::note: {
                auto noted = co_await host_.remember(note{key_, session.cursor().note()});
                if (!noted)
                    co_return noted.error();
                session.noted();
                continue;
            }
            case imap_session::wish::mail: {
                auto taken = co_await take(session.mail());
                if (!taken)
                    co_return taken.error();
                session.took();
                continue;
            }
            case imap_session::wish::rest: {
                const bool came = co_await link->readable(session.pause());
                if (!came) {
                    session.tired();
                    continue;
                }
                break;
            }
            case imap_session::wish::read: break;
        }
        const auto bytes = co_await link->read(patience);
        if (bytes.empty())
            session.lost("the connection to the mailbox broke");
        else
            session.feed(bytes);
    }
}

// Nobody but us can keep what cannot be taken now: it is tried again and again, and what is behind it waits.
awaitable<outcome> imap_watch::take(const imap_mail& m)
{
    const auto uid = std::to_string(m.uid);
    if (m.what == imap_mail::is::unreadable) {
        log::warn("the mail server does not give a mail of the mailbox", "folder", folder_, "uid", uid);
        co_return co_await host_.remember(note{key_, m.after.note()});
    }
    for (std::chrono::seconds pause{2};; pause = std::min(pause * 2, std::chrono::seconds{60})) {
        post_office::found mail;
        mail.raw = m.bytes;
        mail.sent = sent_;
        mail.read = note{key_, m.after.note()};
        if (m.what == imap_mail::is::header)
            mail.remark = "The mail is too large for the bridge (" + std::to_string(m.size / 1'000'000) +
                          " MB): read it in the mailbox.";
        const auto said = co_await office_->take_found(std::move(mail));
        if (said.good())
            co_return ok();
        if (said.code / 100 != 4) {
            log::info("a mail of the mailbox is not shown", "folder", folder_, "uid", uid, "why", said.text);
            co_return ok();
        }
        log::warn("a mail of the mailbox waits", "folder", folder_, "uid", uid, "why", said.text);
        co_await time_->sleep(pause);
    }
}

}  // namespace rialto::email
