// core/relay.hpp, what is owed to the authors of dead letters: one word each, however often we die before it
// was said. A letter is marked as told in a commit after its notice; until then it is told again, under the
// same key. What one author said in a row and what failed for one reason is told once.
#include "core/directory.hpp"
#include "core/journal.hpp"
#include "core/key.hpp"
#include "core/log.hpp"
#include "core/notices.hpp"
#include "core/refs.hpp"
#include "core/relay.hpp"

namespace rialto {

namespace {
constexpr std::size_t letters_at_once = 200;
constexpr std::chrono::milliseconds gather{500};  // what fails together is told together
constexpr std::int64_t pay_again_ms = 30'000, give_up_ms = 3ll * 24 * 60 * 60 * 1000;

bool share_a_fate(const item& a, const item& b)
{
    return a.portal == b.portal && a.bound == b.bound && a.author == b.author && a.why == b.why &&
           a.certain == b.certain;
}

std::string_view kind_of(const happening& what)
{
    if (const auto* m = std::get_if<membership>(&what))
        return m->what == change::ban ? "ban" : m->what == change::invite ? "invitation" : "kick";
    return kind_name(what);
}

bool invites(const happening& what)
{
    const auto* m = std::get_if<membership>(&what);
    return m && m->what == change::invite;
}

bool puts_out(const happening& what)
{
    const auto* m = std::get_if<membership>(&what);
    return m && (m->what == change::kick || m->what == change::ban);
}

// One after the other, unless they go to a far side: its report names a message.
std::vector<std::vector<item>> in_groups(std::vector<item> all)
{
    std::vector<std::vector<item>> out;
    for (auto& it : all) {
        const bool joins = !out.empty() && it.bound == way::to_far && share_a_fate(out.back().front(), it);
        if (!joins)
            out.emplace_back();
        out.back().push_back(std::move(it));
    }
    return out;
}
}  // namespace

void relay::owe()
{
    owes_ = true;
    pay_again_ms_ = core_.now_ms() + pay_again_ms;
    if (!std::exchange(paying_, true))
        spawn(core_, "tell authors", pay_debts());
}

awaitable<void> relay::pay_debts()
{
    bool stuck = false;
    while (std::exchange(owes_, false)) {
        co_await core_.time.sleep(gather);
        for (position after = 0;;) {
            auto page = co_await core_.disk.untold(after, letters_at_once);
            stuck = stuck || !page;
            if (!page || page->empty())
                break;
            after = page->back().seq;
            const auto count = page->size();
            auto told = co_await tell_all(std::move(*page));
            stuck = stuck || told.size() < count;
            if (!told.empty()) {
                auto wrote = co_await core_.disk.commit(std::move(told));
                stuck = stuck || !wrote;
            }
            if (count < letters_at_once)
                break;
        }
    }
    owes_ = owes_ || stuck;
    pay_again_ms_ = core_.now_ms() + pay_again_ms;
    paying_ = false;
}

// The marks of those who were told, or never can be.
awaitable<std::vector<store_change>> relay::tell_all(std::vector<item> some)
{
    std::vector<store_change> told;
    for (auto& group : in_groups(std::move(some))) {
        std::vector<position> numbers;
        for (const auto& it : group)
            numbers.push_back(it.seq);
        const auto since = group.front().taken_ms;
        auto p = core_.rooms.by_key(group.front().portal);
        outcome said = ok();
        if (p)
            said = co_await tell_letters(p, std::move(group));
        const bool again = !said && said.error().next == verdict::try_later;
        if (again && core_.now_ms() - since < give_up_ms)
            continue;
        if (!said)
            log::warn("an author could not be told", "seq", numbers.front(), "error", said.error().why);
        for (const auto seq : numbers)
            told.emplace_back(mark_told{seq});
    }
    co_return told;
}

awaitable<outcome> relay::tell_letters(portal_ptr p, std::vector<item> some)
{
    const auto way_of = some.front().bound;
    auto read = from_payload(some.front().payload);
    if (!read)
        co_return ok();
    const bool moderates = puts_out(read->what);
    if (is_said(read->what) || invites(read->what) || (moderates && way_of == way::to_far)) {
        log::info(
            "dead letter", "portal", p->row.key, "seq", some.front().seq, "count", some.size(), "kind",
            kind_of(read->what), "certain", some.front().certain
        );
        if (way_of == way::to_far)
            co_return co_await tell_near(p, std::move(some), std::move(*read));
        co_return co_await tell_far(p, std::move(some), std::move(*read));
    }
    if (way_of == way::to_far || !moderates)
        co_return ok();  // state: it will be what it is
    auto key = content_key(p->tag, "unkicked", std::to_string(some.front().seq));
    co_return co_await tell_unkicked(p, std::move(*read), std::move(key), some.front().why);
}

awaitable<outcome> relay::tell_near(portal_ptr p, std::vector<item> some, event read)
{
    const auto why = reason_of(some.front());
    // What a network can never carry is said once an hour; what failed is said each time.
    if (why.next == verdict::unsupported && !may_tell_again(p, kind_of(read.what)))
        co_return ok();
    for (const auto& it : some)
        show(p, it.matrix_id, fate::failed, why);
    const auto& first = some.front();
    const auto key = content_key(p->tag, "notice", first.matrix_id, std::to_string(first.tries));
    const bool replays = first.now == stage::dead;
    auto text = undelivered(*p, kind_of(read.what), why, some.size(), replays ? first.seq : 0);
    co_return co_await say(p, std::move(text), key);
}

awaitable<outcome> relay::tell_far(portal_ptr p, std::vector<item> some, event read)
{
    const auto& it = some.front();
    auto* net = core_.network(p->row.network);
    if (!net || it.far_id.empty())
        co_return ok();
    if (!net->up)
        co_return failure{verdict::try_later, cause::away, "the link is down"};
    reference about{message_id{it.far_id}};
    for (const auto& id : it.also)
        about.also.emplace_back(id);
    report news{std::move(about), read.sender.id, fate::failed};
    news.why = reason_of(it);
    event e{p->id(), read.sender, core_.time.now(), message_id{}, std::move(news)};
    auto told = co_await net->far->deliver(std::move(e));
    if (!told)
        co_return told.error();
    co_return ok();
}

// A kick over there that cannot be done here must not pass unseen: the room is told who did what to whom.
awaitable<outcome> relay::tell_unkicked(portal_ptr p, event e, std::string key, std::string why)
{
    const auto* m = std::get_if<membership>(&e.what);
    auto* net = core_.network(p->row.network);
    if (!m || !net || p->row.matrix_room.empty())
        co_return ok();
    auto whom = co_await core_.who.mxid_of(*net, m->whom);
    const auto actor = e.sender.shown_as.empty() ? std::string{"somebody"} : e.sender.shown_as;
    std::string text = why + " - on " + p->row.network + ", " + actor +
                       (m->what == change::ban ? " banned " : " kicked ") + (whom ? *whom : m->whom.value);
    if (!m->reason.empty())
        text += " (" + m->reason + ")";
    text += "; give the bridge's bot the power to do the same here, or do it yourself.";
    co_return co_await core_.matrix.notice(p->row.matrix_room, std::move(text), std::move(key));
}

}  // namespace rialto
