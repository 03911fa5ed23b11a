#include "appservice/media_intake.hpp"
#include "tests/unit/appservice/media_kit.hpp"

#include <nlohmann/json.hpp>

namespace rialto::matrix::media_intake_test {
namespace {

constexpr const char* upload = "http://hs/_matrix/media/v3/upload";

struct Intake : Media
{
    net::origins own{"http://upload.own:5280"};
    media_intake intake{api, net::guarded_fetch{http, http, own}, spool, 1'000};
    Intake() { http.pages[upload] = net::http_reply{200, R"({"content_uri":"mxc://hs/new"})"}; }

    static message with(const std::string& url, file f = file{"cat.jpg", "image/jpeg", media_id{}})
    {
        f.url = url;
        f.shown = file::as::image;
        message m;
        m.files.push_back(std::move(f));
        return m;
    }
    file bring(message m, const std::string& key = "key")
    {
        auto got = get(intake.bring(std::move(m), "@ghost:hs", key));
        EXPECT_TRUE(got) << got.error().why;
        return got ? got->files.front() : file{};
    }
    void stays(const std::string& url)
    {
        const auto f = bring(with(url));
        EXPECT_EQ(f.url, url);
        EXPECT_TRUE(f.bytes.empty());
        EXPECT_EQ(http.times("/v3/upload"), 0u) << url;
        EXPECT_EQ(spool.used(), 0u);
    }
};

TEST_F(Intake, BringsAFileAsWhatItsBytesAre)
{
    http.pages["https://far.example/cat.jpg"] = net::http_reply{200, "GIF89a\x02\1\x03\1...."};
    const auto f = bring(with("https://far.example/cat.jpg"));
    EXPECT_EQ(f.bytes.value, "mxc://hs/new");
    EXPECT_EQ(f.url, "");
    EXPECT_EQ(f.mime, "image/gif");
    EXPECT_EQ(f.shown, file::as::image);
    EXPECT_EQ(f.width, 258u);
    EXPECT_EQ(f.size, 14u);
    EXPECT_EQ(f.name, "cat.jpg");
    const auto& sent = http.asked.back();
    EXPECT_EQ(sent.method, "POST");
    EXPECT_NE(sent.url.find("filename=cat.jpg"), sent.url.npos);
    EXPECT_NE(sent.url.find("user_id=%40ghost%3Ahs"), sent.url.npos);
    EXPECT_EQ(http.bodies.back(), "GIF89a\x02\1\x03\1....");
    EXPECT_EQ(spool.used(), 0u) << "nothing is kept";
    EXPECT_TRUE(http.asked.front().headers.empty()) << "a stranger's server gets no token";
}

TEST_F(Intake, APageThatIsCalledAPictureIsAFile)
{
    http.pages["https://far.example/cat.jpg"] = net::http_reply{200, "<html>"};
    const auto f = bring(with("https://far.example/cat.jpg"));
    EXPECT_EQ(f.shown, file::as::file);
    EXPECT_EQ(f.mime, "text/html");
}

TEST_F(Intake, WhatCannotBeHadStaysAnAddress)
{
    http.pages["https://far.example/busy"] = net::http_reply{503, ""};
    http.pages["https://far.example/slow"] = net::http_reply{0, ""};
    http.pages["https://far.example/large"] = net::http_reply{200, std::string(1'001, 'x')};
    net::http_reply moved{302, ""};
    moved.headers.emplace_back("location", "http://127.0.0.1/secret");
    http.pages["https://far.example/moved"] = moved;
    for (const char* url :
         {"https://far.example/gone", "https://far.example/busy", "https://far.example/slow",
          "https://far.example/large", "https://far.example/moved", "http://far.example/plain",
          "ftp://far.example/x", "aesgcm://far.example/x#00", "https://u:p@far.example/"})
        stays(url);
    EXPECT_EQ(http.times("127.0.0.1"), 0u);
    EXPECT_EQ(http.times("http://far.example"), 0u);
}

TEST_F(Intake, TheOperatorsOwnUploadServiceNeedsNoTls)
{
    http.pages["http://upload.own:5280/x/cat.jpg"] = net::http_reply{200, "bytes"};
    stays("http://upload.own:5281/x/cat.jpg");
    stays("http://upload.own.evil:5280/x");
    EXPECT_EQ(bring(with("http://upload.own:5280/x/cat.jpg")).bytes.value, "mxc://hs/new");
}

TEST_F(Intake, AHomeserverThatIsAwayIsWaitedFor)
{
    http.pages["https://far.example/cat.jpg"] = net::http_reply{200, "bytes"};
    http.pages[upload] = net::http_reply{0, ""};
    const auto got = get(intake.bring(with("https://far.example/cat.jpg"), "@ghost:hs", "k"));
    EXPECT_EQ(got.error().next, verdict::try_later);
}

TEST_F(Intake, AFileThatTheHomeserverRefusesStaysAnAddress)
{
    http.pages["https://far.example/cat.jpg"] = net::http_reply{200, "bytes"};
    http.pages[upload] = net::http_reply{413, R"({"errcode":"M_TOO_LARGE","error":"too large"})"};
    EXPECT_EQ(bring(with("https://far.example/cat.jpg")).url, "https://far.example/cat.jpg");
}

TEST_F(Intake, ARepeatFindsWhatWasUploadedForIt)
{
    http.pages["https://far.example/cat.jpg"] = net::http_reply{200, "bytes"};
    bring(with("https://far.example/cat.jpg"), "k1");
    const auto before = http.asked.size();
    EXPECT_EQ(bring(with("https://far.example/cat.jpg"), "k1").bytes.value, "mxc://hs/new");
    EXPECT_EQ(http.asked.size(), before);
    bring(with("https://far.example/cat.jpg"), "k2");
    EXPECT_EQ(http.asked.size(), before + 2) << "another message may mean other bytes";
}

TEST_F(Intake, LeavesAloneWhatIsThereAlready)
{
    message m;
    m.files.emplace_back("a", "", media_id{"mxc://hs/a"});
    const auto got = get(intake.bring(m, "@ghost:hs", "k"));
    EXPECT_EQ(*got, m);
    EXPECT_TRUE(get(intake.bring(message{document{"words"}}, "", "k")));
    EXPECT_TRUE(http.asked.empty());
}

}  // namespace
}  // namespace rialto::matrix::media_intake_test
