#include "core/degrade.hpp"

#include <gmock/gmock.h>

namespace rialto::degrade_test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

abilities everything()
{
    abilities a;
    a.html = a.files = a.edits = a.old_edits = a.retractions = a.reactions = a.replies = a.threads =
        a.typing = a.receipts = true;
    return a;
}
reference to(std::string id, std::string name = "Romeo", std::string excerpt = "But soft!")
{
    reference r{message_id{std::move(id)}};
    r.author = user_id{"romeo@montague.example"};
    r.shown_as = std::move(name);
    r.excerpt = std::move(excerpt);
    return r;
}
event happened(happening what)
{
    event e{
        portal_id{room_id{"orchard"}}, person{user_id{"juliet"}, "Juliet"}, timestamp{}, message_id{"e1"},
        std::move(what)
    };
    e.also.emplace_back("other");
    e.lane = 7;
    e.past = e.again = true;
    e.only.emplace_back("nurse");
    return e;
}
std::vector<event> degraded(happening what, const abilities& able, const standing& now = standing{})
{
    auto r = degrade(happened(std::move(what)), able, now);
    EXPECT_TRUE(r);
    return r ? std::move(*r) : std::vector<event>{};
}
message only_message(const std::vector<event>& all)
{
    EXPECT_THAT(all, SizeIs(1));
    return all.size() == 1 && std::holds_alternative<message>(all[0].what) ? std::get<message>(all[0].what)
                                                                           : message{};
}
document bold(std::string text)
{
    return document{
        std::vector<block>{block{block::is::paragraph, std::vector<run>{run{std::move(text), mark::bold}}}}
    };
}

TEST(Degrade, ChangesNothingThatCanBeCarried)
{
    message m{bold("hi")};
    m.reply_to = to("m1");
    m.thread = to("m0");
    m.files.emplace_back("a.png", "image/png", media_id{"1"});
    for (const happening& what : std::vector<happening>{
             m, edit{to("m1"), m}, reactions{to("m1"), {"👍"}}, retraction{to("m1")}, typing{true},
             receipt{to("m1")}, membership{change::kick, user_id{"x"}}, role{user_id{"x"}, rank::admin},
             room_info{}, gone{"why"}
         }) {
        const auto all = degraded(what, everything());
        ASSERT_THAT(all, SizeIs(1));
        EXPECT_EQ(all[0], happened(what));
    }
}

TEST(Degrade, WritesPlainTextWhereFormattingIsUnknown)
{
    auto able = everything();
    able.html = false;
    EXPECT_EQ(only_message(degraded(message{bold("hi")}, able)).body, document{"hi"});
}

TEST(Degrade, MakesAnEditACorrectedMessage)
{
    auto able = everything();
    able.edits = false;
    const auto all = degraded(edit{to("m1"), message{bold("hi")}}, able);
    EXPECT_EQ(only_message(all).body.plain(), "(corrected) hi");
    EXPECT_EQ(only_message(all).body.blocks[0].runs[1].marks, mark::bold);
    EXPECT_EQ(all[0].id, message_id{"e1"});
}

TEST(Degrade, EditsOldMessagesOnlyWhereThatIsAllowed)
{
    auto able = everything();
    able.old_edits = false;
    standing now;
    EXPECT_TRUE(
        std::holds_alternative<edit>(degraded(edit{to("m1"), message{document{"a"}}}, able, now)[0].what)
    );
    now.latest = false;
    EXPECT_EQ(
        only_message(degraded(edit{to("m1"), message{document{"a"}}}, able, now)).body.plain(),
        "(corrected) a"
    );
}

TEST(Degrade, CorrectsAMessageTheFarSideNeverSaw)
{
    EXPECT_EQ(
        only_message(degraded(edit{to(""), message{document{"a"}}}, everything())).body.plain(),
        "(corrected) a"
    );
}

TEST(Degrade, DegradesTheNewTextOfAnEditToo)
{
    auto able = everything();
    able.html = false;
    const auto all = degraded(edit{to("m1"), message{bold("a")}}, able);
    EXPECT_TRUE(std::get<edit>(all.at(0).what).now.body.is_plain());
}

TEST(Degrade, SendsAnEditThatBecameTooLongAsACorrectedMessageInParts)
{
    auto able = everything();
    able.max_text = 20;
    const auto all = degraded(edit{to("m1"), message{document{"one two three four five"}}}, able);
    ASSERT_THAT(all, SizeIs(2));
    EXPECT_EQ(std::get<message>(all[0].what).body.plain(), "(corrected) one two");
}

