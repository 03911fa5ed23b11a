#include "registrations/check.hpp"

#include <algorithm>
#include <regex>
#include <set>

namespace rialto::registrations {

namespace {
constexpr std::size_t shortest_token = 32;

// As homeservers do it: Synapse binds the start (re.match) and not the end; others search anywhere.
class matcher
{
    std::optional<std::regex> regex_;

public:
    explicit matcher(const std::string& text)
    {
        try {
            regex_.emplace(text, std::regex::ECMAScript);
        } catch (const std::regex_error&) {
        }
    }
    bool understood() const { return regex_.has_value(); }
    bool in_synapse(const std::string& id) const
    {
        return regex_ && std::regex_search(id, *regex_, std::regex_constants::match_continuous);
    }
    bool anywhere(const std::string& id) const { return regex_ && std::regex_search(id, *regex_); }
};

class checker
{
    const registration& found_;
    const setting& want_;
    std::vector<finding> out_;

public:
    checker(const registration& found, const setting& want) : found_{found}, want_{want} {}

    std::vector<finding> all(const std::optional<tokens>& ours)
    {
        names_and_url();
        token("as_token", found_.as_token);
        token("hs_token", found_.hs_token);
        if (!found_.as_token.empty() && found_.as_token == found_.hs_token)
            say("as_token and hs_token are the same: whoever sees one has both",
                "write fresh ones with `rialto registration`");
        if (ours)
            same_tokens(*ours);
        if (found_.rate_limited)
            say("rate_limited is not false: Synapse then holds each bridged person to one message in five "
                "seconds",
                "set `rate_limited: false`");
        if (!found_.receive_ephemeral)
            say("receive_ephemeral is off: typing and read receipts do not reach Rialto",
                "set `receive_ephemeral: true`", 0, false);
        for (const auto& each : want_.protocols)
            if (std::ranges::find(found_.protocols, each) == found_.protocols.end())
                say("protocols lacks '" + each + "': clients do not find its people and rooms", "add it", 0,
                    false);
        spaces("users", '@', found_.users);
        spaces("aliases", '#', found_.aliases);
        if (!found_.rooms.empty())
            say("namespaces.rooms is not empty: Rialto would be sent every event of those rooms",
                "set `rooms: []`", found_.rooms.front().line, false);
        return std::move(out_);
    }

private:
    void say(std::string what, std::string remedy, int line = 0, bool fatal = true)
    {
        out_.emplace_back(fatal, line, std::move(what), std::move(remedy));
    }

    void names_and_url()
    {
        if (found_.id.find('|') != std::string::npos)
            say("id has a '|': Synapse refuses it", "set `id: \"" + want_.id + "\"`");
        else if (!found_.id.empty() && found_.id != want_.id)
            say("id is '" + found_.id + "' and the configuration says '" + want_.id +
                    "': pings would go astray",
                "set `id: \"" + want_.id + "\"`");
        const auto& bot = want_.ours.bot();
        const auto localpart = bot.substr(1, bot.find(':') - 1);
        if (found_.sender_localpart == localpart)
            say("sender_localpart is the bot: the homeserver does not let that one /sync, so that what it "
                "forgets "
                "when it dies is lost",
                "set `sender_localpart: \"" + want_.ours.sender() + "\"`");
        if (!found_.url.empty() && found_.url != want_.url && found_.url != want_.url + "/")
            say("url is " + found_.url + " and the configuration says " + want_.url,
                "set `url: \"" + want_.url + "\"`");
    }

    void token(const char* name, const std::string& value)
    {
        if (value.empty())
            return;  // the reader said so
        const bool few = std::set<char>(value.begin(), value.end()).size() < 10;
        if (value.size() < shortest_token || few)
            say(std::string{name} + " can be guessed: " +
                    (value.size() < shortest_token ? "it is shorter than 32 characters"
                                                   : "it has too few different characters"),
                "write fresh ones with `rialto registration`");
        if (std::ranges::any_of(value, [](char c) { return c <= ' ' || c > '~'; }))
            say(std::string{name} + " has a character that no HTTP header carries",
                "write fresh ones with `rialto registration`");
    }

