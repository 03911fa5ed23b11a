#include "bridges/xmpp/muc_puppets.hpp"

#include "bridges/xmpp/jid.hpp"

#include <array>

namespace rialto::xmpp {
namespace {

// One line a fact, fields parted by tabs: nicks and reasons hold neither (they came through XML as one line
// or are cut).
std::string one_line(std::string_view text)
{
    std::string out{text};
    for (char& c : out)
        if (c == '\t' || c == '\n' || c == '\r')
            c = ' ';
    return out;
}

std::vector<std::string_view> fields_of(std::string_view line)
{
    std::vector<std::string_view> out;
    for (;;) {
        const auto tab = line.find('\t');
        out.push_back(line.substr(0, tab));
        if (tab == std::string_view::npos)
            return out;
        line.remove_prefix(tab + 1);
    }
}

constexpr std::array words{
    std::pair{departure::kicked, std::string_view{"kicked"}},
    std::pair{departure::banned, std::string_view{"banned"}},
    std::pair{departure::not_member, std::string_view{"not_member"}}
};

std::string_view word_of(departure d)
{
    for (const auto& [value, word] : words)
        if (value == d)
            return word;
    return "kicked";
}

departure departure_of(std::string_view text)
{
    for (const auto& [value, word] : words)
        if (word == text)
            return value;
    return departure::kicked;
}

}  // namespace

std::string puppet::full() const { return jid + "/" + std::string{muc_puppets::resource}; }

puppet& muc_puppets::at(std::string_view jid)
{
    auto found = all_.find(jid);
    if (found == all_.end()) {
        found = all_.emplace(std::string{jid}, puppet{}).first;
        found->second.jid = jid;
    }
    return found->second;
}

const puppet* muc_puppets::find(std::string_view jid) const
{
    const auto found = all_.find(jid);
    return found == all_.end() ? nullptr : &found->second;
}

void muc_puppets::have_nick(const std::string& nick, const std::string& jid)
{
    if (nicks_.size() >= most_nicks && nicks_.find(nick) == nicks_.end())
        nicks_.erase(nicks_.begin());
    auto& owner = nicks_[nick];
    changed_ = changed_ || owner != jid;
    owner = jid;
}

void muc_puppets::begin_join(std::string_view jid, std::string nick, timestamp deadline)
{
    auto& p = at(jid);
    p.is = standing::joining;
    p.nick = std::move(nick);
    p.deadline = deadline;
    p.refused.reset();
    have_nick(p.nick, p.jid);
}

puppet_change muc_puppets::apply(const room_presence& seen)
{
    puppet_change out;
    const auto found = all_.find(bare_of(seen.to));
    if (found == all_.end() || resource_of(seen.to) != resource)
        return out;
    auto& p = found->second;
    out.jid = p.jid;
    if (seen.error) {
        if (p.is != standing::joining)
            return out;
        p.is = standing::out;
        p.refused = seen.error;
        // Somebody else may have that nick: it must not make them ours.
        if (const auto asked = nicks_.find(p.nick); asked != nicks_.end() && asked->second == p.jid)
            nicks_.erase(asked);
        changed_ = true;
        out.what = puppet_change::is::refused;
        return out;
    }
    const bool own = seen.own() || (p.is != standing::joining && seen.nick == p.nick);
    if (!own)
        return out;
    if (seen.available) {  // XEP-0045 §7.2.2: our own presence is the last; its nick is the truth (210)
        if (!seen.occupant_id.empty() && p.occupant_id != seen.occupant_id) {
            occupant_ids_.insert(seen.occupant_id);
            changed_ = true;
        }
        const bool fresh = p.is != standing::in;
        p.is = standing::in;
        p.nick = seen.nick;
        p.occupant_id = seen.occupant_id;
        have_nick(p.nick, p.jid);
        out.what = fresh ? puppet_change::is::joined : puppet_change::is::nothing;
        return out;
    }
    if (seen.has(303) && !seen.new_nick.empty()) {
        p.nick = seen.new_nick;
        have_nick(p.nick, p.jid);
        out.what = puppet_change::is::renamed;
        return out;
    }
    const bool was_in = p.is == standing::in || p.is == standing::unsure || p.is == standing::joining;
    p.is = standing::out;
    changed_ = true;
    out.why = why_gone(seen);
    out.reason = seen.reason;
    out.moved_to = seen.moved_to;
    out.what = was_in ? puppet_change::is::left : puppet_change::is::nothing;
    return out;
}

void muc_puppets::expire(timestamp now)
{
    for (auto& [jid, p] : all_)
        if (p.is == standing::joining && now >= p.deadline) {
            p.is = standing::unsure;  // the room may have let it in without telling us
            p.refused = stanza_error{"wait", "remote-server-timeout", "no answer to the join"};
        }
}

void muc_puppets::link_lost()
{
    for (auto& [jid, p] : all_)
        if (p.is == standing::in || p.is == standing::joining)
            p.is = standing::unsure;
}

void muc_puppets::bar(std::string_view jid, departure why, std::string reason, std::string by)
{
    auto& p = at(jid);
    p.is = standing::barred;
    p.why = why;
    p.reason = std::move(reason);
    p.by = std::move(by);
    changed_ = true;
}

void muc_puppets::unbar(std::string_view jid)
{
    const auto found = all_.find(jid);
    if (found == all_.end() || found->second.is != standing::barred)
        return;
    found->second.is = standing::out;
    changed_ = true;
}

void muc_puppets::left(std::string_view jid)
{
    const auto found = all_.find(jid);
    if (found == all_.end() || found->second.is == standing::barred || found->second.is == standing::out)
        return;
    found->second.is = standing::out;
    changed_ = true;
}

void muc_puppets::renamed(std::string_view jid, std::string nick)
{
    auto& p = at(jid);
    p.nick = std::move(nick);
    have_nick(p.nick, p.jid);
}

std::string_view muc_puppets::by_nick(std::string_view nick) const
{
    const auto found = nicks_.find(nick);
    return found == nicks_.end() ? std::string_view{} : std::string_view{found->second};
}

std::string_view muc_puppets::in_by_nick(std::string_view nick) const
{
    const auto* p = find(by_nick(nick));
    const bool has = p != nullptr && p->nick == nick &&
                     (p->is == standing::in || p->is == standing::joining || p->is == standing::unsure);
    return has ? std::string_view{p->jid} : std::string_view{};
}

std::size_t muc_puppets::inside() const
{
    std::size_t n = 0;
    for (const auto& [jid, p] : all_)
        n += p.is == standing::in || p.is == standing::joining || p.is == standing::unsure;
    return n;
}

std::string muc_puppets::longest_silent(std::string_view except) const
{
    const puppet* found = nullptr;
    for (const auto& [jid, p] : all_)
        if (jid != except && (p.is == standing::in || p.is == standing::unsure) &&
            (found == nullptr || p.spoke < found->spoke))
            found = &p;
    return found == nullptr ? std::string{} : found->jid;
}

std::vector<std::string> muc_puppets::silent_since(timestamp before, std::string_view except) const
{
    std::vector<std::string> out;
    for (const auto& [jid, p] : all_)
        if (jid != except && p.is == standing::in && p.spoke < before)
            out.push_back(jid);
    return out;
}

std::string muc_puppets::to_text() const
{
    std::string out;
    for (const auto& [nick, jid] : nicks_) {
        if (in_by_nick(nick).empty())
            out += "nick\t" + one_line(nick) + "\t" + jid + "\n";
        else
            out += "in\t" + one_line(nick) + "\t" + jid + "\t" + one_line(find(jid)->occupant_id) + "\n";
    }
    for (const auto& id : occupant_ids_)
        out += "occupant\t" + one_line(id) + "\n";
    for (const auto& [jid, p] : all_)
        if (p.is == standing::barred)
            out += "barred\t" + jid + "\t" + std::string{word_of(p.why)} + "\t" + one_line(p.by) + "\t" +
                   one_line(p.reason) + "\n";
    return out;
}

void muc_puppets::read(std::string_view text)
{
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto f = fields_of(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (f.size() == 3 && f[0] == "nick") {
            nicks_.insert_or_assign(std::string{f[1]}, std::string{f[2]});
        } else if (f.size() == 4 && f[0] == "in") {
            nicks_.insert_or_assign(std::string{f[1]}, std::string{f[2]});
            auto& p = at(f[2]);
            p.is = standing::unsure;
            p.nick = f[1];
            p.occupant_id = f[3];
        } else if (f.size() == 2 && f[0] == "occupant") {
            occupant_ids_.emplace(f[1]);
        } else if (f.size() == 5 && f[0] == "barred") {
            bar(f[1], departure_of(f[2]), std::string{f[4]}, std::string{f[3]});
        }
    }
    changed_ = false;
}

}  // namespace rialto::xmpp
