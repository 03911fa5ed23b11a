// core/journal_fields.hpp: under which names the journal keeps the members of the vocabulary. One table a
// struct, used by both directions, so that they cannot differ. A name that was released is never given
// another meaning.
#pragma once

#include "core/event.hpp"

#include <string_view>
#include <tuple>
#include <utility>

namespace rialto::journal {

template <class Owner, class Member>
struct field
{
    std::string_view key;
    Member Owner::* at;
};
template <class Owner, class Member>
field(std::string_view, Member Owner::*) -> field<Owner, Member>;

template <class T>
constexpr std::tuple<> fields_of{};
template <class T>
concept described = std::tuple_size_v<std::remove_cvref_t<decltype(fields_of<T>)>> != 0;

// clang-format off
template <> inline constexpr auto fields_of<run>        = std::tuple{field{"text", &run::text}, field{"marks", &run::marks}, field{"link", &run::link}, field{"mention", &run::mention}};
template <> inline constexpr auto fields_of<profile>    = std::tuple{field{"name", &profile::shown_as}, field{"avatar", &profile::avatar}, field{"avatar_hash", &profile::avatar_hash}};
template <> inline constexpr auto fields_of<person>     = std::tuple{field{"id", &person::id}, field{"name", &person::shown_as}};
template <> inline constexpr auto fields_of<file>       = std::tuple{field{"name", &file::name}, field{"mime", &file::mime}, field{"size", &file::size}, field{"bytes", &file::bytes}, field{"url", &file::url}, field{"shown", &file::shown}, field{"width", &file::width}, field{"height", &file::height}, field{"millis", &file::millis}, field{"in_body", &file::in_body}};
template <> inline constexpr auto fields_of<reference>  = std::tuple{field{"id", &reference::id}, field{"also", &reference::also}, field{"author", &reference::author}, field{"author_name", &reference::shown_as}, field{"excerpt", &reference::excerpt}};
template <> inline constexpr auto fields_of<message>    = std::tuple{field{"body", &message::body}, field{"how", &message::how}, field{"subject", &message::subject}, field{"files", &message::files}, field{"reply_to", &message::reply_to}, field{"thread", &message::thread}, field{"mentions", &message::mentions}};
template <> inline constexpr auto fields_of<edit>       = std::tuple{field{"target", &edit::target}, field{"now", &edit::now}};
template <> inline constexpr auto fields_of<retraction> = std::tuple{field{"target", &retraction::target}, field{"reason", &retraction::reason}};
template <> inline constexpr auto fields_of<reactions>  = std::tuple{field{"target", &reactions::target}, field{"set", &reactions::set}};
template <> inline constexpr auto fields_of<receipt>    = std::tuple{field{"up_to", &receipt::up_to}, field{"read", &receipt::read}};
template <> inline constexpr auto fields_of<typing>     = std::tuple{field{"active", &typing::active}};
template <> inline constexpr auto fields_of<presence>   = std::tuple{field{"is", &presence::is}, field{"text", &presence::text}};
template <> inline constexpr auto fields_of<contact>    = std::tuple{field{"whom", &contact::whom}, field{"is", &contact::is}};
template <> inline constexpr auto fields_of<membership> = std::tuple{field{"what", &membership::what}, field{"whom", &membership::whom}, field{"reason", &membership::reason}};
template <> inline constexpr auto fields_of<role>       = std::tuple{field{"whom", &role::whom}, field{"is", &role::is}};
template <> inline constexpr auto fields_of<room_info>  = std::tuple{field{"title", &room_info::title}, field{"topic", &room_info::topic}, field{"avatar", &room_info::avatar}, field{"members_only", &room_info::members_only}, field{"moderated", &room_info::moderated}, field{"listed", &room_info::listed}, field{"history_open", &room_info::history_open}};
template <> inline constexpr auto fields_of<gone>       = std::tuple{field{"why", &gone::why}, field{"moved_to", &gone::moved_to}};
template <> inline constexpr auto fields_of<report>     = std::tuple{field{"about", &report::about}, field{"recipient", &report::recipient}, field{"is", &report::is}, field{"why", &report::why}};
template <> inline constexpr auto fields_of<failure>    = std::tuple{field{"next", &failure::next}, field{"cause", &failure::kind}, field{"why", &failure::why}, field{"after", &failure::after}, field{"certain", &failure::certain}};
template <> inline constexpr auto fields_of<abilities>  = std::tuple{field{"html", &abilities::html}, field{"files", &abilities::files}, field{"edits", &abilities::edits}, field{"old_edits", &abilities::old_edits}, field{"retractions", &abilities::retractions}, field{"reactions", &abilities::reactions}, field{"replies", &abilities::replies}, field{"threads", &abilities::threads}, field{"typing", &abilities::typing}, field{"receipts", &abilities::receipts},
                                                                     field{"hosts", &abilities::hosts}, field{"max_text", &abilities::max_text}, field{"max_file", &abilities::max_file}, field{"in_flight", &abilities::in_flight}, field{"hold", &abilities::hold}};
template <> inline constexpr auto fields_of<member>     = std::tuple{field{"who", &member::who}, field{"is", &member::is}, field{"puppet", &member::puppet}};
template <> inline constexpr auto fields_of<room>       = std::tuple{field{"is", &room::is}, field{"info", &room::info}, field{"able", &room::able}, field{"members", &room::members}, field{"complete", &room::complete}, field{"as_of", &room::as_of}};
template <> inline constexpr auto fields_of<portal_id>  = std::tuple{field{"room", &portal_id::room}, field{"account", &portal_id::account}};
template <> inline constexpr auto fields_of<event>      = std::tuple{field{"portal", &event::portal}, field{"sender", &event::sender}, field{"at", &event::at}, field{"what", &event::what}, field{"id", &event::id}, field{"also", &event::also}, field{"lane", &event::lane}, field{"past", &event::past}, field{"again", &event::again}, field{"only", &event::only}};

// The words of the enums.
template <class E>
constexpr std::tuple<> words_of{};
template <class E>
using word = std::pair<E, std::string_view>;
template <> inline constexpr word<manner>       words_of<manner>[]       = {{manner::say, "say"}, {manner::emote, "emote"}, {manner::notice, "notice"}};
template <> inline constexpr word<kind>         words_of<kind>[]         = {{kind::group, "group"}, {kind::direct, "direct"}, {kind::mailbox, "mailbox"}};
template <> inline constexpr word<rank>         words_of<rank>[]         = {{rank::visitor, "visitor"}, {rank::member, "member"}, {rank::moderator, "moderator"}, {rank::admin, "admin"}, {rank::owner, "owner"}};
template <> inline constexpr word<change>       words_of<change>[]       = {{change::join, "join"}, {change::leave, "leave"}, {change::invite, "invite"}, {change::knock, "knock"}, {change::kick, "kick"}, {change::ban, "ban"}, {change::unban, "unban"}};
template <> inline constexpr word<bond>         words_of<bond>[]         = {{bond::asked, "asked"}, {bond::granted, "granted"}, {bond::refused, "refused"}, {bond::ended, "ended"}};
template <> inline constexpr word<availability> words_of<availability>[] = {{availability::offline, "offline"}, {availability::away, "away"}, {availability::busy, "busy"}, {availability::online, "online"}};
template <> inline constexpr word<fate>         words_of<fate>[]         = {{fate::queued, "queued"}, {fate::relayed, "relayed"}, {fate::delivered, "delivered"}, {fate::delayed, "delayed"}, {fate::failed, "failed"}};
template <> inline constexpr word<file::as>     words_of<file::as>[]     = {{file::as::file, "file"}, {file::as::image, "image"}, {file::as::audio, "audio"}, {file::as::video, "video"}, {file::as::voice, "voice"}, {file::as::sticker, "sticker"}};
template <> inline constexpr word<verdict>      words_of<verdict>[]      = {{verdict::try_later, "try_later"}, {verdict::give_up, "give_up"}, {verdict::unsupported, "unsupported"}};
template <> inline constexpr word<cause>        words_of<cause>[]        = {{cause::other, "other"}, {cause::forbidden, "forbidden"}, {cause::members_only, "members_only"}, {cause::banned, "banned"}, {cause::not_found, "not_found"}, {cause::conflict, "conflict"}, {cause::malformed, "malformed"}, {cause::too_large, "too_large"}, {cause::too_many, "too_many"}, {cause::full, "full"}, {cause::away, "away"}};
template <> inline constexpr word<block::is>    words_of<block::is>[]    = {{block::is::paragraph, "paragraph"}, {block::is::heading, "heading"}, {block::is::code, "code"}, {block::is::quote, "quote"}, {block::is::bullets, "bullets"}, {block::is::numbers, "numbers"}, {block::is::item, "item"}, {block::is::rule, "rule"}};

// In the order of the alternatives of `happening`.
inline constexpr std::string_view happenings[] = {"message", "edit", "retraction", "reactions", "receipt", "typing", "presence", "contact", "membership", "role", "room_info", "room", "profile", "gone", "report"};
// clang-format on
static_assert(std::size(happenings) == std::variant_size_v<happening>);

}  // namespace rialto::journal
