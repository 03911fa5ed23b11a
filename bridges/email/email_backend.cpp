#include "bridges/email/email_backend.hpp"

#include "bridges/email/imap_watch.hpp"
#include "bridges/email/listener.hpp"
#include "bridges/email/mail_order.hpp"
#include "bridges/email/way_out.hpp"
#include "core/asio_clock.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

namespace rialto::email {
namespace {

namespace asio = boost::asio;

failure away(std::string why) { return {verdict::try_later, cause::away, std::move(why)}; }

class email_backend final : public backend
{
    host& host_;
    // Sessions hold what they use: they may end later than the backend.
    std::shared_ptr<const email_config> config_;
    std::shared_ptr<asio_clock> time_ = std::make_shared<asio_clock>();
    std::shared_ptr<wires> wires_ = std::make_shared<wires>();
    std::shared_ptr<post_office> office_;
    std::unique_ptr<imap_watch> inbox_, sent_;  // of the mailbox, if there is one
    std::shared_ptr<way_out> out_;
    bool up_ = false;

    void close_all()
    {
        for (auto* one : {inbox_.get(), sent_.get()})
            if (one)
                one->close();
        wires_->close_all();
        out_->close();
    }

    struct running  // ends with run(), also when that is cancelled
    {
        email_backend& of;
        explicit running(email_backend& b) : of{b} {}
        ~running()
        {
            of.up_ = false;
            of.close_all();
        }
        running(const running&) = delete;
        running& operator=(const running&) = delete;
    };

    static awaitable<outcome> for_ever()
    {
        asio::steady_timer never{co_await asio::this_coro::executor, asio::steady_timer::time_point::max()};
        co_await never.async_wait(asio::use_awaitable);
        co_return ok();
    }

    awaitable<outcome> listen(std::function<void()> on_up)
    {
        if (!config_->listens)
            co_return co_await for_ever();
        listener door{office_, wires_, config_};
        co_return co_await door.run(std::move(on_up));
    }

    static awaitable<outcome> watch(imap_watch* folder, std::function<void()> on_up)
    {
        if (!folder)
            co_return co_await for_ever();
        co_return co_await folder->run(std::move(on_up));
    }

    awaitable<outcome> tell_sender(event e, report news)
    {
        auto mail = news.is == fate::failed ? office_->refusal_letter(e, news) : std::nullopt;
        if (!mail)
            co_return ok();
        auto done = co_await out_->submit(std::move(*mail));
        if (!done)
            co_return done.error();
        co_return outcome_of(done->front());
    }

public:
    email_backend(host& h, email_config c)
        : host_{h},
          config_{std::make_shared<const email_config>(std::move(c))},
          office_{std::make_shared<post_office>(h, time_, config_)},
          out_{std::make_shared<way_out>(wires_, config_)}
    {
        if (!config_->mailbox)
            return;
        inbox_ = std::make_unique<imap_watch>(h, office_, time_, config_, false);
        if (!config_->mailbox->sent.empty())
            sent_ = std::make_unique<imap_watch>(h, office_, time_, config_, true);
    }
    ~email_backend() override { close_all(); }

    awaitable<outcome> run(account_id account) override
    {
        const running now{*this};
        auto learned = co_await office_->learn();
        if (!learned)
            co_return learned.error();
        auto left = std::make_shared<int>((config_->listens ? 1 : 0) + (inbox_ ? 1 : 0) + (sent_ ? 1 : 0));
        const std::function<void()> on_up = [this, account, left] {
            if (--*left > 0)
                return;
            up_ = true;
            out_->open();
            host_.link_up(account);
        };
        using namespace boost::asio::experimental::awaitable_operators;
        auto ended = co_await (listen(on_up) || watch(inbox_.get(), on_up) || watch(sent_.get(), on_up));
        co_return std::visit([](outcome& one) { return std::move(one); }, ended);
    }

    awaitable<result<sent>> deliver(event e) override
    {
        if (const auto* news = std::get_if<report>(&e.what)) {
            auto told = co_await tell_sender(e, *news);
            if (!told)
                co_return told.error();
            co_return sent{};
        }
        if (std::holds_alternative<typing>(e.what) || std::holds_alternative<receipt>(e.what))
            co_return sent{};
        if (!up_)
            co_return away("the mail network is not up");
        auto mail = co_await office_->write(std::move(e));
        if (!mail)
            co_return mail.error();
        if (mail->stays)
            co_return sent{};
        imap_copy copy;
        if (mail->of_mailbox && sent_)
            copy = imap_copy{mail->id, mail->mail.mail};
        std::vector<recipient_fate> fates;
        if (!mail->mail.recipients.empty()) {
            auto noted = co_await office_->before_sending(*mail);
            if (!noted)
                co_return noted.error();
            auto done = co_await out_->submit(mail->mail);
            if (!done)
                co_return done.error();
            fates = std::move(*done);
        }
        auto settled = co_await office_->settle(std::move(*mail), std::move(fates));
        if (settled && !copy.bytes.empty())
            sent_->append(std::move(copy));
        co_return settled;
    }

    awaitable<result<opened>> open(wish w) override { co_return office_->begin(w); }

    std::string commands() const override { return mail_help(config_->domain); }

    awaitable<result<answer>> command(request r) override { return office_->command(std::move(r)); }

    awaitable<outcome> close(portal_id portal) override
    {
        office_->forget(portal);
        co_return ok();
    }

    awaitable<result<user_id>> address_of(native who) override { co_return office_->address_of(who); }

    awaitable<result<native>> native_of(std::string text) override
    {
        const auto a = parse_address(text);
        auto who = a ? office_->who().behind(*a) : std::nullopt;
        if (!who)
            co_return failure{verdict::give_up, cause::not_found, text + " is nobody on Matrix"};
        co_return std::move(*who);
    }
};

}  // namespace

std::unique_ptr<backend> make(host& h, const nlohmann::json& config)
{
    return std::make_unique<email_backend>(h, read_email_config(config));
}

}  // namespace rialto::email
