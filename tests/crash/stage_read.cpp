// Reading the ledgers off the two servers.
#include "tests/crash/stage.hpp"

#include <nlohmann/json.hpp>

namespace rialto::crash {

using nlohmann::json;

namespace {

std::string between(const std::string& text, const std::string& open, const std::string& close)
{
    const auto from = text.find(open);
    if (from == text.npos)
        return {};
    const auto begin = from + open.size();
    return text.substr(begin, text.find(close, begin) - begin);
}

bool is_ghost(const std::string& mxid) { return mxid.starts_with("@_rialto_far_"); }

}  // namespace

// What alice says there is accepted in the lane to the far side, what a ghost says has arrived from it.
void stage::read_matrix(
    const std::string& room, const std::string& name, const std::string& mark, ledgers& all
) const
{
    auto& out = all["alice-" + name];
    auto& in = all["dan-" + name];
    std::map<std::string, std::string> texts;  // by event id
    const auto* r = const_cast<fakes::hs::homeserver&>(homeserver_).data().find_room(room);
    const auto& events = r->timeline;
    auto from = events.size();
    while (from > 0 && events[from - 1]->order > began_)
        --from;
    for (; from < events.size(); ++from) {
        const auto& e = *events[from];
        const auto content = json::parse(e.content, nullptr, false);
        if (e.type == "com.beeper.message_send_status") {
            const auto text = texts.find(content["m.relates_to"].value("event_id", ""));
            if (text != texts.end() && content.value("status", "") == "FAIL_PERMANENT")
                out.dead.insert(text->second);
        }
        const auto body = content.is_object() ? content.value("body", "") : std::string{};
        if (e.type != "m.room.message" || !body.starts_with(mark))
            continue;
        texts[e.id] = body;
        if (is_ghost(e.sender))
            in.arrived.emplace_back(body);
        else
            out.accepted.push_back(body);
    }
}

// The room's archive is both: what dan said there is accepted, what a puppet said has arrived.
void stage::read_far_room(const std::string& mark, ledgers& all) const
{
    const auto* room = const_cast<fakes::xmpp::server&>(far_).rooms().find("orchard@rooms.far.test");
    for (auto i = archive_from_; i < room->archive.size(); ++i) {
        const auto& stanza = room->archive[i].stanza;
        const auto text = between(stanza, "<body>", "</body>");
        if (!text.starts_with(mark))
            continue;
        if (between(stanza, "from='", "'") == room->address + "/dan")
            all["dan-room"].accepted.push_back(text);
        else
            all["alice-room"].arrived.emplace_back(text);
    }
}

// Accepted in a chat is what we gave a receipt for; an error tells its author that it was not.
void stage::read_inbox(const std::string& mark, ledgers& all) const
{
    auto& from_dan = all["dan-chat"];
    std::set<std::string> receipts;
    for (auto i = inbox_from_; i < dan_.inbox.size(); ++i) {
        const auto& h = dan_.inbox[i];
        if (h.kind == "receipt" && h.id.starts_with(mark))
            receipts.insert(h.id);
        else if (h.kind == "error" && h.id.starts_with(mark))
            from_dan.dead.insert(h.id);
        else if (h.kind == "chat" && h.text.starts_with(mark))
            all["alice-chat"].arrived.emplace_back(h.text, h.id);
    }
    for (const auto& text : said_to_chat_) {
        from_dan.accepted.push_back(text);
        if (!receipts.contains(text))
            from_dan.offered.insert(text);
    }
}

ledgers stage::read(const std::string& mark) const
{
    ledgers all;
    read_matrix(room_, "room", mark, all);
    read_matrix(chat_, "chat", mark, all);
    read_far_room(mark, all);
    read_inbox(mark, all);
    return all;
}

void stage::begin()
{
    no_sync_ = false;
    calm();
    began_ = static_cast<std::int64_t>(homeserver_.data().stream.size());
    archive_from_ = far_.rooms().find("orchard@rooms.far.test")->archive.size();
    inbox_from_ = dan_.inbox.size();
    said_to_chat_.clear();
}

}  // namespace rialto::crash
