// appservice/homeserver.hpp: Matrix as the core sees it (core/near.hpp `homeserver`), on the client-server
// API. Every order may be repeated: the transaction id is its key, sent with the ghost's device; where the
// homeserver's memory cannot be trusted (older than a day, another device) the key is looked for first. One
// io_context thread.
#pragma once

#include "appservice/media_intake.hpp"
#include "appservice/rooms.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace rialto::matrix {

struct matrix_send;

class matrix_homeserver : public homeserver
{
    client client_;
    ghosts ghosts_;
    rooms rooms_;
    boost::asio::any_io_executor on_;
    media_intake* files_ = nullptr;
    std::shared_ptr<int> hints_ = std::make_shared<int>(0);  // under way

    awaitable<outcome> bring_files(order& o);
    awaitable<result<sent>> send_all(order o);
    awaitable<result<std::string>> send_one(order o, matrix_send s);
    awaitable<result<answer>> put(order o, matrix_send s);
    awaitable<result<sent>> change_member(order o);
    awaitable<outcome> pass_hint(order o);

public:
    matrix_homeserver(
        boost::asio::any_io_executor on, net::http_client& http, store& s, client_settings settings,
        is_ours ours
    );

    client& api() { return client_; }                                // ping, media, start-up checks
    void bring_files_with(media_intake& files) { files_ = &files; }  // else they stay addresses
    // Registered, with a device; "" the bot. Nothing it was told of before is asked for again.
    awaitable<outcome> ready(std::string mxid);

    awaitable<result<sent>> deliver(order o) override;
    awaitable<result<std::string>> make_room(room_plan plan) override;
    awaitable<result<std::string>> room_of_alias(std::string alias) override;
    awaitable<result<near_room>> look(std::string room) override;
    awaitable<result<profile>> describe(std::string mxid) override;
    awaitable<outcome> bot_join(std::string room) override;
    awaitable<outcome> ghost_join(std::string room, std::string mxid, profile shown) override;
    awaitable<outcome> describe_bridge(std::string room, room_plan plan) override;
    awaitable<outcome> notice(std::string room, std::string text, std::string key) override;
    awaitable<outcome> status(std::string room, std::string event, fate is, std::optional<failure> why)
        override;
    awaitable<outcome> leave(std::string room, std::vector<std::string> who, std::string why) override;
    awaitable<result<page>> history(std::string room, std::string as, extent of) override;
    void hint(order o) override;
    std::uint32_t generation(const std::string& mxid) const override;
};

}  // namespace rialto::matrix
