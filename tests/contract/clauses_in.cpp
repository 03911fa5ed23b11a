// What a backend owes on the way from the far side.
#include "tests/contract/clauses.hpp"
#include "tests/contract/stage.hpp"

#include <algorithm>

namespace rialto::contract {

namespace {
const texts far_lines{"r1", "r2", "r3", "r4", "r5"};

bool contains(const texts& all, const std::string& one)
{
    return std::find(all.begin(), all.end(), one) != all.end();
}

texts those_of(const texts& all, const texts& some)  // in the order of `all`
{
    texts out;
    std::copy_if(all.begin(), all.end(), std::back_inserter(out), [&](const auto& t) {
        return contains(some, t);
    });
    return out;
}
}  // namespace

std::string acknowledges_only_what_is_accepted(const peer_type& type)
{
    stage s{type};
    if (!s.broken.empty())
        return s.broken;
    life now{s.io, *s.peer, s.disk};
    if (!now.start())
        return "the link does not come up";
    s.settle();
    now.core().hold(true);
    const auto notes = s.disk.notes;
    s.peer->say("r1");
    if (!s.until([&] { return now.core().waiting() > 0; }))
        return "what a far person says is not offered to the core";
    s.settle();
    if (s.peer->acknowledged("r1"))
        return "acknowledged before it was accepted";
    if (s.disk.notes != notes)
        return "a cursor was moved before what it covers was accepted";
    now.core().hold(false);
    if (!s.until([&] { return contains(s.took(), "r1"); }))
        return "it was not accepted after all";
    if (s.peer->about().acknowledges && !s.until([&] { return s.peer->acknowledged("r1"); }))
        return "accepted, but never acknowledged";
    return "";
}

std::string loses_nothing_it_did_not_acknowledge(const peer_type& type)
{
    stage s{type};
    if (!s.broken.empty())
        return s.broken;
    {
        life first{s.io, *s.peer, s.disk};
        if (!first.start())
            return "the link does not come up";
        s.settle();
        s.peer->say("r1");
        if (!s.until([&] { return contains(s.took(), "r1"); }))
            return "what a far person says is not accepted";
        first.core().hold(true);
        s.peer->say("r2");
        s.peer->say("r3");
        if (!s.until([&] { return first.core().waiting() > 0; }))
            return "what a far person says is not offered to the core";
        s.settle();
        first.kill();
        s.settle();
    }
    if (s.peer->acknowledged("r2") || s.peer->acknowledged("r3"))
        return "acknowledged and then lost";
    life second{s.io, *s.peer, s.disk};
    if (!second.start())
        return "the link does not come up again";
    texts wanted{"r1"};
    if (s.peer->about().keeps) {
        wanted = {"r1", "r2", "r3"};
        s.until([&] { return s.took().size() >= 3; });
    }
    s.settle();
    s.peer->say("r4");
    wanted.push_back("r4");
    s.until([&] { return contains(s.took(), "r4"); });
    s.settle();
    return differ("the core took", wanted, s.took());
}

std::string takes_in_order(const peer_type& type)
{
    stage s{type};
    if (!s.broken.empty())
        return s.broken;
    life now{s.io, *s.peer, s.disk};
    if (!now.start())
        return "the link does not come up";
    s.settle();
    now.core().hold(true);
    for (const auto& text : far_lines)
        s.peer->say(text);
    if (!s.until([&] { return now.core().waiting() > 0; }))
        return "what a far person says is not offered to the core";
    s.settle();
    now.core().hold(false);
    s.until([&] { return s.took().size() >= far_lines.size(); });
    s.settle();
    return differ("the core took", far_lines, s.took());
}

std::string says_later_when_the_journal_is_full(const peer_type& type)
{
    stage s{type};
    if (!s.broken.empty())
        return s.broken;
    life now{s.io, *s.peer, s.disk};
    if (!now.start())
        return "the link does not come up";
    s.settle();
    now.core().hold(true);
    now.core().refuse.assign(
        s.peer->about().keeps ? 1 : 2,
        failure{verdict::try_later, cause::full, "the bridge's journal is full"}
    );
    for (const auto& text : far_lines)
        s.peer->say(text);
    if (!s.until([&] { return now.core().waiting() > 0; }))
        return "what a far person says is not offered to the core";
    s.settle();
    now.core().hold(false);
    const auto known = [&](const std::string& text) {
        return contains(s.took(), text) || (!s.peer->about().keeps && s.peer->told_to_wait(text));
    };
    s.until([&] { return std::all_of(far_lines.begin(), far_lines.end(), known); });
    s.settle();
    for (const auto& text : far_lines) {
        if (!known(text))
            return text + " was neither taken nor refused";
        if (s.peer->acknowledged(text) && !contains(s.took(), text))
            return text + " was acknowledged and is lost";
        if (s.peer->told_to_wait(text) && contains(s.took(), text))
            return text + " was refused and taken";
    }
    const auto took = s.took();
    return differ("the core took", those_of(far_lines, took), took);
}

}  // namespace rialto::contract
