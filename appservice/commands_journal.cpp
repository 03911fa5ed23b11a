// commands.hpp, that a word to the bot is not lost either: it is a note on disk before the homeserver is
// answered, and until it was done. A crash in between does it once more, which changes nothing: what is
// bridged is bridged.
#include "appservice/commands.hpp"
#include "core/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rialto::matrix {

namespace {
constexpr std::string_view notes_begin = "command/";
constexpr std::size_t most_resumed = 1000;

std::string key_of(const spoken_word& w) { return std::string{notes_begin} + w.event; }

std::string said_in(const nlohmann::json& tree, const char* key)
{
    const auto at = tree.find(key);
    return at != tree.end() && at->is_string() ? at->get<std::string>() : std::string{};
}
}  // namespace

std::string written_word(const spoken_word& w)
{
    const nlohmann::json tree{{"room", w.room}, {"event", w.event}, {"sender", w.sender},
                              {"text", w.text}, {"greet", w.greet}, {"about", w.about}};
    return tree.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<spoken_word> read_word(std::string_view written)
{
    const auto tree = nlohmann::json::parse(written, nullptr, false);
    if (!tree.is_object())
        return {};
    spoken_word w{
        said_in(tree, "room"),
        said_in(tree, "event"),
        said_in(tree, "sender"),
        said_in(tree, "text"),
        tree.contains("greet") && tree["greet"] == true,
        said_in(tree, "about")
    };
    if (w.room.empty() || w.event.empty() || w.sender.empty())
        return {};
    return w;
}

void command_desk::take(spoken_word w)
{
    ++*busy_;
    fresh_.push_back(std::move(w));
    if (fresh_.size() > 1)
        return;
    boost::asio::post(on_, [this] { boost::asio::co_spawn(on_, keep(), boost::asio::detached); });
}

awaitable<outcome> command_desk::keep()
{
    auto some = std::exchange(fresh_, {});
    if (some.empty())
        co_return ok();
    std::vector<store_change> all;
    for (const auto& w : some)
        all.emplace_back(put_note{key_of(w), written_word(w)});
    auto wrote = co_await disk_.commit(std::move(all));
    for (auto& w : some) {
        if (wrote) {
            start(std::move(w));
            continue;
        }
        --*busy_;
        std::erase(heard_, w.event);  // it will be pushed again
    }
    if (!wrote)
        co_return wrote.error();
    co_return ok();
}

void command_desk::start(spoken_word w)
{
    const auto room = w.room;
    boost::asio::co_spawn(on_, obey(std::move(w)), [busy = busy_, room](std::exception_ptr failed) {
        --*busy;
        if (failed)
            log::error("a command failed", "room", room);
    });
}

// False: it is worth doing again.
awaitable<bool> command_desk::follow(std::string room, std::string event, bool greet)
{
    const auto in = co_await near_.bot_join(room);
    if (!in) {
        log::warn("the bot could not follow an invitation", "room", room, "why", in.error().why);
        co_return in.error().next != verdict::try_later;
    }
    if (!greet)
        co_return true;
    const auto told = co_await near_.notice(room, "Hello, I am the bridge.\n" + help(), "hello-" + event);
    if (!told)
        log::warn("a greeting was not sent", "room", room, "why", told.error().why);
    co_return true;
}

awaitable<void> command_desk::obey(spoken_word w)
{
    const auto key = key_of(w);
    bool settled = true;
    if (w.text.empty())
        settled = co_await follow(w.room, w.event, w.greet);
    else if (auto c = understood(w.text))
        settled = co_await answer(std::move(w), std::move(*c));
    if (!settled)
        co_return;  // the next life does it
    std::vector<store_change> all;
    all.emplace_back(put_note{key, ""});
    const auto wrote = co_await disk_.commit(std::move(all));
    if (!wrote)
        log::warn("a command that was done is still noted", "why", wrote.error().why);
}

awaitable<void> command_desk::resume()
{
    const auto rows = co_await disk_.notes_of(std::string{notes_begin}, most_resumed);
    if (!rows)
        co_return;
    for (const auto& [key, written] : *rows) {
        auto w = read_word(written);
        if (!w || heard_before(w->event))
            continue;
        log::info("a command of a former life is done now", "room", w->room);
        ++*busy_;
        start(std::move(*w));
    }
}

}  // namespace rialto::matrix
