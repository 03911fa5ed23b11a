#include "core/hmac.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace rialto {

namespace {
constexpr std::string_view url_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const unsigned char* raw(std::string_view text)
{
    return static_cast<const unsigned char*>(static_cast<const void*>(text.data()));
}
}  // namespace

std::string hmac_sha256(std::string_view secret, std::string_view text)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned int size = 0;
    if (!HMAC(
            EVP_sha256(), secret.data(), static_cast<int>(secret.size()), raw(text), text.size(), out.data(),
            &size
        ))
        throw std::runtime_error{"libcrypto cannot compute HMAC-SHA-256"};
    return {out.begin(), out.begin() + size};
}

bool same_mac(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_secret()
{
    std::array<unsigned char, 32> out{};
    if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1)
        throw std::runtime_error{"the system gives no random numbers"};
    return {out.begin(), out.end()};
}

std::string base64url(std::string_view bytes)
{
    std::string out;
    unsigned held = 0;
    int bits = 0;
    for (const char c : bytes) {
        held = (held << 8U) | static_cast<unsigned char>(c);
        for (bits += 8; bits >= 6; bits -= 6)
            out += url_letters[(held >> static_cast<unsigned>(bits - 6)) & 63U];
        held &= 0xFFU;
    }
    if (bits > 0)
        out += url_letters[(held << static_cast<unsigned>(6 - bits)) & 63U];
    return out;
}

std::optional<std::string> from_base64url(std::string_view text)
{
    std::string out;
    unsigned held = 0;
    int bits = 0;
    for (const char c : text) {
        const auto value = url_letters.find(c);
        if (value == url_letters.npos)
            return std::nullopt;
        held = ((held << 6U) | static_cast<unsigned>(value)) & 0xFFFFU;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>((held >> static_cast<unsigned>(bits)) & 0xFFU);
        }
    }
    if (base64url(out) != text)  // left-over bits, or one letter too many
        return std::nullopt;
    return out;
}

}  // namespace rialto
