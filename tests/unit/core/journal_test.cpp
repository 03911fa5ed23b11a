#include "core/journal.hpp"

#include "core/journal_fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rialto::journal_test {
namespace {

event said(happening what)
{
    event e{
        portal_id{room_id{"orchard@muc.example"}, account_id{"romeo"}},
        person{user_id{"romeo@montague.example"}, "Romeo"},
        timestamp{std::chrono::microseconds{1'700'000'000'123'456}}, message_id{"m1"}, std::move(what)
    };
    return e;
}

document rich()
{
    document d;
    block title{block::is::heading};
    title.level = 2;
    title.runs.emplace_back("But soft!", std::uint8_t{mark::bold | mark::spoiler});
    block code{block::is::code};
    code.language = "c++";
    code.runs.emplace_back("int i;\n\"\\\x01");
    block item{block::is::item}, list{block::is::numbers}, quote{block::is::quote};
    item.inside.push_back(code);
    list.level = 7;
    list.inside.push_back(item);
    quote.inside.push_back(list);
    run link{"light"};
    link.link = "https://window.example/";
    link.mention = "juliet@capulet.example";
    block last;
    last.runs.push_back(link);
    d.blocks = {title, quote, block{block::is::rule}, last};
    return d;
}

message full_message()
{
    message m{rich()};
    m.how = manner::emote;
    m.subject = "balcony";
    file f{"moon.png", "image/png", media_id{"media1"}};
    f.size = 1ULL << 40;
    f.shown = file::as::image;
    f.width = 640, f.height = 480, f.millis = 9, f.in_body = true, f.url = "https://x.example/";
    m.files = {f, file{}};
    m.reply_to = reference{message_id{"m0"}};
    m.reply_to->also = {message_id{"m0a"}, message_id{"m0b"}};
    m.reply_to->author = user_id{"juliet@capulet.example"};
    m.reply_to->excerpt = "ay me";
    m.thread = reference{};
    m.mentions = {user_id{"a"}, user_id{""}};
    return m;
}

room full_room()
{
    room r{kind::mailbox};
    r.info.title = "";
    r.info.topic = "t";
    r.info.avatar = media_id{};
    r.info.members_only = false;
    r.info.moderated = true;
    r.info.listed = false;
    r.info.history_open = true;
    r.able.html = r.able.files = r.able.edits = r.able.old_edits = r.able.retractions = r.able.reactions =
        true;
    r.able.replies = r.able.threads = r.able.typing = r.able.receipts = r.able.hosts = true;
    r.able.max_text = 0;
    r.able.max_file = std::numeric_limits<std::uint64_t>::max() - 1;
    r.able.in_flight = 8;
    r.able.hold = std::chrono::seconds{30};
    r.members = {member{person{user_id{"a"}, "A"}, rank::owner, true}, member{}};
    r.complete = true;
    r.as_of = 77;
    return r;
}

profile full_profile()
{
    profile p{"Romeo"};
    p.avatar = media_id{"m"};
    p.avatar_hash = "0abc";
    return p;
}

// One value of each alternative, with every member away from its default.
std::vector<happening> all_of_them()
{
    retraction taken{reference{message_id{"m"}}};
    taken.reason = "spam";
    receipt got{reference{message_id{"m"}}};
    got.read = false;
    gone away{"destroyed"};
    away.moved_to = room_id{"new@muc.example"};
    report failed{reference{message_id{"m"}}, user_id{"u"}, fate::failed};
    failed.why = failure{verdict::unsupported, cause::away, "nobody home"};
    failed.why->after = std::chrono::seconds{12};
    failed.why->certain = false;
    room_info info;
    info.topic = "only this";
    return {
        full_message(),
        edit{reference{message_id{"m"}}, full_message()},
        taken,
        reactions{reference{message_id{"m"}}, {"👍", "❤️"}},
        got,
        typing{true},
        presence{availability::busy, "reading"},
        contact{user_id{"u"}, bond::ended},
        membership{change::unban, user_id{"u"}, "forgiven"},
        role{user_id{"u"}, rank::moderator},
        info,
        full_room(),
        full_profile(),
        away,
        failed
    };
}

TEST(Journal, BringsBackEveryHappeningAsItWas)
{
    const auto all = all_of_them();
    ASSERT_EQ(all.size(), std::variant_size_v<happening>);
    for (std::size_t i = 0; i < all.size(); ++i) {
        ASSERT_EQ(all[i].index(), i);
        const auto e = said(all[i]);
        const auto back = from_payload(to_payload(e));
        ASSERT_TRUE(back) << back.error().why << " " << to_payload(e);
        EXPECT_EQ(*back, e) << to_payload(e);
    }
}

TEST(Journal, BringsBackEveryMemberOfTheEvent)
{
    auto e = said(message{document{"hi"}});
    e.also = {message_id{"x"}, message_id{"y"}};
    e.lane = -5;
    e.past = e.again = true;
    e.only = {user_id{"u"}};
    const auto back = from_payload(to_payload(e));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, e);
}

TEST(Journal, BringsBackWhatIsEmpty)
{
    const std::vector<happening> blank{message{},   edit{},     retraction{}, reactions{},  receipt{},
                                       typing{},    presence{}, contact{},    membership{}, role{},
                                       room_info{}, room{},     profile{},    gone{},       report{}};
    for (const auto& what : blank) {
        event e;
        e.what = what;
        const auto back = from_payload(to_payload(e));
        ASSERT_TRUE(back) << to_payload(e);
        EXPECT_EQ(*back, e);
    }
}

TEST(Journal, LeavesOutWhatHasItsDefaultValue)
{
    EXPECT_EQ(to_payload(event{}), "{}");  // a message that says nothing is the default too
    const auto e = said(receipt{reference{message_id{"m"}}});
    EXPECT_THAT(to_payload(e), testing::Not(testing::HasSubstr("\"read\"")));
}

TEST(Journal, KeepsTheDifferenceBetweenUnchangedAndEmpty)
{
    room_info info;
    info.title = "";
    const auto back = from_payload(to_payload(said(info)));
    ASSERT_TRUE(back);
    EXPECT_TRUE(std::get<room_info>(back->what).title);
    EXPECT_FALSE(std::get<room_info>(back->what).topic);
}

template <class E>
bool words_are_distinct_and_complete(std::size_t count)
{
    std::size_t next = 0;
    for (const auto& [value, text] : journal::words_of<E>)
        if (static_cast<std::size_t>(value) != next++ || text.empty())
            return false;
    return next == count;
}

TEST(Journal, HasAWordForEveryEnumerator)
{
    EXPECT_TRUE(words_are_distinct_and_complete<manner>(3));
    EXPECT_TRUE(words_are_distinct_and_complete<kind>(3));
    EXPECT_TRUE(words_are_distinct_and_complete<rank>(5));
    EXPECT_TRUE(words_are_distinct_and_complete<change>(7));
    EXPECT_TRUE(words_are_distinct_and_complete<bond>(4));
    EXPECT_TRUE(words_are_distinct_and_complete<availability>(4));
    EXPECT_TRUE(words_are_distinct_and_complete<fate>(5));
    EXPECT_TRUE(words_are_distinct_and_complete<file::as>(6));
    EXPECT_TRUE(words_are_distinct_and_complete<verdict>(3));
    EXPECT_TRUE(words_are_distinct_and_complete<cause>(11));
    EXPECT_TRUE(words_are_distinct_and_complete<block::is>(8));
}

TEST(Journal, ReadsWhatAnEarlierReleaseWrote)  // never change this text: it lies on people's disks
{
    const auto back = from_payload(
        R"({"at":1700000000123456000,"id":"m1","portal":{"account":"a","room":"r"},"sender":{"id":"u","name":"U"},)"
        R"("what":{"message":{"body":[{"is":"paragraph","runs":[{"marks":1,"text":"hi"}]}],"how":"emote"}}})"
    );
    ASSERT_TRUE(back);
    message m;
    m.how = manner::emote;
    m.body.blocks.emplace_back();
    m.body.blocks.back().runs.emplace_back("hi", mark::bold);
    const event e{
        portal_id{room_id{"r"}, account_id{"a"}}, person{user_id{"u"}, "U"},
        timestamp{std::chrono::microseconds{1'700'000'000'123'456}}, message_id{"m1"}, m
    };
    EXPECT_EQ(*back, e);
}

TEST(Journal, RefusesWhatItCannotReadWithoutThrowing)
{
    const char* const bad[] = {
        "",
        "nonsense",
        "[]",
        "null",
        "3",
        "{",
        R"({"at":"now"})",
        R"({"what":{}})",
        R"({"what":3})",
        R"({"what":{"dance":{}}})",
        R"({"what":{"message":{},"typing":{}}})",
        R"({"what":{"message":[]}})",
        R"({"what":{"message":{"how":"sing"}}})",
        R"({"what":{"message":{"how":1}}})",
        R"({"what":{"message":{"body":{}}}})",
        R"({"what":{"message":{"body":[3]}}})",
        R"({"what":{"message":{"body":[{"is":"table"}]}}})",
        R"({"what":{"message":{"body":[{"colour":1}]}}})",
        R"({"what":{"message":{"body":[{"inside":{}}]}}})",
        R"({"what":{"message":{"body":[{"level":-1}]}}})",
        R"({"what":{"message":{"body":[{"runs":[{"marks":256}]}]}}})",
        R"({"what":{"message":{"mentions":"all"}}})",
        R"({"what":{"typing":{"active":1}}})",
        R"({"what":{"message":{"subject":null}}})",
        R"({"lane":1e9})",
        R"({"lane":18446744073709551615})",
        R"({"future":1})",
        "{\"id\":\"\xff\"}"
    };
    for (const auto* text : bad) {
        const auto back = from_payload(text);
        ASSERT_FALSE(back) << text;
        EXPECT_EQ(back.error().next, verdict::give_up) << text;
        EXPECT_EQ(back.error().kind, cause::malformed) << text;
    }
    EXPECT_FALSE(from_state("[]"));
}

TEST(Journal, SurvivesTextThatIsNestedAHundredThousandDeep)
{
    EXPECT_FALSE(from_payload(std::string(100'000, '[')));
    EXPECT_FALSE(from_payload(std::string(100'000, '[') + std::string(100'000, ']')));
    std::string deep = R"({"what":{"message":{"body":[)";
    for (int i = 0; i < 10'000; ++i)
        deep += R"({"inside":[)";
    for (int i = 0; i < 10'000; ++i)
        deep += "]}";
    EXPECT_FALSE(from_payload(deep + "]}}}"));
}

block nested(int depth)
{
    block b;
    b.runs.emplace_back("inmost");
    for (int i = 1; i < depth; ++i) {
        block outer{block::is::quote};
        outer.inside.push_back(std::move(b));
        b = std::move(outer);
    }
    return b;
}

TEST(Journal, KeepsTheTextOfBlocksThatAreNestedTooDeepButNotTheirShape)
{
    message m;
    m.body.blocks = {nested(deepest_block)};
    const auto same = from_payload(to_payload(said(m)));
    ASSERT_TRUE(same);
    EXPECT_EQ(std::get<message>(same->what), m);

    m.body.blocks = {nested(deepest_block + 50)};
    const auto back = from_payload(to_payload(said(m)));
    ASSERT_TRUE(back);
    const block* inmost = &std::get<message>(back->what).body.blocks.front();
    while (!inmost->inside.empty())
        inmost = &inmost->inside.front();
    ASSERT_EQ(inmost->runs.size(), 1U);
    EXPECT_EQ(inmost->runs.front().text, "inmost");
}

TEST(Journal, ReplacesBytesThatAreNoUtf8SoThatTheItemCanBeReadAgain)
{
    const auto back = from_payload(to_payload(said(membership{change::kick, user_id{"u"}, "a\xff\xc3(z"})));
    ASSERT_TRUE(back);
    EXPECT_EQ(std::get<membership>(back->what).reason, "a\xef\xbf\xbd\xef\xbf\xbd(z");
}

TEST(Journal, KeepsNulAndControlCharacters)
{
    const std::string odd{"a\0b\x1f\x7f\n", 6};
    const auto back = from_payload(to_payload(said(gone{odd})));
    ASSERT_TRUE(back);
    EXPECT_EQ(std::get<gone>(back->what).why, odd);
}

TEST(Journal, BringsBackTheStateOfARoom)
{
    for (const auto& r : {full_room(), room{}, room{kind::direct}}) {
        const auto back = from_state(to_state(r));
        ASSERT_TRUE(back) << back.error().why;
        EXPECT_EQ(*back, r);
    }
}

}  // namespace
}  // namespace rialto::journal_test
