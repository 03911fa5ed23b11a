#include "tests/crash/families.hpp"

#include <stdexcept>

namespace rialto::crash {

using fakes::fault;

namespace {

// The next answers of the homeserver to us.
void spoil(stage& on, fault::act how, unsigned status, std::uint32_t times, bool after)
{
    fault f{"*", how};
    f.status = status;
    f.times = times;
    f.after = after;
    if (status == 429)
        f.body = R"({"errcode":"M_LIMIT_EXCEEDED","error":"too fast","retry_after_ms":700})";
    on.homeserver().faults().add(f);
}

void push(stage& on, fault::act how) { on.homeserver().service(0).faults.add(fault{"push", how}); }

void refuses(stage& on) { spoil(on, fault::act::status, 500, 3, false); }
void limits(stage& on) { spoil(on, fault::act::status, 429, 2, false); }
void hangs(stage& on) { spoil(on, fault::act::hang, 0, 1, false); }
void hangs_after(stage& on) { spoil(on, fault::act::hang, 0, 1, true); }
void half_answers(stage& on) { spoil(on, fault::act::half, 0, 1, true); }
void loses_answers(stage& on) { spoil(on, fault::act::drop, 0, 2, true); }
void misses_our_answer(stage& on) { push(on, fault::act::status); }
void pushes_half(stage& on) { push(on, fault::act::half); }
void overlooks_one(stage& on) { on.homeserver().service(0).overlook_next(); }
void homeserver_dies(stage& on) { on.homeserver().restart(); }
void forgets_what_it_sent(stage& on)  // dies when the next send has taken effect, before it is answered
{
    fault f{"send", fault::act::restart};
    f.after = true;
    on.homeserver().faults().add(f);
}
// Dies when it has nothing to forget but its transaction ids. It has no /sync for us, which would find again
// what somebody threw away who knows transactions by their ids.
void counts_anew(stage& on)
{
    if (!on.homeserver_idle())
        return;
    on.refuse_sync();
    on.homeserver().restart();
}
void far_dies(stage& on) { on.far().restart(); }
void far_cuts(stage& on) { on.far().cut_components(40); }
void far_cuts_at_once(stage& on) { on.far().cut_components(0); }
void far_errs(stage& on) { on.far().faults().add(fault{"groupchat", fault::act::error}); }

}  // namespace

const std::vector<family>& families()
{
    static const std::vector<family> all{
        {"none", blow::none, nullptr, false, 0, 1, false},
        {"kill", blow::kill},
        {"tear", blow::tear},
        {"power", blow::power},
        {"cut", blow::cut},
        {"bad_sync", blow::bad_sync},
        {"full", blow::full, nullptr, false, 60},
        {"homeserver.500", blow::call, refuses},
        {"homeserver.429", blow::call, limits},
        {"homeserver.hangs", blow::call, hangs, false, 0, 8},
        {"homeserver.hangs_after", blow::call, hangs_after, false, 0, 8},
        {"homeserver.half_answer", blow::call, half_answers},
        {"homeserver.lost_answer", blow::call, loses_answers},
        {"homeserver.lost_ours", blow::call, misses_our_answer},
        {"homeserver.half_push", blow::call, pushes_half},
        {"homeserver.overlooks", blow::call, overlooks_one},
        {"homeserver.forgets_sent", blow::call, forgets_what_it_sent, false, 0, 1, true, true},
        {"homeserver.counts_anew", blow::call, counts_anew, false, 0, 1, true, false, true},
        {"homeserver.killed", blow::call, homeserver_dies},
        {"homeserver.killed_too", blow::call, homeserver_dies, true},
        {"far.killed", blow::call, far_dies},
        {"far.killed_too", blow::call, far_dies, true},
        {"far.cut", blow::call, far_cuts},
        {"far.gone", blow::call, far_cuts_at_once},
        {"far.error", blow::call, far_errs},
    };
    return all;
}

const family& family_named(std::string_view name)
{
    for (const auto& f : families())
        if (f.name == name)
            return f;
    throw std::invalid_argument{"there is no family " + std::string{name}};
}

}  // namespace rialto::crash
