#include "appservice/media_store.hpp"
#include "core/media_link.hpp"
#include "tests/unit/appservice/media_kit.hpp"

namespace rialto::matrix::media_files_test {
namespace {

TEST_F(Media, AFileIsFetchedOnceForAllWhoAsk)
{
    http.pages[download + std::string{"hs/a"}] = net::http_reply{200, "GIF89a......"};
    int answered = 0;
    for (int i = 0; i < 5; ++i)
        boost::asio::co_spawn(io, files.get("mxc://hs/a"), [&](std::exception_ptr, result<stored_ptr> got) {
            ASSERT_TRUE(got);
            EXPECT_EQ((*got)->bytes->read(0, 100), "GIF89a......");
            EXPECT_EQ((*got)->kind.mime, "image/gif");
            ++answered;
        });
    io.run();
    EXPECT_EQ(answered, 5);
    EXPECT_TRUE(get(files.get("mxc://hs/a")));
    EXPECT_EQ(http.asked.size(), 1u);
    EXPECT_EQ(http.asked[0].headers[0].second, "Bearer token");
}

TEST_F(Media, AFailureIsNotKept)
{
    const auto none = get(files.get("mxc://hs/a"));
    EXPECT_EQ(none.error().kind, cause::not_found);
    http.pages[download + std::string{"hs/a"}] = net::http_reply{200, "x"};
    EXPECT_TRUE(get(files.get("mxc://hs/a")));
}

TEST_F(Media, AFileThatIsTooLargeIsRefused)
{
    http.pages[download + std::string{"hs/a"}] = net::http_reply{200, std::string(1'001, 'x')};
    EXPECT_EQ(get(files.get("mxc://hs/a")).error().kind, cause::too_large);
    EXPECT_EQ(spool.used(), 0u);
}

TEST_F(Media, WhatNobodyWantsMakesPlace)
{
    for (const std::string id : {"a", "b", "c", "d", "e", "f"}) {
        http.pages[download + ("hs/" + id)] = net::http_reply{200, std::string(900, 'x')};
        EXPECT_TRUE(get(files.get("mxc://hs/" + id))) << id;
        time.at += std::chrono::seconds{1};
    }
    EXPECT_LE(spool.used(), 2'700u);
    const auto before = http.asked.size();
    EXPECT_TRUE(get(files.get("mxc://hs/f")));
    EXPECT_EQ(http.asked.size(), before) << "the newest is kept";
    EXPECT_TRUE(get(files.get("mxc://hs/a")));
    EXPECT_EQ(http.asked.size(), before + 1) << "the oldest went";
}

TEST_F(Media, ATimeLaterItIsForgotten)
{
    http.pages[download + std::string{"hs/a"}] = net::http_reply{200, "x"};
    http.pages[download + std::string{"hs/b"}] = net::http_reply{200, "y"};
    EXPECT_TRUE(get(files.get("mxc://hs/a")));
    time.at += std::chrono::minutes{11};
    EXPECT_TRUE(get(files.get("mxc://hs/b")));
    EXPECT_EQ(spool.used(), 1u);
}

TEST_F(Media, OnlyAnMxcAddressIsEverAskedFor)
{
    EXPECT_FALSE(get(files.get("https://evil/")));
    EXPECT_FALSE(get(files.get("mxc://h/../../x")));
    EXPECT_TRUE(http.asked.empty());
}

struct Store : Media
{
    matrix_media media{files, api, spool, http, time, "https://files.example/", std::chrono::hours{24}};
    Store() { media.secret("secret"); }
    static file shared(const std::string& name = "moon.png")
    {
        return file{name, "image/png", to_media_id(media_claim{7, "$e", "mxc://hs/a"})};
    }
};

TEST_F(Store, GivesALinkThatSaysWhatItIsGoodFor)
{
    const auto url = get(media.link(shared()));
    ASSERT_TRUE(url) << url.error().why;
    EXPECT_TRUE(url->starts_with("https://files.example/_rialto/media/")) << *url;
    EXPECT_TRUE(url->ends_with("/moon.png"));
    const auto path = url->substr(std::string_view{"https://files.example"}.size());
    const auto link = read_link(path, "secret", time.at);
    ASSERT_TRUE(link);
    EXPECT_EQ(link->portal, 7);
    EXPECT_EQ(link->tag, link_tag("$e"));
    EXPECT_EQ(link->source, "mxc://hs/a");
    EXPECT_TRUE(read_link(path, "secret", time.at + std::chrono::hours{24}));
    EXPECT_FALSE(read_link(path, "secret", time.at + std::chrono::hours{25}));
    EXPECT_EQ(*get(media.link(shared())), *url) << "the same within the hour";
    EXPECT_TRUE(http.asked.empty()) << "a link costs the homeserver nothing";
}

TEST_F(Store, GivesNoLinkWithoutAPublicAddress)
{
    matrix_media hidden{files, api, spool, http, time, "", std::chrono::hours{24}};
    EXPECT_EQ(get(hidden.link(shared())).error().next, verdict::unsupported);
}

TEST_F(Store, GivesNoLinkToWhatIsNoFileOfOurs)
{
    EXPECT_FALSE(get(media.link(file{"f", "", media_id{"mxc://hs/a"}})));
    auto large = shared();
    large.size = 1'001;
    EXPECT_EQ(get(media.link(large)).error().kind, cause::too_large);
}

TEST_F(Store, TellsTheFactsOfTheBytes)
{
    http.pages[download + std::string{"hs/a"}] = net::http_reply{200, "<html>"};
    const auto f = get(media.stat(shared().bytes));
    ASSERT_TRUE(f);
    EXPECT_EQ(f->size, 6u);
    EXPECT_EQ(f->mime, "text/html");
    EXPECT_EQ(*get(media.read(shared().bytes, 1, 3)), "htm");
    EXPECT_FALSE(get(media.stat(media_id{"forged"})));
}

TEST_F(Store, PutsTheBytesWhereTheFarServerSaid)
{
    http.pages[download + std::string{"hs/a"}] = net::http_reply{200, "GIF89a......"};
    http.pages["https://up.example/slot"] = net::http_reply{201, ""};
    std::vector<note> headers;
    headers.emplace_back("Authorization", "Basic x");
    EXPECT_TRUE(get(media.push(shared().bytes, "https://up.example/slot", headers)));
    ASSERT_EQ(http.asked.size(), 2u);
    EXPECT_EQ(http.asked[1].method, "PUT");
    EXPECT_EQ(http.bodies[1], "GIF89a......");
    EXPECT_EQ(http.asked[1].headers[0], (std::pair<std::string, std::string>{"Content-Type", "image/gif"}));
    EXPECT_EQ(http.asked[1].headers[1].second, "Basic x");
}

TEST_F(Store, BringsAFileInPiecesAndTellsWhatItIs)
{
    http.pages["http://hs/_matrix/media/v3/upload"] =
        net::http_reply{200, R"({"content_uri":"mxc://hs/new"})"};
    const auto id = get(media.create(file{"cat.exe", "application/x-cat", media_id{}}));
    ASSERT_TRUE(id);
    EXPECT_TRUE(get(media.append(*id, "GIF89a")));
    EXPECT_TRUE(get(media.append(*id, "......")));
    const auto f = get(media.finish(*id));
    ASSERT_TRUE(f) << f.error().why;
    EXPECT_EQ(f->bytes, media_id{"mxc://hs/new"});
    EXPECT_EQ(f->mime, "image/gif") << "its bytes say so";
    EXPECT_EQ(f->size, 12u);
    EXPECT_EQ(http.bodies.back(), "GIF89a......");
    EXPECT_EQ(spool.used(), 0u) << "nothing is left in the spool";
    EXPECT_EQ(get(media.finish(*id)).error().kind, cause::not_found);
}

TEST_F(Store, BringsNoFileThatIsTooLargeOrNeverFinished)
{
    const auto large = get(media.create(file{"a", "", media_id{}}));
    EXPECT_TRUE(get(media.append(*large, std::string(1'000, 'x'))));
    EXPECT_EQ(get(media.append(*large, "x")).error().kind, cause::too_large);
    EXPECT_EQ(spool.used(), 0u);
    const auto forgotten = get(media.create(file{"b", "", media_id{}}));
    EXPECT_TRUE(get(media.append(*forgotten, "b")));
    time.at += std::chrono::minutes{61};
    EXPECT_TRUE(get(media.create(file{"c", "", media_id{}})));
    EXPECT_EQ(spool.used(), 0u);
    EXPECT_EQ(get(media.append(*forgotten, "b")).error().kind, cause::not_found);
}

TEST_F(Store, SaysLaterWhenTheHomeserverTakesNoFileNow)
{
    http.pages["http://hs/_matrix/media/v3/upload"] = net::http_reply{0, ""};
    const auto id = get(media.create(file{"a", "", media_id{}}));
    EXPECT_TRUE(get(media.append(*id, "x")));
    EXPECT_EQ(get(media.finish(*id)).error().next, verdict::try_later);
}

TEST_F(Store, TellsARefusalFromAServerThatIsAway)
{
    http.pages[download + std::string{"hs/a"}] = net::http_reply{200, "x"};
    const auto put = [&](int status) {
        http.pages["https://up.example/slot"] = net::http_reply{status, ""};
        return get(media.push(shared().bytes, "https://up.example/slot", {})).error();
    };
    EXPECT_EQ(put(413).kind, cause::too_large);
    EXPECT_EQ(put(403).next, verdict::give_up);
    EXPECT_EQ(put(507).next, verdict::try_later);
    EXPECT_EQ(put(0).next, verdict::try_later);
}

}  // namespace
}  // namespace rialto::matrix::media_files_test
