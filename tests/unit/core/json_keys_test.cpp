#include "core/json_keys.hpp"

#include "core/backend.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rialto::json_keys_test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using words = std::vector<std::string>;

template <class What>
std::string complaint(const char* text, What what)
{
    const auto from = json::parse(text);
    try {
        json_reader in{from, "networks.x"};
        what(in);
    } catch (const config_error& e) {
        return e.what();
    }
    return "(accepted)";
}

TEST(Nearest, FindsTheWordThatWasProbablyMeant)
{
    const words known{"listen", "url", "registration", "bot", "prefix"};
    EXPECT_EQ(nearest("lisetn", known), "listen");
    EXPECT_EQ(nearest("listn", known), "listen");
    EXPECT_EQ(nearest("registraton", known), "registration");
    EXPECT_EQ(nearest("ulr", known), "url");
    EXPECT_EQ(nearest("pre_fix", known), "prefix");
}

TEST(Nearest, GuessesNothingFromAWordThatIsFarFromAll)
{
    EXPECT_EQ(nearest("colour", words{"listen", "url"}), "");
    EXPECT_EQ(nearest("ab", words{"xy"}), "");
    EXPECT_EQ(nearest("", words{"a"}), "");
    EXPECT_EQ(nearest("a", {}), "");
    EXPECT_EQ(nearest(std::string(100'000, 'a'), words{"a"}), "") << "nor spends time on a monster";
    EXPECT_EQ(instead_of("colour", words{"listen", "url"}), "there are: listen, url");
}

TEST(JsonReader, GivesWhatIsThereAndTheDefaultOfWhatIsNot)
{
    const auto from = json::parse(R"({"t":"x","n":5,"f":true,"l":["a","b"],"o":{"k":1},"nil":null})");
    json_reader in{from, "w"};
    EXPECT_EQ(in.text("t", "y"), "x");
    EXPECT_EQ(in.text("none", "y"), "y");
    EXPECT_EQ(in.text("nil", "y"), "y");
    EXPECT_EQ(in.needed_text("t"), "x");
    EXPECT_EQ(in.number("n", 1, 0, 9), 5);
    EXPECT_EQ(in.number("none", 1, 0, 9), 1);
    EXPECT_TRUE(in.flag("f", false));
    EXPECT_TRUE(in.flag("none", true));
    EXPECT_EQ(in.texts("l"), (words{"a", "b"}));
    EXPECT_EQ(in.texts("none"), words{});
    EXPECT_EQ(in.table("o"), json::parse(R"({"k":1})"));
    EXPECT_EQ(in.table("none"), json::object());
    EXPECT_NO_THROW(in.end());
}

TEST(JsonReader, ReadsNothingFromNull)
{
    const json none;
    json_reader in{none, "w"};
    EXPECT_EQ(in.text("t", "y"), "y");
    EXPECT_NO_THROW(in.end());
}

TEST(JsonReader, RefusesAKeyThatNobodyAskedForAndNamesTheNearest)
{
    const auto why = complaint(R"({"prot":1})", [](json_reader& in) {
        (void)in.number("port", 1, 1, 9);
        in.end();
    });
    EXPECT_THAT(why, AllOf(HasSubstr("networks.x.prot"), HasSubstr("did you mean 'port'?")));
}

TEST(JsonReader, RefusesWrongTypesWithARemedy)
{
    const auto text = [](json_reader& in) { (void)in.text("k", ""); };
    const auto needed = [](json_reader& in) { (void)in.needed_text("k"); };
    const auto number = [](json_reader& in) { (void)in.number("k", 1, 1, 10); };
    EXPECT_THAT(complaint(R"({"k":5})", text), HasSubstr("quotes"));
    EXPECT_THAT(complaint(R"({"k":[]})", text), HasSubstr("must be a text"));
    EXPECT_THAT(complaint(R"({})", needed), HasSubstr("networks.x.k: is missing"));
    EXPECT_THAT(complaint(R"({"k":""})", needed), HasSubstr("missing"));
    for (const char* bad :
         {R"({"k":"5"})", R"({"k":0})", R"({"k":11})", R"({"k":1.5})", R"({"k":18446744073709551615})"})
        EXPECT_THAT(complaint(bad, number), HasSubstr("whole number from 1 to 10")) << bad;
    EXPECT_THAT(
        complaint(R"({"k":"yes"})", [](json_reader& in) { (void)in.flag("k", true); }),
        HasSubstr("true or false")
    );
    EXPECT_THAT(complaint(R"({"k":"a"})", [](json_reader& in) { (void)in.texts("k"); }), HasSubstr("list"));
    EXPECT_THAT(
        complaint(R"({"k":[1]})", [](json_reader& in) { (void)in.texts("k"); }), HasSubstr("texts only")
    );
    EXPECT_THAT(complaint(R"({"k":[]})", [](json_reader& in) { (void)in.table("k"); }), HasSubstr("table"));
    EXPECT_THAT(complaint(R"([])", [](json_reader& in) { in.end(); }), HasSubstr("table"));
}

}  // namespace
}  // namespace rialto::json_keys_test
