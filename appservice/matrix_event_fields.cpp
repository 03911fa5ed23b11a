#include "appservice/matrix_event_fields.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace rialto::matrix {

namespace {

const json& empty_object()
{
    static const json none = json::object();
    return none;
}

const json& empty_list()
{
    static const json none = json::array();
    return none;
}

// Brackets outside strings. For what is not JSON the answer does not matter.
int depth_of(std::string_view text)
{
    int depth = 0, deepest = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            deepest = std::max(deepest, ++depth);
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return deepest;
}

json read(std::string_view text, int deepest)
{
    if (depth_of(text) <= deepest)
        return json::parse(text, nullptr, false);
    // Slower by half, and rarely needed: leaves out what is too deep while it is read.
    const json::parser_callback_t shallow = [deepest](int depth, json::parse_event_t, json&) {
        return depth < deepest;
    };
    return json::parse(text, shallow, false);
}

std::optional<unsigned> hex4(std::string_view s)
{
    if (s.size() < 4)
        return {};
    unsigned value = 0;
    for (const char c : s.substr(0, 4)) {
        value <<= 4U;
        if (c >= '0' && c <= '9')
            value |= static_cast<unsigned>(c - '0');
        else if (c >= 'a' && c <= 'f')
            value |= static_cast<unsigned>(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            value |= static_cast<unsigned>(c - 'A' + 10);
        else
            return {};
    }
    return value;
}

// The escape at `at` ("\uXXXX" or a pair of them), or how far to step over it when it is half a pair.
std::size_t escape_at(std::string_view in, std::size_t at, std::string& out)
{
    const auto unit = in[at + 1] == 'u' ? hex4(in.substr(at + 2)) : std::nullopt;
    if (!unit) {
        out.append(in.substr(at, 2));
        return 2;
    }
    const bool high = *unit >= 0xD800 && *unit < 0xDC00, low = *unit >= 0xDC00 && *unit < 0xE000;
    if (high && in.substr(at + 6, 2) == "\\u") {
        const auto second = hex4(in.substr(at + 8));
        if (second && *second >= 0xDC00 && *second < 0xE000) {
            out.append(in.substr(at, 12));
            return 12;
        }
    }
    out.append(high || low ? std::string_view{"\\ufffd"} : in.substr(at, 6));
    return 6;
}

// Bytes of the UTF-8 character that starts here; 0: none does (RFC 3629 §4).
std::size_t utf8_length(std::string_view s)
{
    const auto byte = [s](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0U; };
    const auto follows = [&byte](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned b = byte(0), c = byte(1);
    if (b < 0x80)
        return 1;
    if (b >= 0xC2 && b <= 0xDF && follows(1))
        return 2;
    const bool narrow = (b == 0xE0 && c < 0xA0) || (b == 0xED && c > 0x9F) || (b == 0xF0 && c < 0x90) ||
                        (b == 0xF4 && c > 0x8F);
    if (narrow || !follows(1) || !follows(2))
        return 0;
    if (b >= 0xE0 && b <= 0xEF)
        return 3;
    return b >= 0xF0 && b <= 0xF4 && follows(3) ? 4 : 0;
}

std::string mended(std::string_view in)
{
    std::string out;
    out.reserve(in.size() + 16);
    for (std::size_t i = 0; i < in.size();) {
        if (in[i] == '\\' && i + 1 < in.size() && in[i + 1] > 0) {
            i += escape_at(in, i, out);
        } else if (const auto n = utf8_length(in.substr(i)); n > 0) {
            out.append(in.substr(i, n));
            i += n;
        } else {
            out += "\xEF\xBF\xBD";
            ++i;
        }
    }
    return out;
}

}  // namespace

const json* member(const json& object, std::string_view key)
{
    if (!object.is_object())
        return nullptr;
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

std::optional<std::string_view> text(const json& object, std::string_view key)
{
    const json* value = member(object, key);
    if (value == nullptr || !value->is_string())
        return {};
    return std::string_view{value->get_ref<const std::string&>()};
}

std::optional<std::int64_t> integer(const json& object, std::string_view key)
{
    const json* value = member(object, key);
    if (value == nullptr || !value->is_number_integer())
        return {};
    if (value->is_number_unsigned() &&
        value->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return {};
    return value->get<std::int64_t>();
}

bool flag(const json& object, std::string_view key)
{
    const json* value = member(object, key);
    return value != nullptr && value->is_boolean() && value->get<bool>();
}

const json& inside(const json& object, std::string_view key)
{
    const json* value = member(object, key);
    return value != nullptr && value->is_object() ? *value : empty_object();
}

const json& list(const json& object, std::string_view key)
{
    const json* value = member(object, key);
    return value != nullptr && value->is_array() ? *value : empty_list();
}

std::string_view text_or(const json& object, std::string_view key, std::string_view other)
{
    return text(object, key).value_or(other);
}

std::optional<json> parse(std::string_view text, int deepest)
{
    json value = read(text, deepest);
    if (value.is_discarded())
        value = read(mended(text), deepest);
    if (value.is_discarded())
        return {};
    return value;
}

std::string written(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

bool is_mxc(std::string_view url)
{
    constexpr std::string_view scheme = "mxc://";
    if (url.size() > 512 || !url.starts_with(scheme))
        return false;
    url.remove_prefix(scheme.size());
    const auto slash = url.find('/');
    if (slash == 0 || slash == std::string_view::npos || slash + 1 == url.size())
        return false;
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    };
    const auto server = url.substr(0, slash), id = url.substr(slash + 1);
    return std::all_of(
               server.begin(), server.end(),
               [&letter](char c) { return letter(c) || c == '.' || c == ':' || c == '[' || c == ']'; }
           ) &&
           std::all_of(id.begin(), id.end(), [&letter](char c) { return letter(c) || c == '_'; });
}

bool is_id(std::string_view id, char sigil)
{
    return id.size() > 1 && id.size() <= 255 && id.front() == sigil &&
           id.find('\0') == std::string_view::npos;
}

std::string clipped(std::string_view text, std::size_t most)
{
    if (text.size() <= most)
        return std::string{text};
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U)
        --most;
    return std::string{text.substr(0, most)};
}

}  // namespace rialto::matrix