    void same_tokens(const tokens& ours)
    {
        const char* remedy = "give the homeserver Rialto's own registration file and restart it";
        if (found_.as_token != ours.as_token)
            say("as_token is not the one that Rialto uses: the homeserver will answer M_UNKNOWN_TOKEN",
                remedy);
        if (found_.hs_token != ours.hs_token)
            say("hs_token is not the one that Rialto expects: it will refuse the homeserver with 403",
                remedy);
    }

    // Ids that must be ours, with what is lost when they are not.
    std::vector<std::pair<std::string, std::string>> ids_of_ours(char sigil) const
    {
        std::vector<std::pair<std::string, std::string>> out;
        for (const auto& each : want_.ours.networks()) {
            const auto id = sigil == '@' ? want_.ours.ghost(each.name, "a@b.example")
                                         : want_.ours.alias(each.name, "a@b.example");
            if (id)
                out.emplace_back(*id, "network '" + each.name + "'");
        }
        if (sigil == '@')
            out.emplace_back(want_.ours.bot(), "the bot");
        return out;
    }

    void spaces(const std::string& name, char sigil, const std::vector<claim>& all)
    {
        const auto where = "namespaces." + name;
        for (const auto& [id, whose] : ids_of_ours(sigil))
            if (std::ranges::none_of(all, [&](const claim& c) { return matcher{c.regex}.in_synapse(id); }))
                say(where + " does not cover " + whose + ": nothing matches " + id,
                    "write it anew with `rialto registration`");
        const auto& server = want_.ours.server();
        const auto later = std::string{sigil} + want_.ours.prefix() + "zz_later:" + server;
        if (std::ranges::none_of(all, [&](const claim& c) { return matcher{c.regex}.in_synapse(later); }))
            say(where + " does not cover networks that are added later",
                "write it anew with `rialto registration`", 0, false);
        for (const auto& each : all)
            one(where, sigil, each);
    }

    void one(const std::string& where, char sigil, const claim& it)
    {
        const auto& server = want_.ours.server();
        const matcher match{it.regex};
        const auto shown = where + " '" + it.regex + "'";
        if (!match.understood()) {
            say(shown + " is no regex that every homeserver takes",
                "write it anew with `rialto registration`", it.line);
            return;
        }
        if (!it.exclusive)
            say(shown + " is not exclusive: somebody else could register a bridged person's name",
                "set `exclusive: true`", it.line);
        if (!it.regex.starts_with('^'))
            say(shown + " is not anchored at the start: it can match in the middle of a name",
                "begin it with ^", it.line);
        for (const auto& [id, whose] : ids_of_ours(sigil)) {
            if (match.in_synapse(id) && match.in_synapse(id + ".evil.example")) {
                say(shown + " is not anchored at the end: it matches users of other servers too",
                    "end it with :" + regex_escaped(server) + "$", it.line);
                break;
            }
        }
        dots(shown, sigil, it, match);
        for (const char* person : {"alice", "admin", "x"})
            if (match.anywhere(std::string{sigil} + person + ":" + server)) {
                say(shown + " claims names that are not Rialto's, e.g. " + sigil + person + ":" + server,
                    "let it begin with ^" + std::string{sigil} + want_.ours.prefix(), it.line);
                break;
            }
    }

    void dots(const std::string& shown, char sigil, const claim& it, const matcher& match)
    {
        auto other = want_.ours.server();
        if (other.find('.') == std::string::npos)
            return;
        std::ranges::replace(other, '.', 'x');
        for (const auto& [id, whose] : ids_of_ours(sigil)) {
            const auto twisted = id.substr(0, id.find(':') + 1) + other;
            if (match.in_synapse(id) && match.in_synapse(twisted)) {
                say(shown + " has a dot that stands for any character", "write \\. in the server's name",
                    it.line, false);
                return;
            }
        }
    }
};
}  // namespace

std::vector<finding> check(const registration& found, const setting& want, const std::optional<tokens>& ours)
{
    return checker{found, want}.all(ours);
}

std::string shown(const std::vector<finding>& all, const std::string& file)
{
    std::string out;
    for (const auto& each : all) {
        out += file;
        if (each.line > 0)
            out += ":" + std::to_string(each.line);
        out += each.fatal ? ": error: " : ": warning: ";
        out += each.what + "\n    remedy: " + each.remedy + "\n";
    }
    return out;
}

}  // namespace rialto::registrations
