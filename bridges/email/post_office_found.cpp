// bridges/email/post_office.hpp, what lies in the mailbox.
#include "bridges/email/post_office.hpp"

#include "core/log.hpp"

namespace rialto::email {
namespace {

constexpr std::size_t most_peers = 20;

}  // namespace

// Who chose to bridge a mailbox has a spam filter in front of it, and more correspondents.
bool post_office::may_open(const address& puppet, const arrival& in)
{
    auto& limit = in.read.key.empty() ? openings_ : openings_by_mailbox_;
    return limit.allow(puppet.text(), time_->now());
}

awaitable<reply> post_office::take_found(found mail)
{
    const auto& to = config_->mailbox->to;
    auto in = std::shared_ptr<arrival>{};
    reply said{554, "5.6.0", "it is no mail"};
    if (auto read = judge(mail.raw, std::nullopt); read) {
        in = read->in;
        auto ours = returned_in(in->mail, mail.raw, config_->domain);
        in->read = mail.read;
        if (!mail.remark.empty())
            in->left_out.push_back(mail.remark);
        if (const auto refused = refusal_of(in->mail, config_->domain))
            said = *refused;
        else if (mail.sent)
            said = co_await take_sent(in);
        else if (!ours.empty())
            said = co_await take_back(std::move(ours), in);
        else {
            if (!read->why.empty())
                in->mail.files.assign(1, std::move(read->original));
            said = co_await take_one(to, in, std::move(read->why));
        }
    }
    const bool written = in && in->read.key.empty();
    if (said.code / 100 == 4 || written)
        co_return said;
    auto noted = co_await host_.remember(std::move(mail.read));
    if (!noted)
        co_return reply{451, "4.3.0", noted.error().why};
    co_return said;
}

// One event for each of its recipients; the cursor goes with the last.
awaitable<reply> post_office::take_sent(std::shared_ptr<arrival> in)
{
    const auto& box = *config_->mailbox;
    if (in->mail.from.size() != 1 || in->mail.from.front().who != box.own)
        co_return reply{550, "5.7.1", "it is not from this mailbox"};
    auto peers = recipients_of(in->mail, box.own, people_);
    if (peers.empty() || peers.size() > most_peers)
        co_return reply{550, "5.5.3", "it is to nobody, or to too many people, to be shown in chats"};
    auto brought = co_await bring_files(in);
    if (!brought)
        co_return reply{451, "4.3.0", brought.error().why};
    const auto read = in->read;
    reply said{550, "5.7.1", "too many new people were written to"};
    for (const auto& peer : peers) {
        const talk_name who{box.to, peer.who};
        const auto portal = who.portal();
        const auto key = talk_state::key(portal);
        auto before = co_await host_.recall(key);
        if (!before)
            co_return reply{451, "4.3.0", before.error().why};
        auto state = talk_state::from_note(*before);
        const bool opens = !known_.contains(portal.room.value);
        in->read = read;
        if (opens && !may_open(box.to, *in))
            continue;
        auto batch = sent_elsewhere(*in, peer, box.to, state, opens, time_->now(), most());
        state.went_on(in->mail.message_id, in->mail.subject);
        if (&peer != &peers.back())
            in->read = note{};
        said = co_await accept(std::move(batch), note{key, state.note()}, in);
        if (!said.good()) {
            in->read = read;
            co_return said;
        }
        known_.insert(portal.room.value);
    }
    co_return said;
}

}  // namespace rialto::email
