// The coroutine half of commands.hpp: asks the core, answers by a notice.
#include "appservice/commands.hpp"
#include "core/log.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

namespace rialto::matrix {

namespace {

constexpr int most_busy = 16;
constexpr std::size_t most_heard = 512, longest_command = 4'000;

}  // namespace

command_desk::command_desk(
    boost::asio::any_io_executor on, homeserver& near, intake& core, queue_keeper& queue, store& disk,
    const clock& time, std::function<bool(std::string_view)> ours, command_rules rules
)
    : on_{std::move(on)},
      near_{near},
      core_{core},
      queue_{queue},
      disk_{disk},
      time_{time},
      ours_{std::move(ours)},
      rules_{std::move(rules)}
{
}

bool command_desk::heard_before(const std::string& event)
{
    if (std::find(heard_.begin(), heard_.end(), event) != heard_.end())
        return true;
    heard_.push_back(event);
    if (heard_.size() > most_heard)
        heard_.pop_front();
    return false;
}

// Runs it in the background; false: too much is going on.
bool command_desk::begin(std::string room, awaitable<void> task)
{
    if (*busy_ >= most_busy)
        return false;
    ++*busy_;
    boost::asio::co_spawn(
        on_, std::move(task),
        [busy = busy_, room = std::move(room)](std::exception_ptr failed) {
            --*busy;
            if (failed)
                log::error("a command failed", "room", room);
        }
    );
    return true;
}

// Who is alone with the bot, in a room that is joined to nothing, means the bot.
awaitable<void> command_desk::help_alone(std::string room, std::string event)
{
    const auto places = co_await core_.places(room);
    const auto seen = co_await near_.look(room);
    if (!places.empty() || !seen || seen->members.size() > 2)
        co_return;
    const auto told = co_await near_.notice(room, help(), "answer-" + event);
    if (!told)
        log::warn("a call for help was not answered", "room", room, "why", told.error().why);
}

std::string command_desk::help() const
{
    const auto somebody = rules_.networks.empty()
                              ? std::nullopt
                              : core_.ghost_of(rules_.networks.front(), "somebody@server.example");
    return help_text(rules_.networks, somebody.value_or(""));
}

namespace {
std::optional<std::string> words_of(const near_event& e)
{
    const auto* said = std::get_if<message>(&e.what);
    if (said == nullptr || said->how != manner::say || !said->files.empty() || e.encrypted)
        return {};
    return said->body.plain();
}
}  // namespace

std::optional<command> command_desk::understood(std::string_view text) const
{
    if (auto c = read_command(text))
        return c;
    auto c = read_call(text, rules_.calls);
    if (!c || core_.commands_of(c->network).empty())
        return {};
    return c;
}

// What a network is told concerns whoever may use it, rooms are for whoever may bridge.
bool command_desk::permitted(std::string_view who, const command& c) const
{
    return is_permitted(rules_.permitted, who) || (c.is == command::what::network && rules_.may_use(who));
}

bool command_desk::concerns(const near_event& e) const
{
    if (ours_(e.sender))
        return false;
    const auto words = words_of(e);
    const auto c = words ? understood(*words) : std::nullopt;
    return c && permitted(e.sender, *c);
}

bool command_desk::hears(const near_event& e)
{
    if (ours_(e.sender))
        return false;
    const bool may_bridge = is_permitted(rules_.permitted, e.sender);
    if (const auto* m = std::get_if<membership>(&e.what)) {
        const bool invited = m->what == change::invite && m->whom.value == rules_.bot;
        if (may_bridge && invited && *busy_ < most_busy && !heard_before(e.id))
            take(spoken_word{e.room, e.id, e.sender, "", e.direct});
        return false;
    }
    const auto words = words_of(e);
    if (!words)
        return false;
    const auto c = understood(*words);
    if (!c) {
        if (may_bridge && asks_for_help(*words) && !heard_before(e.id))
            (void)begin(e.room, help_alone(e.room, e.id));
        return false;
    }
    if (!permitted(e.sender, *c))
        return false;
    if (heard_before(e.id) || busy(e))
        return true;
    const auto& said = std::get<message>(e.what);
    const auto& about = said.reply_to ? said.reply_to : said.thread;
    take(spoken_word{
        e.room, e.id, e.sender, words->substr(0, longest_command), false, about ? about->id.value : ""
    });
    return true;
}

// False: nobody could be told, and it is worth doing again.
awaitable<bool> command_desk::answer(spoken_word w, command c)
{
    const auto room = w.room;
    // The key comes from the question: pushed twice, it is answered once.
    const auto key = "answer-" + w.event;
    const auto words = co_await act(std::move(w), std::move(c));
    auto told = co_await near_.notice(room, words, key);
    if (!told && told.error().next != verdict::try_later)
        told = co_await core_.tell(room, words, key);  // a chat that the bot is not in
    if (!told)
        log::warn("a command could not be answered", "room", room, "why", told.error().why);
    co_return told || told.error().next != verdict::try_later;
}

awaitable<std::string> command_desk::act(spoken_word w, command c)
{
    auto room = w.room, asker = w.sender;
    switch (c.is) {
        case command::what::network: {
            auto said = co_await tell_network(std::move(w), std::move(c));
            co_return said;
        }
        case command::what::help: co_return help();
        case command::what::wrong: co_return c.problem + " `!rialto help` says what I understand.";
        case command::what::status: {
            const auto places = co_await core_.places(room);
            auto text = status_text(places);
            if (!places.empty())
                text += co_await queue_status(std::move(room));
            co_return text;
        }
        case command::what::queue: {
            auto said = co_await queue(std::move(room), std::move(asker), std::move(c));
            co_return said;
        }
        case command::what::bridge:
        case command::what::unbridge: break;
    }
    const auto seen = co_await near_.look(room);
    if (!seen)
        co_return seen.error().why;
    // Who may end a bridge is who may begin one; that the room became encrypted must not keep it.
    auto as_if = *seen;
    as_if.encrypted = as_if.encrypted && c.is == command::what::bridge;
    if (auto why = objection(as_if, asker); !why.empty())
        co_return why;
    if (c.is == command::what::bridge) {
        auto words = co_await bridge(std::move(room), std::move(asker), std::move(c));
        co_return words;
    }
    auto words = co_await unbridge(std::move(room), std::move(asker), std::move(c));
    co_return words;
}

awaitable<std::string> command_desk::bridge(std::string room, std::string asker, command c)
{
    if (std::find(rules_.networks.begin(), rules_.networks.end(), c.network) == rules_.networks.end())
        co_return "There is no network \"" + c.network.substr(0, 50) + "\" here. " +
            network_list(rules_.networks);
    const auto done = co_await core_.bridge(std::move(room), c.network, c.address, std::move(asker));
    if (!done)
        co_return done.error().why;
    co_return "This room is now joined to " + c.address + " on " + c.network + ".";
}

awaitable<std::string> command_desk::unbridge(std::string room, std::string asker, command c)
{
    std::vector<near_place> ends;
    if (c.network.empty())
        ends = co_await core_.places(room);
    else {
        near_place named;
        named.network = c.network;
        named.far_room = c.address;
        ends.push_back(std::move(named));
    }
    if (ends.empty())
        co_return "This room is not bridged.";
    std::string words;
    for (const auto& p : ends) {
        const auto done = co_await core_.unbridge(room, p.network, p.far_room, "unbridged by " + asker);
        if (!words.empty())
            words += '\n';
        words += done ? "No longer joined to " + p.far_room + " on " + p.network + "." : done.error().why;
    }
    co_return words;
}

}  // namespace rialto::matrix