TEST(Degrade, MakesAMessageOfEachFurtherFileWhereOneIsAllThatAMessageCarries)
{
    auto able = everything();
    able.one_file = true;
    message m{document{"three of them"}};
    m.reply_to = to("m1");
    for (const std::string name : {"a", "b", "c"}) {
        m.files.emplace_back();
        m.files.back().name = name;
    }
    const auto all = degraded(m, able);
    ASSERT_THAT(all, SizeIs(3));
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& part = std::get<message>(all[i].what);
        ASSERT_THAT(part.files, SizeIs(1));
        EXPECT_EQ(part.files[0].name, m.files[i].name);
        EXPECT_EQ(part.body.plain(), i == 0 ? "three of them" : "");
        EXPECT_EQ(part.reply_to.has_value(), i == 0);
    }
    EXPECT_EQ(all[2].id.value, all[0].id.value + "/3");
    able.one_file = false;
    EXPECT_THAT(degraded(m, able), SizeIs(1));
}

TEST(Degrade, QuotesWhatIsRepliedTo)
{
    auto able = everything();
    able.replies = false;
    message m{document{"hi"}};
    m.reply_to = to("m1");
    const auto got = only_message(degraded(m, able));
    EXPECT_EQ(got.body.plain(), "> Romeo: But soft!\nhi");
    EXPECT_FALSE(got.reply_to);
    m.reply_to = to("m1", "", "");
    EXPECT_EQ(only_message(degraded(m, able)).body.plain(), "(in reply to romeo@montague.example) hi");
    m.reply_to = reference{};
    EXPECT_EQ(only_message(degraded(m, able)).body.plain(), "hi");
}

TEST(Degrade, QuotesWhereTheFarSideDoesNotKnowTheMessage)
{
    message m{document{"hi"}};
    m.reply_to = to("");
    EXPECT_EQ(only_message(degraded(m, everything())).body.plain(), "> Romeo: But soft!\nhi");
}

TEST(Degrade, LetsAnEmoteBeginWithItsVerb)
{
    auto able = everything();
    able.replies = false;
    message m{document{"sighs"}};
    m.how = manner::emote;
    m.reply_to = to("m1");
    EXPECT_EQ(only_message(degraded(m, able)).body.plain(), "sighs (in reply to Romeo: “But soft!”)");
}

TEST(Degrade, QuotesOneShortLineThatCannotTurnTheRestRound)
{
    auto able = everything();
    able.replies = false;
    message m{document{"hi"}};
    m.reply_to = to("m1", "Ro\nmeo\u202E", "a\nb\u202E" + std::string(1000, 'x'));
    const auto text = only_message(degraded(m, able)).body.plain();
    EXPECT_THAT(text, testing::StartsWith("> Ro meo: a bxxx"));
    EXPECT_LT(text.size(), 300u);
}

TEST(Degrade, MakesAThreadAReply)
{
    auto able = everything();
    able.threads = false;
    message m{document{"hi"}};
    m.thread = to("m0");
    EXPECT_EQ(only_message(degraded(m, able)).reply_to, to("m0"));
    m.reply_to = to("m1");
    const auto got = only_message(degraded(m, able));
    EXPECT_EQ(got.reply_to, to("m1"));
    EXPECT_FALSE(got.thread);
}

TEST(Degrade, TellsOfNewReactionsInALine)
{
    auto able = everything();
    able.reactions = false;
    standing now;
    now.had = {"👍"};
    auto got = only_message(degraded(reactions{to("m1"), {"👍", "🎉", "mxc://h/x"}}, able, now));
    EXPECT_EQ(got.body.plain(), "reacted with 🎉 a picture");
    EXPECT_EQ(got.how, manner::emote);
    EXPECT_EQ(got.reply_to, to("m1"));
    able.replies = false;
    got = only_message(degraded(reactions{to("m1"), {"🎉"}}, able));
    EXPECT_EQ(got.body.plain(), "reacted with 🎉 to Romeo: “But soft!”");
}

TEST(Degrade, IsSilentWhenAReactionIsTakenAway)
{
    auto able = everything();
    able.reactions = false;
    EXPECT_THAT(degraded(reactions{to("m1"), {}}, able), IsEmpty());
}

