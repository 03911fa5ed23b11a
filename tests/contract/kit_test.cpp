// The kit itself: a backend that breaks one clause, and otherwise is a sound one, must be found out.
#include "core/log.hpp"
#include "tests/contract/clauses.hpp"
#include "tests/contract/peers.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace rialto::contract::kit_test {
namespace {

enum class sin
{
    none,
    sends_twice,
    forgets_again,
    forgets_only,
    calls_it_final,
    goes_on,
    acknowledges_early,
    swallows_refusals,
    reorders
};

class sloppy_host final : public host
{
    host& core_;
    sin sin_;

public:
    sloppy_host(host& core, sin s) : core_{core}, sin_{s} {}
    using host::accept;
    awaitable<outcome> accept(std::vector<event> batch, note cursor) override
    {
        if (sin_ == sin::reorders)
            std::reverse(batch.begin(), batch.end());
        if (sin_ == sin::acknowledges_early) {
            auto ex = co_await boost::asio::this_coro::executor;
            boost::asio::co_spawn(
                ex, core_.accept(std::move(batch), std::move(cursor)), boost::asio::detached
            );
            co_return ok();
        }
        auto taken = co_await core_.accept(std::move(batch), std::move(cursor));
        if (sin_ == sin::swallows_refusals)
            co_return ok();
        co_return taken;
    }
    awaitable<result<message_id>> attempt(event e) override { return core_.attempt(std::move(e)); }
    void hint(event e) override { core_.hint(std::move(e)); }
    awaitable<result<room>> look(portal_id p) override { return core_.look(std::move(p)); }
    awaitable<result<page>> history(portal_id p, extent of) override
    {
        return core_.history(std::move(p), std::move(of));
    }
    awaitable<result<listing>> find(query q) override { return core_.find(std::move(q)); }
    awaitable<result<profile>> describe(user_id who) override { return core_.describe(std::move(who)); }
    awaitable<result<std::string>> command(person asker, std::string line) override
    {
        return core_.command(std::move(asker), std::move(line));
    }
    awaitable<outcome> remember(note n) override { return core_.remember(std::move(n)); }
    awaitable<result<std::string>> recall(std::string key) override { return core_.recall(std::move(key)); }
    void link_up(account_id account) override { core_.link_up(std::move(account)); }
    media_store& media() override { return core_.media(); }
};

class sloppy_backend final : public backend
{
    sloppy_host host_;
    sin sin_;
    std::unique_ptr<backend> sound_;

public:
    sloppy_backend(host& core, sin s, contract_peer& peer) : host_{core, s}, sin_{s}, sound_{peer.make(host_)}
    {
    }

    awaitable<outcome> run(account_id account) override
    {
        if (sin_ == sin::goes_on)
            co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
        co_return co_await sound_->run(std::move(account));
    }
    awaitable<result<sent>> deliver(event e) override
    {
        if (sin_ == sin::forgets_again)
            e.again = false;
        if (sin_ == sin::forgets_only)
            e.only.clear();
        if (sin_ == sin::sends_twice) {
            auto copy = e;
            auto first = co_await sound_->deliver(std::move(copy));
            if (!first)
                co_return first;
        }
        auto done = co_await sound_->deliver(std::move(e));
        if (!done && sin_ == sin::calls_it_final)
            done.error().next = verdict::give_up;
        co_return done;
    }
    awaitable<result<user_id>> address_of(native who) override { return sound_->address_of(std::move(who)); }
    awaitable<result<opened>> open(wish w) override { return sound_->open(std::move(w)); }
};

class sloppy_peer final : public contract_peer
{
    std::unique_ptr<contract_peer> sound_;
    sin sin_;

public:
    sloppy_peer(std::unique_ptr<contract_peer> sound, sin s) : sound_{std::move(sound)}, sin_{s} {}
    habits about() const override { return sound_->about(); }
    std::unique_ptr<backend> make(host& h) override
    {
        return std::make_unique<sloppy_backend>(h, sin_, *sound_);
    }
    wish wanted(person asker) const override { return sound_->wanted(std::move(asker)); }
    std::vector<native> authors() const override { return sound_->authors(); }
    void enter() override { sound_->enter(); }
    void say(std::string text) override { sound_->say(std::move(text)); }
    std::vector<heard> hears() const override { return sound_->hears(); }
    bool acknowledged(std::string_view text) const override { return sound_->acknowledged(text); }
    bool told_to_wait(std::string_view text) const override { return sound_->told_to_wait(text); }
    fakes::tap* wire() override { return sound_->wire(); }
};

peer_type with(sin s, xmpp_place where)
{
    auto sound = xmpp_peers(where, xmpp_server::prosody);
    return {"Sloppy", [s, sound](boost::asio::io_context& io, test::ledger& disk) {
                return std::make_unique<sloppy_peer>(sound(io, disk), s);
            }};
}

class ContractKit : public testing::Test
{
protected:
    static void SetUpTestSuite() { log::start(log::level::error, ""); }
    const xmpp_place room = xmpp_place::room, chat = xmpp_place::chat;
};

TEST_F(ContractKit, LetsTheSoundOnePass)
{
    EXPECT_EQ(delivers_once_though_asked_twice(with(sin::none, room)), "");
    EXPECT_EQ(takes_in_order(with(sin::none, chat)), "");
}
TEST_F(ContractKit, FindsWhoSendsTwice) { EXPECT_NE(delivers_in_order(with(sin::sends_twice, room)), ""); }
TEST_F(ContractKit, FindsWhoDoesNotLookBeforeItSendsAgain)
{
    EXPECT_NE(delivers_once_though_asked_twice(with(sin::forgets_again, room)), "");
}
TEST_F(ContractKit, FindsWhoRepeatsForThoseWhoHaveIt)
{
    EXPECT_NE(honours_only(with(sin::forgets_only, chat)), "");
}
TEST_F(ContractKit, FindsWhoCallsALostLinkFinal)
{
    EXPECT_NE(refuses_without_a_link(with(sin::calls_it_final, chat)), "");
}
TEST_F(ContractKit, FindsWhoGoesOnWhenCancelled)
{
    EXPECT_NE(ends_promptly_when_cancelled(with(sin::goes_on, chat)), "");
}
TEST_F(ContractKit, FindsWhoAcknowledgesTooEarly)
{
    EXPECT_NE(acknowledges_only_what_is_accepted(with(sin::acknowledges_early, chat)), "");
    EXPECT_NE(loses_nothing_it_did_not_acknowledge(with(sin::acknowledges_early, chat)), "");
}
TEST_F(ContractKit, FindsWhoSwallowsARefusal)
{
    EXPECT_NE(says_later_when_the_journal_is_full(with(sin::swallows_refusals, chat)), "");
}
TEST_F(ContractKit, FindsWhoReorders) { EXPECT_NE(takes_in_order(with(sin::reorders, chat)), ""); }

}  // namespace
}  // namespace rialto::contract::kit_test
