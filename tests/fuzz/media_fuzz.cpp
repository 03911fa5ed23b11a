// Bytes of strangers' files, links that strangers ask for, ranges they want: nothing may crash, nothing but
// our own link may be taken for one, and nothing that is no picture, sound or film may be shown in place.
#include "appservice/media_answer.hpp"
#include "core/hmac.hpp"
#include "core/media_link.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace rialto;

void require(bool holds)
{
    if (!holds)
        std::abort();
}

struct bytes_source final : net::body_source
{
    std::string_view all;
    explicit bytes_source(std::string_view a) : all{a} {}
    std::uint64_t size() const override { return all.size(); }
    std::string read(std::uint64_t, std::size_t) const override { return {}; }
};

void check_answer(std::string_view input)
{
    const auto kind = sniff(input);
    const auto said = matrix::media_answer(std::make_shared<bytes_source>(input), kind, input, input);
    require(said.first + said.length <= input.size() || !said.file);
    for (const auto& [name, value] : said.headers)
        require(value.find_first_of(std::string_view{"\r\n\0", 3}) == value.npos);
    if (kind.shown != file::as::file)
        require(
            kind.mime.starts_with("image/") || kind.mime.starts_with("audio/") ||
            kind.mime.starts_with("video/")
        );
    require(kind.mime != "image/svg+xml" && said.content_type != "text/html");
    file f{"f", std::string{input.substr(0, 20)}, media_id{}};
    settle_kind(f, kind, input.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    check_answer(input);
    require(!read_link(input, "a secret nobody guesses", timestamp{}));
    require(!read_link(std::string{link_path} + std::string{input}, "a secret nobody guesses", timestamp{}));
    if (const auto back = from_base64url(input))
        require(base64url(*back) == input);
    require(from_base64url(base64url(input)) == input);
    if (const auto claim = read_claim(media_id{std::string{input}}))
        require(to_media_id(*claim).value == input);
    const auto range = matrix::range_of(input, 1'000);
    require(range.first + range.length <= 1'000);

    media_link link;
    link.name = link.source = input;
    link.until = 1;
    const auto path = write_link(link, "s");
    require(path.find_first_of(std::string_view{"\r\n\0 ?#", 6}) == path.npos);
    return 0;
}
