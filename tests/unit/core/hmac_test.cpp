#include "core/hmac.hpp"

#include <gtest/gtest.h>

namespace rialto::hmac_test {
namespace {

std::string hex(std::string_view bytes)
{
    std::string out;
    for (const char c : bytes) {
        out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
        out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
    }
    return out;
}

TEST(Hmac, IsThatOfTheStandard)  // RFC 4231 §4.3, §4.7
{
    EXPECT_EQ(
        hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
    EXPECT_EQ(
        hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    );
}

TEST(Hmac, ComparesTheWhole)
{
    EXPECT_TRUE(same_mac("abc", "abc"));
    EXPECT_FALSE(same_mac("abc", "abd"));
    EXPECT_FALSE(same_mac("abc", "ab"));
    EXPECT_TRUE(same_mac("", ""));
}

TEST(Hmac, GivesNoSecretTwice)
{
    EXPECT_EQ(random_secret().size(), 32u);
    EXPECT_NE(random_secret(), random_secret());
}

TEST(Base64Url, IsThatOfTheStandard)  // RFC 4648 §10
{
    const char* plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
    const char* written[] = {"", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"};
    for (int i = 0; i < 7; ++i) {
        EXPECT_EQ(base64url(plain[i]), written[i]);
        EXPECT_EQ(from_base64url(written[i]), plain[i]);
    }
    EXPECT_EQ(base64url("\xFB\xFF\xFE"), "-__-");
}

TEST(Base64Url, KeepsAllBytes)
{
    std::string all;
    for (int i = 0; i < 256; ++i) {
        all += static_cast<char>(i);
        EXPECT_EQ(from_base64url(base64url(all)), all);
    }
}

TEST(Base64Url, HasOneSpellingOnly)
{
    for (const char* bad : {"Z", "Zg=", "Zg==", "Zh", "Zm9=", "Z g", "Zm+v", "Zm/v", "Zm9vY", "\xC3\xA4"})
        EXPECT_FALSE(from_base64url(bad)) << bad;
}

}  // namespace
}  // namespace rialto::hmac_test
