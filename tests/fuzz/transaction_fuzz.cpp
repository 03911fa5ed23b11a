// What a homeserver may push, whoever wrote the events: no crash, no exception, and what is relayed can be
// said on Matrix again within its limits and is read back as the same kind of thing. The same bytes also
// serve as the homeserver's answers.
#include "appservice/client_answers.hpp"
#include "appservice/commands.hpp"
#include "appservice/content.hpp"
#include "appservice/rooms_content.hpp"
#include "appservice/transactions.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace rialto;

void require(bool holds)
{
    if (!holds)
        std::abort();
}

bool ours(std::string_view mxid) { return mxid.starts_with("@_rialto_"); }

void say_again(const near_event& e)
{
    require(!e.room.empty() && !e.id.empty() && !e.sender.empty());
    require(e.stamp.empty() || ours(e.sender));
    const order o{e.room, "@_rialto_x:hs", e.what, "key"};
    for (const auto& s : matrix::sends_of(o)) {
        require(s.content.size() <= matrix::longest_content + 1'000);
        const auto content = matrix::parse(s.content);
        require(content.has_value());
        if (s.type == "m.room.message")
            require(matrix::read_message(*content).has_value() || std::holds_alternative<edit>(e.what));
    }
    if (const auto* m = std::get_if<message>(&e.what))
        (void)matrix::read_command(m->body.plain());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size > 262'144)
        return 0;
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    matrix::typing_board board;
    if (const auto t = matrix::read_transaction(bytes, ours)) {
        for (const auto& e : t->events)
            say_again(e);
        for (const auto& now : t->typing)
            (void)board.update(now);
    }
    if (const auto any = matrix::parse(bytes)) {
        (void)matrix::read_room(*any);
        (void)matrix::choose_version(*any);
        (void)matrix::find_key(*any, "key", "@_rialto_x:hs");
        (void)matrix::with_rank(*any, "@a:hs", rank::owner, "@rialto:hs");
    }
    const auto answered = matrix::read_answer(net::http_reply{size % 2 == 0 ? 400 : 429, std::string{bytes}});
    if (answered)
        require(!matrix::refusal(*answered, "it").why.empty());
    return 0;
}
