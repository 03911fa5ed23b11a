#include "bridges/xmpp/ids.hpp"

#include "bridges/xmpp/jid.hpp"
#include "bridges/xmpp/xml.hpp"
#include "core/clock.hpp"

#include <gloox/sha.h>

#include <initializer_list>

namespace rialto::xmpp {
namespace {

std::string digest_of(std::initializer_list<std::string_view> parts)  // 32 hex digits; parts are kept apart
{
    gloox::SHA hash;
    for (const auto part : parts) {
        hash.feed(std::to_string(part.size()) + ":");
        hash.feed(std::string{part});
    }
    return hash.hex().substr(0, 32);
}

// Enough of the content that two messages under one id are told apart.
std::string content_of(const heard& m)
{
    if (!m.what)
        return {};
    if (const auto* said = std::get_if<message>(&*m.what))
        return said->body.plain();
    if (const auto* e = std::get_if<edit>(&*m.what))
        return e->target.id.value + "\n" + e->now.body.plain();
    if (const auto* r = std::get_if<reactions>(&*m.what)) {
        std::string out = r->target.id.value;
        for (const auto& emoji : r->set)
            out += "\n" + emoji;
        return out;
    }
    if (const auto* r = std::get_if<retraction>(&*m.what))
        return r->target.id.value;
    return {};
}

std::string own_id(const heard& m)
{
    if (!m.origin_id.empty() || !m.id.empty())
        return m.origin_id.empty() ? m.id : m.origin_id;
    // Without any name two messages of the same words are still two: rather a double than a loss.
    if (!m.nonce.empty() || !m.stamp)
        return m.nonce;
    return "@" + std::to_string(to_ms(*m.stamp));
}

}  // namespace

std::string wire_id(const message_id& born) { return digest_of({"xmpp", born.value}); }

message_id room_message_id(const heard& m, const user_id& sender)
{
    if (!m.stanza_id.empty())
        return message_id{m.stanza_id};
    return message_id{"~" + digest_of({sender.value, own_id(m), content_of(m)})};
}

message_id chat_message_id(const heard& m)
{
    return message_id{"~" + digest_of({bare_of(m.from), own_id(m), content_of(m)})};
}

bool is_invented(const message_id& id) noexcept { return id.value.starts_with('~'); }

message_id own_name(const user_id& sender, std::string_view raw)
{
    return message_id{sender.value + "#" + std::string{raw}};
}

std::optional<std::string> raw_name(const message_id& name, const user_id& sender)
{
    const auto& s = sender.value;
    if (s.empty() || name.value.size() <= s.size() + 1 || !name.value.starts_with(s) ||
        name.value[s.size()] != '#')
        return std::nullopt;
    return name.value.substr(s.size() + 1);
}

void qualify(heard& m, const user_id& sender)
{
    if (!m.what)
        return;
    if (auto* e = std::get_if<edit>(&*m.what))
        e->target.id = own_name(sender, e->target.id.value);
    else if (auto* r = std::get_if<retraction>(&*m.what); r != nullptr && m.by_origin)
        r->target.id = own_name(sender, r->target.id.value);
}

std::string name_in_room(const reference& target, const user_id& sender, bool own)
{
    if (!own)
        return is_invented(target.id) ? std::string{} : target.id.value;
    for (const auto& other : target.also)
        if (auto raw = raw_name(other, sender))
            return *raw;
    return {};
}

std::string name_in_chat(const reference& target)
{
    if (!is_invented(target.id))
        return target.id.value;  // our own: `also` are its further parts
    return target.also.empty() ? std::string{} : target.also.front().value;
}

std::vector<std::string> pieces_in_room(const reference& target)
{
    std::vector<std::string> out;
    if (is_invented(target.id))
        return out;
    for (const auto& other : target.also)
        if (other.value.find('#') == std::string::npos && !is_invented(other))
            out.push_back(other.value);
    return out;
}

std::vector<std::string> pieces_in_chat(const reference& target)
{
    std::vector<std::string> out;
    if (!is_invented(target.id))
        for (const auto& other : target.also)
            out.push_back(other.value);
    return out;
}

}  // namespace rialto::xmpp
