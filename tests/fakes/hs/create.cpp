// POST /createRoom: presets and the order of the first events (CS-API §Creation; room version 12: MSC4289,
// MSC4291).
#include "tests/fakes/hs/call.hpp"
#include "tests/fakes/hs/render.hpp"

#include <nlohmann/json.hpp>

namespace rialto::fakes::hs {

using nlohmann::json;

namespace {
class maker
{
public:
    explicit maker(call& c) : call_{c}, body_{c.body()} {}

    room& make()
    {
        reserve_alias();
        start();
        put("m.room.member", call_.who->id, membership_of(*call_.who));
        put("m.room.power_levels", "", powers());
        if (!alias_.empty()) {
            call_.data.aliases[alias_] = room_;
            room_->aliases.push_back(alias_);
            put("m.room.canonical_alias", "", {{"alias", alias_}});
        }
        put_settings();
        for (const auto& one : body_.value("initial_state", json::array()))
            put(one.at("type").get<std::string>(), one.value("state_key", ""), one.at("content"));
        if (body_.contains("name"))
            put("m.room.name", "", {{"name", body_["name"]}});
        if (body_.contains("topic"))
            put("m.room.topic", "", {{"topic", body_["topic"]}});
        invite_all();
        return *room_;
    }

private:
    void reserve_alias()
    {
        const std::string localpart = string_of(body_, "room_alias_name");
        if (localpart.empty())
            return;
        alias_ = '#' + localpart + ':' + call_.data.name;
        if (call_.data.aliases.contains(alias_))
            throw refusal{400, "M_ROOM_IN_USE", "Room alias already taken"};
        for (std::size_t i = 0; i < call_.hs.services(); ++i)
            if (call_.hs.service(i).aliases().exclusive(alias_) && &call_.hs.service(i) != call_.service)
                throw refusal{400, "M_EXCLUSIVE", "This alias is reserved by an application service."};
    }

    void start()
    {
        const std::string version = string_of(body_, "room_version", call_.hs.settings().room_version);
        if (version != "10" && version != "11" && version != "12")
            throw refusal{
                400, "M_UNSUPPORTED_ROOM_VERSION", "Your homeserver does not support this room version"
            };
        preset_ = string_of(
            body_, "preset", string_of(body_, "visibility") == "public" ? "public_chat" : "private_chat"
        );
        json content = body_.value("creation_content", json::object());
        content["room_version"] = version;
        auto made = std::make_unique<room>();
        made->version = version;
        made->creator = call_.who->id;
        made->creators.insert(made->creator);
        if (made->v12()) {
            if (preset_ == "trusted_private_chat" && body_.contains("invite"))
                content["additional_creators"] = body_["invite"];
            for (const auto& more : content.value("additional_creators", json::array()))
                made->creators.insert(more.get<std::string>());
        }
        check_powers(*made);
        auto e = draft(call_, *made, "m.room.create", content);
        e->state_key = "";
        // Version 12: the room is named after its first event, without a server.
        e->id = '$' + call_.data.fresh();
        made->id = made->v12() ? '!' + e->id.substr(1) : '!' + call_.data.fresh(18) + ':' + call_.data.name;
        room_ = made.get();
        call_.data.rooms[made->id] = std::move(made);
        call_.hs.append(std::move(e));
    }

    void check_powers(const room& r) const
    {
        const json over = body_.value("power_level_content_override", json::object());
        const json users = over.value("users", json::object());
        for (const auto& creator : r.creators)
            if (r.v12() && users.contains(creator))
                throw refusal{
                    400, "M_BAD_JSON", "Creator user " + creator + " must not appear in content.users"
                };
    }

    json powers() const
    {
        json users = json::object();
        if (!room_->v12())
            users[call_.who->id] = 100;
        if (preset_ == "trusted_private_chat" && !room_->v12())
            for (const auto& who : body_.value("invite", json::array()))
                users[who.get<std::string>()] = 100;
        json out{
            {"ban", 50},
            {"kick", 50},
            {"redact", 50},
            {"invite", 0},
            {"events_default", 0},
            {"state_default", 50},
            {"users_default", 0},
            {"historical", 100},
            {"users", users},
            {"events",
             {{"m.room.name", 50},
              {"m.room.power_levels", 100},
              {"m.room.history_visibility", 100},
              {"m.room.canonical_alias", 50},
              {"m.room.avatar", 50},
              {"m.room.encryption", 100},
              {"m.room.server_acl", 100},
              {"m.room.tombstone", room_->v12() ? 150 : 100}}}
        };
        if (const auto over = body_.find("power_level_content_override"); over != body_.end())
            out.update(*over);
        return out;
    }

    void put_settings()
    {
        const auto given = [this](std::string_view type) {
            for (const auto& one : body_.value("initial_state", json::array()))
                if (string_of(one, "type") == type)
                    return true;
            return false;
        };
        if (!given("m.room.join_rules"))
            put("m.room.join_rules", "", {{"join_rule", preset_ == "public_chat" ? "public" : "invite"}});
        if (!given("m.room.history_visibility"))
            put("m.room.history_visibility", "", {{"history_visibility", "shared"}});
        if (preset_ != "public_chat" && !given("m.room.guest_access"))
            put("m.room.guest_access", "", {{"guest_access", "can_join"}});
    }

    void invite_all()
    {
        for (const auto& who : body_.value("invite", json::array()))
            invite_to(call_, *room_, who.get<std::string>(), body_.value("is_direct", false), {});
    }

    void put(std::string type, const std::string& key, const json& content)
    {
        auto e = draft(call_, *room_, std::move(type), content);
        e->state_key = key;
        call_.hs.append(std::move(e));
    }

    call& call_;
    const json& body_;
    room* room_ = nullptr;
    std::string alias_, preset_;
};

http_reply create_room(call& c)
{
    room& r = maker{c}.make();
    return http_reply{"{\"room_id\":" + json_text(r.id) + '}'};
}
}  // namespace

std::vector<route> create_routes() { return {{"POST", "createRoom", "createRoom", create_room}}; }

}  // namespace rialto::fakes::hs
