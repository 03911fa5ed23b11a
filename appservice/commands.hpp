// appservice/commands.hpp: what people may tell the bot in a room: `!rialto bridge <network> <address>`,
// `unbridge [<network> <address>]`, `status`, `queue [show|retry|drop <number>]`, `help`; to the bot alone a
// bare `help` will do. A network that takes commands is called by its name: `!mail to carol@example.org`.
// Read only from new text of permitted Matrix users, never from ghosts, notices or edits
// (docs/SECURITY.md, Trust). Reading and answering in words is pure; the desk asks the core and answers by a
// notice. One io_context thread.
#pragma once

#include "core/near.hpp"
#include "core/queue.hpp"

#include "core/clock.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <deque>
#include <functional>
#include <memory>

namespace rialto::matrix {

struct command
{
    enum class what
    {
        help,
        status,
        bridge,
        unbridge,
        queue,
        network,  // for the one that is called; `line` is for it
        wrong,    // not understood: `problem` says why
    };
    what is = what::help;
    std::string network, address, problem;
    std::string verb;     // of queue: "", show, retry, drop
    position number = 0;  // of queue; 0: all
    std::string line;     // for a network

    command() = default;
    explicit command(what w) : is{w} {}
};

std::optional<command> read_command(std::string_view text);  // nullopt: not a word to the bot

struct network_call
{
    std::string word, network;  // "!mail" without its mark; the name of the network
    network_call(std::string w, std::string n) : word{std::move(w)}, network{std::move(n)} {}
};
std::optional<command> read_call(std::string_view text, const std::vector<network_call>& calls);

// '*' and '?' as in a shell, over the whole mxid: `*:chat.example.org`. No pattern permits nobody.
bool is_permitted(const std::vector<std::string>& globs, std::string_view mxid);

bool asks_for_help(std::string_view text);  // somebody who does not know the call sign yet

std::string network_list(const std::vector<std::string>& networks);
// `somebody`: the ghost of somebody@server.example on the first network, to show how people are addressed.
std::string help_text(const std::vector<std::string>& networks, std::string_view somebody = {});
std::string status_text(const std::vector<near_place>& places);
// Why this person may not bridge this room; "": they may.
std::string objection(const near_room& room, std::string_view asker);

struct command_rules
{
    std::vector<std::string> permitted;  // globs
    std::vector<std::string> admins;     // globs: they may ask about rooms that they are not in
    std::vector<std::string> networks;
    std::string bot;
    std::vector<network_call> calls;  // names, and types of which there is one network
    std::function<bool(std::string_view mxid)> may_use = [](std::string_view) { return false; };

    command_rules() = default;
};

struct spoken_word  // heard, and not done yet
{
    std::string room, event, sender;
    std::string text;    // "": the bot is invited
    bool greet = false;  // into a chat with it
    std::string about;   // the event that it replies to

    spoken_word() = default;
    spoken_word(std::string r, std::string e, std::string s, std::string t, bool g, std::string a = {})
        : room{std::move(r)},
          event{std::move(e)},
          sender{std::move(s)},
          text{std::move(t)},
          greet{g},
          about{std::move(a)}
    {
    }
    bool operator==(const spoken_word&) const = default;
};
std::string written_word(const spoken_word& w);  // for the disk
std::optional<spoken_word> read_word(std::string_view written);

class command_desk
{
    boost::asio::any_io_executor on_;
    homeserver& near_;
    intake& core_;
    queue_keeper& queue_;
    store& disk_;
    const clock& time_;
    std::function<bool(std::string_view)> ours_;
    command_rules rules_;
    std::deque<std::string> heard_;   // the newest event ids
    std::vector<spoken_word> fresh_;  // not on disk yet
    std::shared_ptr<int> busy_ = std::make_shared<int>(0);
    std::shared_ptr<int> refusing_ = std::make_shared<int>(0);

    awaitable<std::string> act(spoken_word w, command c);
    awaitable<std::string> tell_network(spoken_word w, command c);
    awaitable<std::string> retry_own(std::string room, std::string asker, std::string network);
    awaitable<std::string> bridge(std::string room, std::string asker, command c);
    awaitable<std::string> unbridge(std::string room, std::string asker, command c);
    awaitable<std::string> queue(std::string room, std::string asker, command c);
    awaitable<std::string> queue_change(std::string room, std::string asker, command c);
    awaitable<std::string> queue_retry_all(std::string scope);
    awaitable<std::string> queue_status(std::string room);
    awaitable<std::string> objection_to(std::string room, std::string asker, letter about);
    bool is_admin(std::string_view who) const;
    bool busy(const near_event& e);
    awaitable<void> say_busy(std::string room, std::string event);
    awaitable<bool> answer(spoken_word w, command c);
    std::optional<command> understood(std::string_view text) const;
    bool permitted(std::string_view who, const command& c) const;
    void take(spoken_word w);
    void start(spoken_word w);
    awaitable<void> obey(spoken_word w);
    awaitable<bool> follow(std::string room, std::string event, bool greet);
    awaitable<void> help_alone(std::string room, std::string event);
    std::string help() const;
    bool begin(std::string room, awaitable<void> task);
    bool heard_before(const std::string& event);

public:
    command_desk(
        boost::asio::any_io_executor on, homeserver& near, intake& core, queue_keeper& queue, store& disk,
        const clock& time, std::function<bool(std::string_view)> ours, command_rules rules
    );
    // true: it was a word to the bot and nothing for the far side. An invitation of the bot by someone
    // permitted is followed, and is no command. What was heard is done in the background, once it is on disk:
    // keep() says when it is, and until then it may be refused.
    bool hears(const near_event& e);
    // Is it a command? Without doing what it says.
    bool concerns(const near_event& e) const;
    awaitable<outcome> keep();
    awaitable<void> resume();  // at start: what a former life had heard and not done
};

}  // namespace rialto::matrix
