#include "bridges/xmpp/mam.hpp"
#include "core/clock.hpp"
#include "tests/unit/xmpp/tree.hpp"

#include <gmock/gmock.h>

namespace rialto::xmpp::mam_test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Cursor, ReadsWhatItWrote)
{
    const cursor c{"1774 with space", from_ms(1'774'000'000'123)};
    EXPECT_EQ(read_cursor(to_text(c)), c);
    EXPECT_EQ(read_cursor(to_text(cursor{"", from_ms(5)})), (cursor{"", from_ms(5)}));
    for (const auto* bad : {"", "x", "12", "-4 a", "12x a", " a"})
        EXPECT_TRUE(read_cursor(bad).empty()) << bad;
}

TEST(ArchiveQuery, GoesOnAfterARowOrSinceATime)
{
    const auto after = archive_query("q1", "id<1", from_ms(0));
    parse(after);
    EXPECT_THAT(after, HasSubstr("<query xmlns='urn:xmpp:mam:2' queryid='q1'>"));
    EXPECT_THAT(after, HasSubstr("<after>id&lt;1</after>"));
    EXPECT_THAT(after, Not(HasSubstr("jabber:x:data"))) << "the row says it exactly, the time only nearly";
    const auto since = archive_query("q1", "", from_ms(1000));
    EXPECT_THAT(since, HasSubstr("<field var='start'><value>1970-01-01T00:00:01.000Z</value></field>"));
    EXPECT_THAT(
        since, HasSubstr("<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>")
    );
    EXPECT_THAT(since, Not(HasSubstr("<after")));
    EXPECT_THAT(archive_newest("q2"), HasSubstr("<max>1</max><before/>"));
}

TEST(ArchiveRow, IsReadAsEjabberdSendsIt)
{
    const auto tree = parse(
        "<message to='bot@bridge.example/rialto' from='orchard@muc.example'><result xmlns='urn:xmpp:mam:2' "
        "queryid='q1' id='1774'>"
        "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' "
        "from='orchard@muc.example/romeo' type='groupchat' id='m1'>"
        "<body>hi</body></message><delay xmlns='urn:xmpp:delay' from='orchard@muc.example' "
        "stamp='2026-11-23T03:20:00.123456Z'/>"
        "</forwarded></result></message>"
    );
    const auto row = read_row(tree.root());
    ASSERT_TRUE(row);
    EXPECT_EQ(row->id, "1774");
    EXPECT_EQ(row->query_id, "q1");
    ASSERT_NE(row->message, nullptr);
    EXPECT_EQ(row->message->attr("from"), "orchard@muc.example/romeo");
    EXPECT_TRUE(row->stamp);
    EXPECT_FALSE(read_row(parse("<message><body>x</body></message>").root()));
    EXPECT_EQ(
        read_row(parse("<message><result xmlns='urn:xmpp:mam:2' id='1'/></message>").root())->message, nullptr
    );
}

TEST(ArchiveEnd, GoesOnOnlyWhereThereIsARowToGoOnFrom)
{
    const auto end_of = [](std::string_view fin) {
        const auto tree = parse(fin);
        return read_fin(&tree.root());
    };
    const auto more = parse(
        "<fin xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><first "
        "index='0'>1</first><last>9</last><count>20</count></set></fin>"
    );
    ASSERT_TRUE(read_fin(&more.root()));
    EXPECT_FALSE(read_fin(&more.root())->complete);
    EXPECT_EQ(read_fin(&more.root())->last, "9");
    EXPECT_TRUE(end_of("<fin xmlns='urn:xmpp:mam:2' complete='true'><set "
                       "xmlns='http://jabber.org/protocol/rsm'><last>9</last></set></fin>")
                    ->complete);
    EXPECT_TRUE(end_of("<fin xmlns='urn:xmpp:mam:2'/>")->complete);
    EXPECT_FALSE(end_of("<query xmlns='urn:xmpp:mam:2'/>"));
    EXPECT_FALSE(read_fin(nullptr));
}

}  // namespace
}  // namespace rialto::xmpp::mam_test
