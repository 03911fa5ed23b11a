#include "core/media_sniff.hpp"

#include <gtest/gtest.h>

#include <random>

namespace rialto::media_sniff_test {
namespace {

using namespace std::string_literals;

std::string png(std::uint32_t width, std::uint32_t height)
{
    auto out = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR"s;
    for (const auto n : {width, height})
        for (int shift = 24; shift >= 0; shift -= 8)
            out += static_cast<char>(n >> static_cast<unsigned>(shift));
    return out + "\x08\x06\0\0\0"s;
}

TEST(Sniff, MeasuresPictures)
{
    const std::pair<std::string, const char*> pictures[] = {
        {png(640, 480), "image/png"},
        {"GIF89a\x80\x02\xE0\x01"s, "image/gif"},
        {"\xFF\xD8\xFF\xE0\0\x04xx\xFF\xC0\0\x11\x08\x01\xE0\x02\x80\x03"s, "image/jpeg"},
        {"RIFF....WEBPVP8X\x0A\0\0\0\0\0\0\0\x7F\x02\0\xDF\x01\0"s, "image/webp"},
        {"RIFF....WEBPVP8 ....\0\0\0\x9D\x01\x2A\x80\x02\xE0\x01"s, "image/webp"},
        {"RIFF....WEBPVP8L....\x2F\x7F\xC2\x77\0\0"s, "image/webp"},
    };
    for (const auto& [bytes, mime] : pictures) {
        const auto k = sniff(bytes);
        EXPECT_EQ(k.mime, mime);
        EXPECT_EQ(k.shown, file::as::image) << mime;
        EXPECT_EQ(k.width, 640u) << mime << bytes.substr(8, 8);
        EXPECT_EQ(k.height, 480u) << mime;
    }
}

TEST(Sniff, KnowsSoundAndFilm)
{
    const std::pair<std::string, const char*> all[] = {
        {"\0\0\0\x18"s + "ftypisom....", "video/mp4"},
        {"\0\0\0\x18"s + "ftypM4A ....", "audio/mp4"},
        {"\0\0\0\x18"s + "ftypqt  ....", "video/quicktime"},
        {"\x1A\x45\xDF\xA3 ... webm"s, "video/webm"},
        {"\x1A\x45\xDF\xA3 ... matroska"s, "video/x-matroska"},
        {"OggS...OpusHead"s, "audio/ogg"},
        {"OggS...\x80theora"s, "video/ogg"},
        {"ID3\x04"s, "audio/mpeg"},
        {"\xFF\xFB\x90\x64"s, "audio/mpeg"},
        {"fLaC\0"s, "audio/flac"},
        {"RIFF....WAVEfmt "s, "audio/wav"},
    };
    for (const auto& [bytes, mime] : all) {
        EXPECT_EQ(sniff(bytes).mime, mime);
        EXPECT_NE(sniff(bytes).shown, file::as::file) << mime;
    }
}

TEST(Sniff, ShowsNothingInPlaceThatCouldBeAPage)
{
    for (const std::string bytes :
         {"<html>", "  \n<!DOCTYPE html>", "<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
          "\xEF\xBB\xBF<a>", "<?xml version='1.0'?><svg/>", "%PDF-1.7", "just words", "PK\x03\x04", "",
          "\x01\x02\x03", "GIF8", "RIFF", "OggS",
          "\x7F"
          "ELF"})
        EXPECT_EQ(sniff(bytes).shown, file::as::file) << bytes;
    EXPECT_EQ(sniff("<svg/>").mime, "text/html");
}

TEST(Sniff, TakesAnyBytes)
{
    std::mt19937 luck{4};
    const std::string heads[] = {"",        "\xFF\xD8\xFF",      "RIFF....WEBPVP8L", "RIFF....WEBPVP8X",
                                 "GIF89a",  "\x89PNG\r\n\x1A\n", "....ftyp",         "OggS",
                                 "\xFF\xFB"};
    for (int i = 0; i < 20'000; ++i) {
        auto bytes = heads[luck() % std::size(heads)];
        for (auto n = luck() % 64; n > 0; --n)
            bytes += static_cast<char>(luck() % 4 == 0 ? 0xFF : luck());
        EXPECT_FALSE(sniff(bytes).mime.empty());
    }
}

TEST(Sniff, BelievesNoAbsurdSize)
{
    EXPECT_EQ(sniff(png(4'000'000'000u, 1)).width, 0u);
    EXPECT_EQ(sniff(png(0, 10)).height, 0u);
}

file claimed(std::string mime, file::as shown)
{
    file f{"f", std::move(mime), media_id{}};
    f.shown = shown;
    f.size = 999;
    f.width = 7;
    f.height = 7;
    return f;
}

TEST(SettleKind, BytesOverruleClaims)
{
    auto f = claimed("image/png", file::as::image);
    settle_kind(f, sniff("<html>pretends to be a picture"), 30);
    EXPECT_EQ(f.shown, file::as::file);
    EXPECT_EQ(f.mime, "text/html");
    EXPECT_EQ(f.size, 30u);
    EXPECT_EQ(f.width, 0u);
}

TEST(SettleKind, AClaimStaysWhereBytesSayNothing)
{
    auto f = claimed("application/vnd.ms-excel", file::as::file);
    settle_kind(f, sniff("\x01\x02"), 2);
    EXPECT_EQ(f.mime, "application/vnd.ms-excel");
    auto unknown = claimed("video/mp4", file::as::video);
    settle_kind(unknown, sniff("\x01\x02"), 2);
    EXPECT_EQ(unknown.mime, "application/octet-stream");
    EXPECT_EQ(unknown.shown, file::as::file);
}

TEST(SettleKind, StickersAndVoicesStayWhatTheyAre)
{
    auto f = claimed("image/webp", file::as::sticker);
    settle_kind(f, sniff(png(2, 3)), 30);
    EXPECT_EQ(f.shown, file::as::sticker);
    EXPECT_EQ(f.mime, "image/png");
    EXPECT_EQ(f.width, 2u);
    auto v = claimed("", file::as::voice);
    settle_kind(v, sniff("OggS..OpusHead"), 30);
    EXPECT_EQ(v.shown, file::as::voice);
}

}  // namespace
}  // namespace rialto::media_sniff_test
