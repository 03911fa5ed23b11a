#include "core/media_spool.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace rialto::media_spool_test {
namespace {

struct Spool : testing::Test
{
    std::filesystem::path folder = [] {
        auto name = (std::filesystem::temp_directory_path() / "rialto-spool-XXXXXX").string();
        return std::filesystem::path{::mkdtemp(name.data())};
    }();
    ~Spool() override { std::filesystem::remove_all(folder); }
};

TEST_F(Spool, GivesBackWhatItTook)
{
    media_spool spool{folder, 1'000'000};
    auto f = spool.make();
    ASSERT_TRUE(f);
    EXPECT_TRUE(f->take("hello "));
    EXPECT_TRUE(f->take("world"));
    EXPECT_EQ(f->size(), 11u);
    EXPECT_EQ(f->read(0, 100), "hello world");
    EXPECT_EQ(f->read(6, 3), "wor");
    EXPECT_EQ(f->read(11, 3), "");
    EXPECT_EQ(f->read(99, 3), "");
}

TEST_F(Spool, LeavesNothingInItsFolder)
{
    media_spool spool{folder, 1'000'000};
    auto f = spool.make();
    ASSERT_TRUE(f && f->take("x"));
    EXPECT_TRUE(std::filesystem::is_empty(folder)) << "a crash leaves no file behind";
}

TEST_F(Spool, HoldsItsBoundOverAllFiles)
{
    media_spool spool{folder, 10};
    auto one = spool.make(), other = spool.make();
    EXPECT_TRUE(one->take("123456"));
    EXPECT_FALSE(other->take("12345"));
    EXPECT_TRUE(other->take("1234"));
    EXPECT_EQ(spool.used(), 10u);
    one.reset();
    EXPECT_EQ(spool.used(), 4u);
    EXPECT_TRUE(other->take("567890"));
    other->clear();
    EXPECT_EQ(spool.used(), 0u);
    EXPECT_EQ(other->size(), 0u);
}

TEST_F(Spool, OutlivesItsMaker)
{
    std::shared_ptr<spool_file> f;
    {
        media_spool spool{folder, 100};
        f = spool.make();
        ASSERT_TRUE(f->take("kept"));
    }
    EXPECT_EQ(f->read(0, 10), "kept");
}

TEST_F(Spool, SaysWhenItsFolderIsGone)
{
    media_spool spool{folder / "gone", 100};
    EXPECT_FALSE(spool.make());
}

}  // namespace
}  // namespace rialto::media_spool_test