TEST(Degrade, SaysThatNothingCanBeTakenBack)
{
    auto able = everything();
    EXPECT_EQ(degrade(happened(retraction{to("")}), able).error().kind, cause::not_found);
    able.retractions = false;
    const auto r = degrade(happened(retraction{to("m1")}), able);
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().next, verdict::unsupported);
    EXPECT_FALSE(r.error().why.empty());
}

TEST(Degrade, DropsHintsWithoutAWord)
{
    EXPECT_THAT(degraded(typing{true}, abilities{}), IsEmpty());
    EXPECT_THAT(degraded(receipt{to("m1")}, abilities{}), IsEmpty());
}

TEST(Degrade, SendsFilesAsLinks)
{
    auto able = everything();
    able.files = false;
    message m{document{"look"}};
    m.files.emplace_back("a\n.png", "image/png", media_id{"1"});
    m.files.emplace_back("", "", media_id{"2"});
    m.files[0].size = 1'234'567;
    auto e = happened(m);
    const auto wanted = files_to_link(e, able);
    ASSERT_THAT(wanted, SizeIs(2));
    wanted[0]->url = "https://media.example/1";
    auto got = degrade(std::move(e), able);
    ASSERT_TRUE(got);
    EXPECT_EQ(
        only_message(*got).body.plain(),
        "look\n\na .png, 1.2 MB (https://media.example/1)\n\nfile (cannot be shown here)"
    );
    EXPECT_THAT(only_message(*got).files, IsEmpty());
}

TEST(Degrade, LinksOnlyTheFilesThatAreTooBig)
{
    auto able = everything();
    able.max_file = 1000;
    message m;
    m.files.emplace_back("small", "", media_id{"1"});
    m.files.emplace_back("big", "", media_id{"2"});
    m.files[0].size = 1000;
    m.files[1].size = 1001;
    auto e = happened(edit{to("m1"), m});
    EXPECT_THAT(files_to_link(e, able), SizeIs(1));
    const auto got = only_message(degraded(m, able));
    EXPECT_THAT(got.files, SizeIs(1));
    EXPECT_EQ(got.body.plain(), "big, 1.0 kB (cannot be shown here)");
}

TEST(Degrade, SendsALongTextInParts)
{
    auto able = everything();
    able.max_text = 20;
    message m{document{"one two three four five six seven eight nine ten"}};
    m.reply_to = to("m1");
    m.thread = to("m0");
    m.how = manner::emote;
    m.mentions.emplace_back("nurse");
    const auto all = degraded(m, able);
    ASSERT_THAT(all, SizeIs(3));
    EXPECT_EQ(all[0].id, message_id{"e1"});
    EXPECT_EQ(all[1].id, message_id{"e1/2"});
    EXPECT_EQ(all[2].id, message_id{"e1/3"});
    EXPECT_THAT(all[0].also, SizeIs(1));
    EXPECT_THAT(all[1].also, IsEmpty());
    const auto &first = std::get<message>(all[0].what), &second = std::get<message>(all[1].what);
    EXPECT_TRUE(first.reply_to);
    EXPECT_THAT(first.mentions, SizeIs(1));
    EXPECT_EQ(first.how, manner::emote);
    EXPECT_FALSE(second.reply_to);
    EXPECT_THAT(second.mentions, IsEmpty());
    EXPECT_EQ(second.how, manner::say);
    EXPECT_EQ(second.thread, to("m0"));
    EXPECT_EQ(all[1].lane, 7);
    EXPECT_TRUE(all[1].past && all[1].again);
    EXPECT_THAT(all[1].only, SizeIs(1));
}

TEST(Degrade, RefusesATextThatWouldBeAFlood)
{
    auto able = everything();
    able.max_text = 1;
    const auto r = degrade(happened(message{document{std::string(16 * 33, 'x')}}), able);
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().next, verdict::give_up);
    EXPECT_EQ(r.error().kind, cause::too_large);
}

TEST(Degrade, LeavesSomethingToReadWhereNothingIsUnderstood)
{
    message m{bold("hi")};
    m.thread = to("m0");
    m.files.emplace_back("f", "", media_id{"1"});
    EXPECT_EQ(
        only_message(degraded(edit{to("m1"), m}, abilities{})).body,
        document{"> Romeo: But soft!\n(corrected) hi\n\nf (cannot be shown here)"}
    );
}

}  // namespace
}  // namespace rialto::degrade_test
