#include "core/media_link.hpp"

#include "core/clock.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace rialto::media_link_test {
namespace {

constexpr std::string_view secret = "the secret of this bridge";

media_link moon()
{
    media_link out;
    out.portal = 77;
    out.tag = link_tag("$event");
    out.source = "mxc://hs.example/AbC-1_";
    out.name = "moon.png";
    out.until = 2'000'000;
    return out;
}

timestamp at(std::int64_t seconds) { return timestamp{std::chrono::seconds{seconds}}; }

TEST(MediaLink, IsReadAsItWasWritten)
{
    const auto path = write_link(moon(), secret);
    EXPECT_TRUE(path.starts_with("/_rialto/media/")) << path;
    EXPECT_TRUE(path.ends_with("/moon.png")) << "clients tell a picture by the end of its address: " << path;
    const auto read = read_link(path, secret, at(1'999'999));
    ASSERT_TRUE(read) << read.error().why;
    EXPECT_EQ(*read, moon());
}

TEST(MediaLink, EndsAndSaysSo)
{
    const auto read = read_link(write_link(moon(), secret), secret, at(2'000'000));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, cause::away);
}

TEST(MediaLink, IsWorthNothingWhenAnyByteIsAnother)
{
    const auto path = write_link(moon(), secret);
    for (std::size_t i = 0; i < path.size(); ++i)
        for (const char c : {'0', 'A', 'z', '/', '-', '%'}) {
            auto forged = path;
            if (forged[i] == c)
                continue;
            forged[i] = c;
            const auto read = read_link(forged, secret, at(1));
            ASSERT_FALSE(read) << forged;
            EXPECT_EQ(read.error().kind, cause::not_found) << "an ended link is told from a forged one";
        }
    for (std::size_t size = 0; size < path.size(); ++size)
        EXPECT_FALSE(read_link(path.substr(0, size), secret, at(1))) << size;
    EXPECT_FALSE(read_link(path + "x", secret, at(1)));
    EXPECT_FALSE(read_link(path + "/x", secret, at(1)));
    EXPECT_FALSE(read_link(path, "another secret", at(1)));
    EXPECT_FALSE(read_link("/_rialto/media/" + std::string(5'000, '/'), secret, at(1)));
}

TEST(MediaLink, PartsDoNotFlowIntoEachOther)
{
    auto one = moon(), other = moon();
    one.tag = "ab", one.source = "c";
    other.tag = "a", other.source = "bc";
    const auto mac = [](const media_link& l) { return write_link(l, secret).substr(link_path.size(), 22); };
    EXPECT_NE(mac(one), mac(other));
}

TEST(MediaLink, ItsNameCannotLeaveItsPlace)
{
    for (const std::string& name : std::vector<std::string>{
             "../../etc/passwd", "..", ".", "", "a\\b", "a/b", "a\r\nb", std::string{"nul\0x", 5}
         }) {
        auto link = moon();
        link.name = name;
        const auto path = write_link(link, secret);
        EXPECT_EQ(std::count(path.begin(), path.end(), '/'), 8) << path;
        EXPECT_EQ(path.find("/../"), path.npos) << path;
        EXPECT_FALSE(path.ends_with("/..") || path.ends_with("/.")) << path;
    }
}

TEST(MediaLink, ALongNameKeepsItsEnding)
{
    auto link = moon();
    link.name = std::string(300, 'x') + ".jpeg";
    const auto path = write_link(link, secret);
    EXPECT_TRUE(path.ends_with(".jpeg"));
    EXPECT_LT(path.size(), 400u);
    EXPECT_FALSE(read_link(path, secret, at(1))) << "as it stands on the wire the … is encoded";
}

TEST(MediaLink, NamesMessagesWithoutTellingTheirIds)
{
    EXPECT_EQ(link_tag("$a"), link_tag("$a"));
    EXPECT_NE(link_tag("$a"), link_tag("$b"));
    EXPECT_EQ(link_tag("$a").find("$a"), std::string::npos);
    EXPECT_NE(revoked_note(link_tag("$a")), revoked_note(link_tag("$b")));
}

TEST(MediaClaim, IsReadAsItWasWritten)
{
    const media_claim claim{4'711, "$event", "mxc://hs/a"};
    EXPECT_EQ(read_claim(to_media_id(claim)), claim);
}

TEST(MediaClaim, IsNothingElse)
{
    for (const char* id :
         {"", "mxc://hs/a", "1", "1\n$e", "1\n$e\n", "x\n$e\nmxc://hs/a", "-1\n$e\nmxc://hs/a",
          "01\n$e\nmxc://hs/a"})
        EXPECT_FALSE(read_claim(media_id{id})) << id;
}

TEST(MediaClaim, IsMadeOnceForEachFileOfAMessageOrEdit)
{
    message m;
    m.files.emplace_back("a", "", media_id{"mxc://hs/a"});
    m.files.emplace_back("b", "", media_id{});
    happening said = m;
    claim_files(said, 5, "$1");
    claim_files(said, 6, "$2");
    const auto& files = std::get<message>(said).files;
    EXPECT_EQ(read_claim(files[0].bytes), (media_claim{5, "$1", "mxc://hs/a"}));
    EXPECT_TRUE(files[1].bytes.empty());
    happening changed = edit{reference{message_id{"$1"}}, m};
    claim_files(changed, 5, "$1");
    EXPECT_TRUE(read_claim(std::get<edit>(changed).now.files[0].bytes));
    happening other = typing{true};
    claim_files(other, 5, "$1");
}

}  // namespace
}  // namespace rialto::media_link_test
