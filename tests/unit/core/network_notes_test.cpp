// A backend's notes: who reads one, decides and writes at once takes nothing back that another does
// meanwhile.
#include "hub_kit.hpp"

namespace rialto::network_notes_test {
namespace {

using namespace rialto::test;

awaitable<void> add_word(host& core, std::string word)
{
    auto known = co_await core.recall("words");
    EXPECT_TRUE(known);
    auto written = co_await core.remember(note{"words", *known + word});
    EXPECT_TRUE(written);
}

awaitable<void> add_word_with_events(host& core, std::string word)
{
    auto known = co_await core.recall("words");
    EXPECT_TRUE(known);
    std::vector<note> notes;
    notes.emplace_back("words", *known + word);
    auto written = co_await core.accept_all(std::vector<event>{}, std::move(notes));
    EXPECT_TRUE(written);
}

TEST(NetworkNotes, SeveralWhoChangeOneAtOnceLoseNothing)
{
    world w;
    memory_store disk{w.io.get_executor()};
    life one{w, disk};
    one.start();
    auto& core = one.nets["a"]->core;
    for (const std::string word : {"a", "b", "c"}) {
        boost::asio::co_spawn(w.io, add_word(core, word), boost::asio::detached);
        boost::asio::co_spawn(w.io, add_word_with_events(core, word + "!"), boost::asio::detached);
    }
    w.settle();
    auto all = w.get(core.recall("words"));
    ASSERT_TRUE(all);
    EXPECT_EQ(all->size(), 9U) << *all;
    EXPECT_EQ(*w.get(disk.note("a/words")), *all) << "what was read while it was written is what stays";
}

}  // namespace
}  // namespace rialto::network_notes_test
