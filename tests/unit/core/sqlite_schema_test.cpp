#include "core/sqlite_schema.hpp"

#include "core/backend.hpp"
#include "core/secrets.hpp"
#include "core/sqlite_db.hpp"
#include "core/sqlite_tables.hpp"
#include "tests/unit/core/sqlite_testing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rialto::sqlite_schema_test {
namespace {

using testing::HasSubstr;

class SqliteSchema : public testing::Test
{
protected:
    temporary_folder folder_;
    std::filesystem::path file_ = folder_.path() / "x.db";
    std::unique_ptr<sqlite_db> db_;

    void SetUp() override
    {
        make_private_file(file_);
        db_ = std::make_unique<sqlite_db>(file_);
    }
    std::string refusal(std::span<const char* const> steps = schema_steps())
    {
        try {
            migrate(*db_, file_, steps);
        } catch (const config_error& e) {
            return e.what();
        }
        return "";
    }
};

TEST_F(SqliteSchema, TakesEachStepOnce)
{
    static constexpr const char* one[] = {"create table a(x)"};
    static constexpr const char* two[] = {"create table a(x)", "insert into a values(1)"};
    EXPECT_EQ(refusal(one), "");
    EXPECT_EQ(refusal(two), "");
    EXPECT_EQ(refusal(two), "");
    EXPECT_EQ(db_->number("select count(*) from a"), 1);
    EXPECT_EQ(db_->number("pragma user_version"), 2);
}

TEST_F(SqliteSchema, LeavesNothingOfAStepThatFails)
{
    static constexpr const char* good[] = {"create table a(x)"};
    static constexpr const char* bad[] = {
        "create table a(x)", "insert into a values(1); insert into nowhere values(1)"
    };
    EXPECT_EQ(refusal(good), "");
    EXPECT_THROW(migrate(*db_, file_, bad), sqlite_error);
    EXPECT_EQ(db_->number("select count(*) from a"), 0);
    EXPECT_EQ(db_->number("pragma user_version"), 1);
    EXPECT_FALSE(db_->in_transaction());
}

TEST_F(SqliteSchema, RefusesADatabaseThatIsNewerThanTheProgram)
{
    static constexpr const char* two[] = {"create table a(x)", "create table b(x)"};
    static constexpr const char* one[] = {"create table a(x)"};
    EXPECT_EQ(refusal(two), "");
    EXPECT_THAT(
        refusal(one), testing::AllOf(HasSubstr("newer"), HasSubstr(file_.string()), HasSubstr("schema 2"))
    );
}

TEST_F(SqliteSchema, RefusesTheDatabaseOfAnotherProgram)
{
    db_->run("create table theirs(x)");
    EXPECT_THAT(refusal(), HasSubstr("another program"));
    db_->run("drop table theirs");
    db_->run("pragma application_id = 7");
    EXPECT_THAT(refusal(), HasSubstr("another program"));
}

// Without the partial indexes each start would read every message there ever was.
TEST_F(SqliteSchema, AnswersEveryQuestionFromAnIndex)
{
    ASSERT_EQ(refusal(), "");
    const auto plan = [&](const std::string& sql) {
        sqlite_statement explain{*db_, "explain query plan " + sql};
        auto rows = explain.start();
        std::string all;
        while (rows.next())
            all += rows.text(3) + "\n";
        return all;
    };
    EXPECT_THAT(
        plan("select seq from item where stage <= 2 and seq > 1 order by seq limit 9"),
        HasSubstr("item_waiting")
    );
    EXPECT_THAT(plan("select seq from item where stage = 4 order by seq limit 9"), HasSubstr("item_dead"));
    EXPECT_THAT(
        plan("select seq from item where bound = 0 and portal = 1 and matrix_id = 'a'"),
        HasSubstr("item_from_matrix")
    );
    EXPECT_THAT(
        plan("select seq from item where bound = 1 and portal = 1 and matrix_id = 'a'"),
        HasSubstr("item_at_matrix")
    );
    EXPECT_THAT(
        plan("select seq from item where bound = 1 and portal = 1 and far_id = 'a'"),
        HasSubstr("item_from_far")
    );
    EXPECT_THAT(
        plan("select seq from item where bound = 0 and portal = 1 and far_id = 'a'"), HasSubstr("item_at_far")
    );
    EXPECT_THAT(plan("select far from person where network = 'x' and mxid = 'y'"), HasSubstr("person_mxid"));
    EXPECT_THAT(
        plan("select id from reaction where portal = 1 and target = 't' order by rowid"),
        HasSubstr("reaction_set")
    );
}

TEST_F(SqliteSchema, IsWhatTheStatementsExpect)
{
    ASSERT_EQ(refusal(), "");
    EXPECT_NO_THROW(sqlite_tables{*db_});
}

TEST(SqliteDatabase, SaysWhatFollowsFromAnError)
{
    using means = sqlite_error::means;
    EXPECT_EQ((sqlite_error{19 | (8 << 8), "x", "constraint"}.what_follows()), means::refused);
    EXPECT_EQ((sqlite_error{13, "x", "full"}.what_follows()), means::full);
    EXPECT_EQ((sqlite_error{5, "x", "busy"}.what_follows()), means::busy);
    EXPECT_EQ((sqlite_error{10 | (3 << 8), "x", "ioerr"}.what_follows()), means::broken);
    EXPECT_EQ((sqlite_error{11, "x", "corrupt"}.what_follows()), means::broken);
    EXPECT_EQ((sqlite_error{26, "x", "notadb"}.what_follows()), means::broken);
    EXPECT_EQ((sqlite_error{7, "x", "nomem"}.what_follows()), means::broken);
    EXPECT_THAT(sqlite_error(13, "write", "no room").what(), HasSubstr("could not write: no room (13)"));
}

TEST(SqliteDatabase, RefusesAFileThatIsNotThere)
{
    const temporary_folder folder;
    EXPECT_THROW(sqlite_db{folder.path() / "none.db"}, sqlite_error);
}

TEST(SqliteDatabase, ReportsBadSql)
{
    const temporary_folder folder;
    make_private_file(folder.path() / "x.db");
    sqlite_db db{folder.path() / "x.db"};
    EXPECT_THROW(db.run("make coffee"), sqlite_error);
    EXPECT_THROW((sqlite_statement{db, "select * from nowhere"}), sqlite_error);
}

}  // namespace
}  // namespace rialto::sqlite_schema_test
