#include "registrations/check.hpp"

#include "core/yaml.hpp"

#include <algorithm>
#include <array>

namespace rialto::registrations {

namespace {
using yaml::node;
constexpr const char* write_anew = "write it anew with `rialto registration`";

class reader
{
    const node& root_;
    reading out_;

public:
    explicit reader(const node& root) : root_{root} {}

    reading all()
    {
        if (root_.is != node::shape::map) {
            complain(0, "this is no registration: it has no keys", write_anew);
            return std::move(out_);
        }
        auto& it = out_.it;
        it.id = word("id");
        url();
        it.as_token = word("as_token");
        it.hs_token = word("hs_token");
        it.sender_localpart = word("sender_localpart");
        rate();
        ephemeral();
        namespaces();
        protocols();
        strangers();
        return std::move(out_);
    }

private:
    void complain(int line, std::string what, std::string remedy, bool fatal = true)
    {
        out_.findings.emplace_back(fatal, line, std::move(what), std::move(remedy));
    }

    std::string word(const char* key)
    {
        const auto* found = root_.find(key);
        if (found && found->is == node::shape::scalar && !found->scalar.empty())
            return found->scalar;
        complain(found ? found->line : 0, std::string{key} + " is missing or not a text", write_anew);
        return {};
    }

    void url()
    {
        const auto* found = root_.find("url");
        if (found && found->is == node::shape::nothing)
            complain(
                found->line, "url is null: the homeserver will push nothing to Rialto",
                "set url to Rialto's listener"
            );
        else
            out_.it.url = word("url");
    }

    std::optional<bool> flag(const node* found, const char* key)
    {
        if (!found)
            return std::nullopt;
        if (found->is == node::shape::scalar && !found->quoted) {
            for (const char* yes : {"true", "True", "TRUE"})
                if (found->scalar == yes)
                    return true;
            for (const char* no : {"false", "False", "FALSE"})
                if (found->scalar == no)
                    return false;
        }
        complain(found->line, std::string{key} + " must be true or false", "write it without quotes");
        return std::nullopt;
    }

    void rate()
    {
        const auto* found = root_.find("rate_limited");
        const auto said = flag(found, "rate_limited");
        out_.it.rate_limited = said.value_or(true);
        if (!found)
            complain(
                0,
                "rate_limited is missing: Synapse then holds each bridged person to one message in five "
                "seconds",
                "add `rate_limited: false`"
            );
    }

    void ephemeral()
    {
        const auto now = flag(root_.find("receive_ephemeral"), "receive_ephemeral");
        const auto before =
            flag(root_.find("de.sorunome.msc2409.push_ephemeral"), "de.sorunome.msc2409.push_ephemeral");
        out_.it.receive_ephemeral = now.value_or(before.value_or(false));
    }

    std::vector<claim> claims(const node& in, const char* name)
    {
        std::vector<claim> out;
        const auto* list = in.find(name);
        if (!list || list->is == node::shape::nothing)
            return out;
        if (list->is != node::shape::list) {
            complain(list->line, std::string{"namespaces."} + name + " must be a list", write_anew);
            return out;
        }
        for (const auto& each : list->items) {
            const auto* regex = each.find("regex");
            if (!regex || regex->is != node::shape::scalar) {
                complain(
                    each.line, std::string{"an entry of namespaces."} + name + " has no regex", write_anew
                );
                continue;
            }
            const auto* exclusive = each.find("exclusive");
            if (!exclusive)
                complain(
                    each.line, "exclusive is missing: Synapse refuses to start", "add `exclusive: true`"
                );
            out.emplace_back(regex->scalar, flag(exclusive, "exclusive").value_or(false), regex->line);
        }
        return out;
    }

    void namespaces()
    {
        const auto* found = root_.find("namespaces");
        if (!found || found->is != node::shape::map) {
            complain(found ? found->line : 0, "namespaces is missing", write_anew);
            return;
        }
        out_.it.users = claims(*found, "users");
        out_.it.aliases = claims(*found, "aliases");
        out_.it.rooms = claims(*found, "rooms");
    }

    void protocols()
    {
        const auto* found = root_.find("protocols");
        if (!found)
            return;
        if (found->is != node::shape::list)
            complain(found->line, "protocols must be a list", write_anew);
        for (const auto& each : found->items)
            out_.it.protocols.push_back(each.scalar);
    }

    void strangers()
    {
        constexpr std::array known{
            "id",
            "url",
            "as_token",
            "hs_token",
            "sender_localpart",
            "rate_limited",
            "receive_ephemeral",
            "namespaces",
            "protocols",
            "de.sorunome.msc2409.push_ephemeral",
            "push_ephemeral",
            "org.matrix.msc3202",
            "io.element.msc4190",
            "ip_range_whitelist",
            "group_id"
        };
        for (const auto& [key, value] : root_.entries)
            if (std::ranges::find(known, key.scalar) == known.end())
                complain(
                    key.line, "unknown key '" + key.scalar + "'",
                    "is it misspelled? homeservers pass over it", false
                );
    }
};
}  // namespace

reading read(const std::string& text, const std::string& file)
{
    const auto root = yaml::parsed(text, file);
    return reader{root}.all();
}

}  // namespace rialto::registrations
