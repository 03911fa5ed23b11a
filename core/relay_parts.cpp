// core/relay.hpp, messages that are several over there. Each part after the first has a row of its own: under
// the origin's id with "/2", "/3" …, its root the whole. So a reply to any part finds the message, and when
// the message is taken back, or becomes a short one, no part is left standing.
#include "core/degrade.hpp"
#include "core/log.hpp"
#include "core/relay.hpp"

namespace rialto {

namespace {
std::string part_name(const std::string& id, std::size_t number) { return id + "/" + std::to_string(number); }
}  // namespace

// Goes on where it stopped: what is delivered is not sent again because a later part was not.
awaitable<result<std::vector<sent>>> relay::send_parts(portal_ptr p, position seq, std::vector<event> parts)
{
    auto* net = core_.network(p->row.network);
    std::vector<sent> went;
    if (const auto known = half_sent_.find(seq); known != half_sent_.end())
        went = known->second;
    for (std::size_t i = went.size(); i < parts.size(); ++i) {
        auto one = co_await net->far->deliver(std::move(parts[i]));
        if (!one) {
            auto why = one.error();
            if (i > 0 && why.next != verdict::try_later)
                why.why += " (the first " + std::to_string(i) + " of " + std::to_string(parts.size()) +
                           " parts were delivered)";
            co_return why;
        }
        went.push_back(std::move(*one));
        if (i + 1 < parts.size())
            half_sent_[seq] = went;
    }
    half_sent_.erase(seq);
    co_return went;
}

void relay::note_part(settlement& done, const item& whole, std::size_t number, sent part)
{
    item row;
    row.portal = whole.portal;
    row.bound = whole.bound;
    row.now = stage::sent;
    row.author = whole.author;
    row.root = whole.seq;
    row.taken_ms = whole.taken_ms;
    const bool out = whole.bound == way::to_far;
    row.matrix_id = out ? part_name(whole.matrix_id, number) : part.id.value;
    row.far_id = out ? part.id.value : part_name(whole.far_id, number);
    for (auto& other : part.also)
        row.also.push_back(std::move(other.value));
    done.changes.emplace_back(put_item{std::move(row)});
}

awaitable<std::vector<item>> relay::parts_of(portal_ptr p, const happening& what, item whole)
{
    const bool out = whole.bound == way::to_far;
    const auto id = out ? whole.matrix_id : whole.far_id;
    std::vector<item> parts;
    if (!std::holds_alternative<edit>(what) && !std::holds_alternative<retraction>(what))
        co_return parts;
    for (std::size_t number = 2; number <= most_parts && !id.empty(); ++number) {
        auto found =
            co_await core_.disk.find(p->row.key, out ? side::matrix : side::far, part_name(id, number));
        if (!found || !*found || (*found)->root != whole.seq)
            break;
        if ((*found)->now == stage::sent)
            parts.push_back(std::move(**found));
    }
    co_return parts;
}

awaitable<settlement> relay::take_far_parts(portal_ptr p, event e, std::vector<item> parts, settlement done)
{
    auto* net = core_.network(p->row.network);
    reference target = std::holds_alternative<edit>(e.what) ? std::get<edit>(e.what).target
                                                            : std::get<retraction>(e.what).target;
    e.what = retraction{std::move(target)};
    const auto id = e.id.value;
    auto spoken = co_await speak_far(p, std::move(e));
    if (!spoken)
        co_return from(spoken.error());
    std::size_t number = 1;
    for (const auto& part : parts) {
        event one = *spoken;
        one.id = message_id{part_name(id, ++number)};
        auto& about = std::get<retraction>(one.what).target;
        about.id = message_id{part.far_id};
        about.also.clear();
        for (const auto& other : part.also)
            about.also.emplace_back(other);
        auto took = co_await net->far->deliver(std::move(one));
        if (!took && took.error().next == verdict::try_later)
            co_return from(took.error());
        if (!took)
            log::warn("a part could not be taken back", "portal", p->row.key, "seq", part.seq);
        done.changes.emplace_back(mark_stage{part.seq, stage::withdrawn, "taken back"});
    }
    co_return done;
}

awaitable<settlement> relay::take_matrix_parts(
    portal_ptr p, order o, std::vector<item> parts, settlement done
)
{
    std::size_t number = 1;
    for (const auto& part : parts) {
        order one = o;
        one.what = retraction{reference{message_id{part.matrix_id}}};
        one.key = o.key + "-" + std::to_string(++number);
        auto took = co_await core_.matrix.deliver(std::move(one));
        if (!took && took.error().next == verdict::try_later)
            co_return from(took.error());
        if (!took)
            log::warn("a part could not be taken back", "portal", p->row.key, "seq", part.seq);
        done.changes.emplace_back(mark_stage{part.seq, stage::withdrawn, "taken back"});
    }
    co_return done;
}

}  // namespace rialto
