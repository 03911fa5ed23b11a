#include "core/media_link.hpp"

#include "core/hmac.hpp"
#include "core/key.hpp"
#include "core/net/http.hpp"
#include "core/text.hpp"

#include <charconv>
#include <vector>

namespace rialto {

namespace {
constexpr std::size_t mac_bytes = 16, longest_link_name = 80, longest_ending = 10;
constexpr char between = '\n';

std::string hex_number(std::int64_t n)
{
    char out[20];
    const auto end = std::to_chars(out, out + sizeof out, n, 16).ptr;
    return {out, end};
}

std::optional<std::int64_t> read_hex(std::string_view text)
{
    std::int64_t n = 0;
    const auto got = std::from_chars(text.data(), text.data() + text.size(), n, 16);
    if (got.ec != std::errc{} || got.ptr != text.data() + text.size() || n < 0 || hex_number(n) != text)
        return std::nullopt;
    return n;
}

// Each part with its length, so that no part can borrow from its neighbour.
std::string mac_of(const media_link& link, std::string_view secret)
{
    std::string all = "rialto media link 1";
    for (const auto& part :
         {hex_number(link.portal), hex_number(link.until), link.tag, link.source, link.name})
        all += between + std::to_string(part.size()) + ":" + part;
    return base64url(hmac_sha256(secret, all).substr(0, mac_bytes));
}

// The last segment of a URL: what a browser saves it as. The ending stays: clients judge by it.
std::string link_name(std::string_view name)
{
    std::string out = text::one_line(name, 4 * longest_link_name);
    for (auto& c : out)
        if (c == '/' || c == '\\')
            c = '_';
    if (out.size() > longest_link_name) {
        const auto dot = out.rfind('.');
        const auto ending =
            dot != out.npos && out.size() - dot <= longest_ending ? out.substr(dot) : std::string{};
        out = text::shortened(out, longest_link_name - ending.size()) + ending;
    }
    return out.empty() || out == "." || out == ".." ? "file" : out;
}

std::vector<std::string_view> segments(std::string_view path, std::size_t most)
{
    std::vector<std::string_view> out;
    while (out.size() + 1 < most) {
        const auto slash = path.find('/');
        if (slash == path.npos)
            break;
        out.push_back(path.substr(0, slash));
        path.remove_prefix(slash + 1);
    }
    out.push_back(path);
    return out;
}

void see_files(happening& what, const std::function<void(file&)>& see)
{
    auto* m = std::get_if<message>(&what);
    if (auto* e = std::get_if<edit>(&what))
        m = &e->now;
    if (m != nullptr)
        for (auto& f : m->files)
            see(f);
}
}  // namespace

media_id to_media_id(const media_claim& c)
{
    return media_id{hex_number(c.portal) + between + c.about + between + c.source};
}

std::optional<media_claim> read_claim(const media_id& id)
{
    const std::string_view all = id.value;
    const auto first = all.find(between);
    const auto second = first == all.npos ? first : all.find(between, first + 1);
    if (second == all.npos)
        return std::nullopt;
    const auto portal = read_hex(all.substr(0, first));
    if (!portal || second + 1 == all.size())
        return std::nullopt;
    return media_claim{
        *portal, std::string{all.substr(first + 1, second - first - 1)}, std::string{all.substr(second + 1)}
    };
}

void claim_files(happening& what, portal_key portal, const std::string& about)
{
    see_files(what, [&](file& f) {
        if (!f.bytes.empty() && !read_claim(f.bytes))
            f.bytes = to_media_id(media_claim{portal, about, f.bytes.value});
    });
}

std::string link_tag(std::string_view event) { return digest({"media link", event}).substr(0, 20); }
std::string revoked_note(std::string_view tag) { return "_media/gone/" + std::string{tag}; }

std::string write_link(const media_link& link, std::string_view secret)
{
    media_link shown = link;
    shown.name = link_name(link.name);
    std::string out{link_path};
    out += mac_of(shown, secret) + "/" + hex_number(shown.until) + "/" + hex_number(shown.portal) + "/" +
           shown.tag + "/" + base64url(shown.source) + "/" + net::percent_encoded(shown.name);
    return out;
}

result<media_link> read_link(std::string_view path, std::string_view secret, timestamp now)
{
    const failure none{verdict::give_up, cause::not_found, "there is no such file"};
    constexpr std::size_t longest = 2'048, parts = 6;
    if (path.size() > longest || !path.starts_with(link_path))
        return none;
    const auto part = segments(path.substr(link_path.size()), parts);
    if (part.size() != parts)
        return none;
    const auto until = read_hex(part[1]), portal = read_hex(part[2]);
    auto source = from_base64url(part[4]);
    if (!until || !portal || !source)
        return none;
    media_link out;
    out.until = *until;
    out.portal = *portal;
    out.tag = part[3];
    out.source = std::move(*source);
    out.name = part[5];
    if (!same_mac(part[0], mac_of(out, secret)))
        return none;
    if (now >= timestamp{std::chrono::seconds{out.until}})
        return failure{verdict::give_up, cause::away, "this link has ended"};
    return out;
}

}  // namespace rialto
