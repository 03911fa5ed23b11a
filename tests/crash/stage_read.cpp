// Reading the ledgers off the two servers.
#include "tests/crash/stage.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

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

// Of an edit: the text that it puts in place of the old one.
std::string text_of(const json& content)
{
    const auto replaced = content.find("m.new_content");
    const auto& said = replaced == content.end() ? content : *replaced;
    return said.is_object() ? said.value("body", "") : std::string{};
}

// In a ledger, that a text was taken back: it has to arrive where the text did, behind it.
std::string gone(const std::string& text) { return text + " taken back"; }

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
        const auto taken_back = texts_.find(e.redacts);
        if (e.type == "m.room.redaction" && taken_back != texts_.end() &&
            taken_back->second.starts_with(mark))
            out.accepted.push_back(gone(taken_back->second));
        const auto known = texts_.find(e.id);
        const auto body = known == texts_.end() ? text_of(content) : known->second;
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
    std::map<std::string, std::string> texts;  // by stanza-id
    for (auto i = archive_from_; i < room->archive.size(); ++i) {
        const auto& stanza = room->archive[i].stanza;
        const auto text = between(stanza, "<body>", "</body>");
        const auto old = texts.find(between(stanza, "<retract xmlns='urn:xmpp:message-retract:1' id='", "'"));
        if (old != texts.end())
            all["alice-room"].arrived.emplace_back(gone(old->second));
        if (!text.starts_with(mark))
            continue;
        if (between(stanza, "from='", "'") == room->address + "/dan")
            all["dan-room"].accepted.push_back(text);
        else
            all["alice-room"].arrived.emplace_back(text);
        texts[room->archive[i].id] = text;
    }
}

// Accepted in a chat is what we gave a receipt for; an error tells its author that it was not.
void stage::read_inbox(const std::string& mark, ledgers& all) const
{
    auto& from_dan = all["dan-chat"];
    std::set<std::string> receipts;
    std::map<std::string, std::string> texts;  // by id
    for (auto i = inbox_from_; i < dan_.inbox.size(); ++i) {
        const auto& h = dan_.inbox[i];
        if (h.kind == "receipt" && h.id.starts_with(mark))
            receipts.insert(h.id);
        else if (h.kind == "error" && h.id.starts_with(mark))
            from_dan.dead.insert(h.id);
        else if (const auto old = texts.find(h.retracts); old != texts.end())
            all["alice-chat"].arrived.emplace_back(gone(old->second), h.id);
        else if (h.kind == "chat" && h.text.starts_with(mark))
            all["alice-chat"].arrived.emplace_back(texts[h.id] = h.text, h.id);
    }
    for (const auto& text : said_to_chat_) {
        from_dan.accepted.push_back(text);
        if (!receipts.contains(text))
            from_dan.offered.insert(text);
    }
}

// What was withdrawn before it went, nobody has to take back. Of what was not delivered its author was told:
// its edit is the text that may be replayed.
void stage::settle_amendments(ledgers& all) const
{
    for (auto& [name, lane] : all) {
        for (const auto& [text, old] : amended_)
            if (lane.dead.contains(old))
                lane.dead.insert(text);
        std::set<std::string> arrived;
        for (const auto& a : lane.arrived)
            arrived.insert(a.text);
        for (const auto& text : lane.accepted)
            if (lane.accepted.end() != std::find(lane.accepted.begin(), lane.accepted.end(), gone(text)) &&
                !arrived.contains(text))
                lane.withdrawn.insert({text, gone(text)});
    }
}

ledgers stage::read(const std::string& mark) const
{
    ledgers all;
    read_matrix(room_, "room", mark, all);
    read_matrix(chat_, "chat", mark, all);
    read_far_room(mark, all);
    read_inbox(mark, all);
    settle_amendments(all);
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
    events_.clear();
    texts_.clear();
    amended_.clear();
}

}  // namespace rialto::crash
