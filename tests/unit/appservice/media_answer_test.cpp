#include "appservice/media_answer.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace rialto::matrix::media_answer_test {
namespace {

using testing::HasSubstr;
using what = byte_range::is;

struct text_source final : net::body_source
{
    std::string text;
    explicit text_source(std::string t) : text{std::move(t)} {}
    std::uint64_t size() const override { return text.size(); }
    std::string read(std::uint64_t from, std::size_t most) const override
    {
        return from < text.size() ? text.substr(static_cast<std::size_t>(from), most) : std::string{};
    }
};

http::response shown(const std::string& bytes, std::string_view name = "f.bin", std::string_view range = "")
{
    return media_answer(std::make_shared<text_source>(bytes), sniff(bytes), name, range);
}

std::string header(const http::response& r, std::string_view name)
{
    for (const auto& [n, value] : r.headers)
        if (n == name)
            return value;
    return "(none)";
}

std::tuple<what, std::uint64_t, std::uint64_t> range(std::string_view text, std::uint64_t size = 100)
{
    const auto r = range_of(text, size);
    return {r.what, r.first, r.length};
}

TEST(ByteRange, IsTheOneThatWasAskedFor)
{
    EXPECT_EQ(range("bytes=0-9"), std::tuple(what::part, 0, 10));
    EXPECT_EQ(range("bytes=90-"), std::tuple(what::part, 90, 10));
    EXPECT_EQ(range("bytes=90-900"), std::tuple(what::part, 90, 10));
    EXPECT_EQ(range("bytes=-10"), std::tuple(what::part, 90, 10));
    EXPECT_EQ(range("bytes=-1000"), std::tuple(what::part, 0, 100));
    EXPECT_EQ(range("bytes=99-99"), std::tuple(what::part, 99, 1));
    EXPECT_EQ(range("bytes=0-18446744073709551615"), std::tuple(what::part, 0, 100));
}

TEST(ByteRange, OfNothingIsRefused)
{
    for (const char* text : {"bytes=100-", "bytes=100-200", "bytes=-0"})
        EXPECT_EQ(range_of(text, 100).what, what::beyond) << text;
    EXPECT_EQ(range_of("bytes=0-", 0).what, what::beyond);
    EXPECT_EQ(range_of("bytes=-5", 0).what, what::beyond);
}

TEST(ByteRange, ThatMakesNoSenseIsTheWhole)
{
    for (const char* text :
         {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-1", "bytes=0-1,3-4", "bytes=+1-2",
          "lines=1-2", "bytes=99999999999999999999-", "bytes= 1-2"})
        EXPECT_EQ(range(text), std::tuple(what::whole, 0, 100)) << text;
}

TEST(MediaAnswer, ShowsPicturesAndSavesAllElse)
{
    const auto picture = shown("GIF89a........", "cat.gif");
    EXPECT_EQ(picture.content_type, "image/gif");
    EXPECT_THAT(header(picture, "Content-Disposition"), testing::StartsWith("inline;"));
    for (const std::string bytes : {"%PDF-1.7", "words", "\x01\x02"})
        EXPECT_THAT(header(shown(bytes), "Content-Disposition"), testing::StartsWith("attachment;"));
}

TEST(MediaAnswer, NeverIsAPageOfOurs)
{
    for (const std::string bytes : {"<html><script>x()</script>", "<svg onload='x()'/>", "GIF89a<script>"}) {
        const auto r = shown(bytes, "page.html");
        EXPECT_THAT(r.content_type, testing::Not(HasSubstr("html")));
        EXPECT_THAT(r.content_type, testing::Not(HasSubstr("svg")));
        EXPECT_EQ(header(r, "X-Content-Type-Options"), "nosniff");
        EXPECT_THAT(header(r, "Content-Security-Policy"), HasSubstr("sandbox"));
        EXPECT_THAT(header(r, "Content-Security-Policy"), HasSubstr("default-src 'none'"));
    }
}

TEST(MediaAnswer, ItsNameBreaksNoHeader)
{
    const auto value = header(shown("x", "a\"b\\c\r\nSet-Cookie: x\xC3\xA4.txt"), "Content-Disposition");
    EXPECT_EQ(value.find('\r'), value.npos);
    EXPECT_EQ(value.find('\n'), value.npos);
    EXPECT_EQ(std::count(value.begin(), value.end(), '"'), 2);
    EXPECT_THAT(value, HasSubstr("filename*=UTF-8''a%22b%5Cc%0D%0ASet-Cookie%3A%20x%C3%A4.txt"));
}

TEST(MediaAnswer, GivesTheRange)
{
    const auto r = shown("0123456789", "f", "bytes=2-4");
    EXPECT_EQ(r.status, 206u);
    EXPECT_EQ(header(r, "Content-Range"), "bytes 2-4/10");
    EXPECT_EQ(r.first, 2u);
    EXPECT_EQ(r.length, 3u);
    const auto none = shown("0123456789", "f", "bytes=10-");
    EXPECT_EQ(none.status, 416u);
    EXPECT_EQ(header(none, "Content-Range"), "bytes */10");
    EXPECT_FALSE(none.file);
    EXPECT_EQ(shown("0123456789").length, 10u);
}

TEST(MediaRefusal, SaysWhatToDo)
{
    EXPECT_EQ(media_refusal({verdict::give_up, cause::not_found, ""}).status, 404u);
    EXPECT_EQ(media_refusal({verdict::give_up, cause::away, ""}).status, 410u);
    EXPECT_EQ(media_refusal({verdict::try_later, cause::too_many, ""}).status, 429u);
    EXPECT_EQ(media_refusal({verdict::try_later, cause::away, ""}).status, 503u);
    EXPECT_EQ(media_refusal({verdict::give_up, cause::too_large, ""}).status, 404u);
    const auto r = media_refusal({verdict::try_later, cause::away, "secret inner workings"});
    EXPECT_EQ(r.body.find("secret"), r.body.npos);
    EXPECT_EQ(header(r, "X-Content-Type-Options"), "nosniff");
}

}  // namespace
}  // namespace rialto::matrix::media_answer_test
