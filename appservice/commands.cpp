#include "appservice/commands.hpp"

#include <algorithm>

namespace rialto::matrix {

namespace {

constexpr std::string_view blanks = " \t\r\n", call_sign = "!rialto";

std::string_view next_word(std::string_view& rest)
{
    rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
    const auto word = rest.substr(0, rest.find_first_of(blanks));
    rest.remove_prefix(word.size());
    return word;
}

command wrong(std::string problem)
{
    command c{command::what::wrong};
    c.problem = std::move(problem);
    return c;
}

command read_queue(std::string_view rest)
{
    command c{command::what::queue};
    c.verb = next_word(rest);
    if (c.verb.empty() || c.verb == "list") {
        c.verb.clear();
        return c;
    }
    const auto which = next_word(rest);
    if (c.verb != "show" && c.verb != "retry" && c.verb != "drop")
        return wrong("I can show, retry and drop what is in the queue.");
    if (which == "all" && c.verb == "retry")
        return c;
    const bool number =
        !which.empty() && which.size() <= 18 && which.find_first_not_of("0123456789") == which.npos;
    if (!number || which == "0")
        return wrong("Which one? `!rialto queue` lists the numbers.");
    c.number = std::stoll(std::string{which});
    return c;
}

bool matches(std::string_view glob, std::string_view name)
{
    std::size_t g = 0, n = 0, star = std::string_view::npos, from = 0;
    while (n < name.size()) {
        if (g < glob.size() && glob[g] == '*') {
            star = g++;
            from = n;
        } else if (g < glob.size() && (glob[g] == '?' || glob[g] == name[n])) {
            ++g;
            ++n;
        } else if (star != std::string_view::npos) {
            g = star + 1;
            n = ++from;
        } else {
            return false;
        }
    }
    return glob.find_first_not_of('*', g) == std::string_view::npos;
}

}  // namespace

std::optional<command> read_command(std::string_view text)
{
    auto rest = text;
    if (next_word(rest) != call_sign)
        return {};
    const auto verb = next_word(rest);
    command c;
    if (verb.empty() || verb == "help")
        return c;
    if (verb == "status") {
        c.is = command::what::status;
        return c;
    }
    if (verb == "queue")
        return read_queue(rest);
    if (verb != "bridge" && verb != "unbridge")
        return wrong("I do not know the command \"" + std::string{verb.substr(0, 50)} + "\".");
    c.is = verb == "bridge" ? command::what::bridge : command::what::unbridge;
    c.network = next_word(rest);
    c.address = next_word(rest);
    if (!next_word(rest).empty() || c.address.size() > 3'071)
        return wrong("An address is one word, without blanks.");
    const bool names_all = c.is == command::what::unbridge && c.network.empty();
    if (c.address.empty() && !names_all)
        return wrong("Network and address are both needed, as in: !rialto bridge xmpp orchard@muc.example.org"
        );
    return c;
}

std::optional<command> read_call(std::string_view text, const std::vector<network_call>& calls)
{
    auto rest = text;
    const auto word = next_word(rest);
    if (word.size() < 2 || word.front() != '!')
        return {};
    const auto at = std::find_if(calls.begin(), calls.end(), [&](const network_call& c) {
        return c.word == word.substr(1);
    });
    if (at == calls.end())
        return {};
    command c{command::what::network};
    c.network = at->network;
    rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
    c.line = rest.substr(0, rest.find_last_not_of(blanks) + 1);
    return c;
}

bool is_permitted(const std::vector<std::string>& globs, std::string_view mxid)
{
    return std::any_of(globs.begin(), globs.end(), [mxid](const std::string& g) { return matches(g, mxid); });
}

bool asks_for_help(std::string_view text)
{
    const auto word = next_word(text);
    if (!next_word(text).empty())
        return false;
    return word == "help" || word == "Help" || word == "!help" || word == "/help" || word == "?";
}

std::string network_list(const std::vector<std::string>& networks)
{
    std::string text = "Networks here:";
    for (const auto& n : networks)
        text += " " + n;
    return text;
}

std::string help_text(const std::vector<std::string>& networks, std::string_view somebody)
{
    std::string text =
        "!rialto bridge <network> <address> joins this room to a far one\n"
        "!rialto unbridge [<network> <address>] ends that (of all, when none is named)\n"
        "!rialto status says what this room is joined to\n"
        "!rialto queue lists what waits and what was not delivered; queue show|retry|drop <number>\n" +
        network_list(networks);
    if (somebody.starts_with('@')) {
        text += "\nTo talk to somebody@server.example, start a chat with " + std::string{somebody};
        text += "\nTo visit a public room of that address, join #" + std::string{somebody.substr(1)};
    }
    return text;
}

std::string status_text(const std::vector<near_place>& places)
{
    if (places.empty())
        return "This room is not bridged.";
    std::string text;
    for (const auto& p : places) {
        if (!text.empty())
            text += '\n';
        text += p.network + " " + p.far_room + ": " + (p.state.empty() ? "open" : p.state);
        if (p.waiting > 0)
            text += ", " + std::to_string(p.waiting) + " waiting";
        if (!p.last_error.empty())
            text += ", last error: " + p.last_error;
    }
    return text;
}

std::string objection(const near_room& room, std::string_view asker)
{
    if (room.encrypted)
        return "This room is encrypted, and I cannot read it: bridge a room without encryption.";
    const auto who = std::find_if(room.members.begin(), room.members.end(), [asker](const near_member& m) {
        return m.mxid == asker;
    });
    if (who == room.members.end())
        return "You are not in this room.";
    if (who->power < room.state_default)
        return "You need the power to change this room's settings (" + std::to_string(room.state_default) +
               ", you have " + std::to_string(who->power) + ").";
    return {};
}

}  // namespace rialto::matrix
