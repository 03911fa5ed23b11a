// appservice/commands.hpp: what people may tell the bot in a room: `!rialto bridge <network> <address>`,
// `unbridge [<network> <address>]`, `status`, `help`; to the bot alone a bare `help` will do. Read only from
// new text of permitted Matrix users, never from ghosts, notices or edits (docs/SECURITY.md, Trust). Reading
// and answering in words is pure; the desk asks the core and answers by a notice. One io_context thread.
#pragma once

#include "core/near.hpp"

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
        wrong,  // not understood: `problem` says why
    };
    what is = what::help;
    std::string network, address, problem;

    command() = default;
    explicit command(what w) : is{w} {}
};

std::optional<command> read_command(std::string_view text);  // nullopt: not a word to the bot

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
    std::vector<std::string> networks;
    std::string bot;

    command_rules() = default;
};

class command_desk
{
    boost::asio::any_io_executor on_;
    homeserver& near_;
    intake& core_;
    std::function<bool(std::string_view)> ours_;
    command_rules rules_;
    std::deque<std::string> heard_;  // the newest event ids
    std::shared_ptr<int> busy_ = std::make_shared<int>(0);

    awaitable<std::string> act(std::string room, std::string asker, command c);
    awaitable<std::string> bridge(std::string room, std::string asker, command c);
    awaitable<std::string> unbridge(std::string room, std::string asker, command c);
    awaitable<void> answer(std::string room, std::string event, std::string asker, command c);
    void take_invitation(const near_event& e);
    awaitable<void> follow(std::string room, std::string event, bool greet);
    awaitable<void> help_alone(std::string room, std::string event);
    std::string help() const;
    bool begin(std::string room, awaitable<void> task);
    bool heard_before(const std::string& event);

public:
    command_desk(
        boost::asio::any_io_executor on, homeserver& near, intake& core,
        std::function<bool(std::string_view)> ours, command_rules rules
    );
    // Does what is asked in the background. true: it was a word to the bot and nothing for the far side. An
    // invitation of the bot by someone permitted is followed, and is no command.
    bool hears(const near_event& e);
    // Is it a command? Without doing what it says.
    bool concerns(const near_event& e) const;
};

}  // namespace rialto::matrix
