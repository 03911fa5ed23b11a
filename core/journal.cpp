#include "core/journal.hpp"

#include "core/journal_fields.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>
#include <type_traits>

namespace rialto {

namespace journal {
namespace {

using nlohmann::json;

struct unreadable : std::runtime_error  // stays in this file
{
    using std::runtime_error::runtime_error;
};

template <class T>
constexpr bool is_name = false;
template <class Tag>
constexpr bool is_name<name<Tag>> = true;
template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;
template <class T>
constexpr bool is_vector = false;
template <class T>
constexpr bool is_vector<std::vector<T>> = true;

// What a member is when the text does not speak of it.
template <class T>
const T& blank()
{
    static const T it{};
    return it;
}
template <>
const failure& blank()
{
    static const failure it{verdict::give_up, cause::other, {}};
    return it;
}

// ---- writing

void put_block(json& to, const block& b, int depth);
void put_happening(json& to, const happening& what);

template <class T>
void put(json& to, const T& from);

template <class T>
void put_fields(json& to, const T& from)
{
    to = json::object();
    const auto each = [&](const auto& f) {
        if (!(from.*f.at == blank<T>().*f.at))
            put(to[std::string{f.key}], from.*f.at);
    };
    std::apply([&](const auto&... f) { (each(f), ...); }, fields_of<T>);
}

template <class T>
void put(json& to, const T& from)
{
    if constexpr (described<T>)
        put_fields(to, from);
    else if constexpr (std::is_enum_v<T>) {
        for (const auto& [value, text] : words_of<T>)
            if (value == from)
                to = text;
    } else if constexpr (is_name<T>)
        to = from.value;
    else if constexpr (is_optional<T>)
        put(to, *from);  // an empty one is the default and left out
    else if constexpr (is_vector<T>) {
        to = json::array();
        for (const auto& one : from)
            put(to.emplace_back(), one);
    } else if constexpr (std::is_same_v<T, timestamp>)
        to = std::chrono::duration_cast<std::chrono::nanoseconds>(from.time_since_epoch()).count();
    else if constexpr (std::is_same_v<T, std::chrono::seconds>)
        to = from.count();
    else if constexpr (std::is_same_v<T, document>) {
        to = json::array();
        for (const auto& b : from.blocks)
            put_block(to.emplace_back(), b, 1);
    } else if constexpr (std::is_same_v<T, happening>)
        put_happening(to, from);
    else
        to = from;
}

// Everything that is said below a block, in order. A loop: it is here for depths that would end the stack.
std::vector<run> runs_below(const block& top)
{
    std::vector<run> all = top.runs;
    std::vector<const block*> open;
    const auto push = [&](const block& b) {
        for (auto it = b.inside.rbegin(); it != b.inside.rend(); ++it)
            open.push_back(&*it);
    };
    push(top);
    while (!open.empty()) {
        const block* b = open.back();
        open.pop_back();
        all.insert(all.end(), b->runs.begin(), b->runs.end());
        push(*b);
    }
    return all;
}

void put_block(json& to, const block& b, int depth)
{
    to = json::object();
    put(to["is"], b.kind);
    if (b.level != 0)
        to["level"] = b.level;
    if (!b.language.empty())
        to["language"] = b.language;
    if (depth >= deepest_block && !b.inside.empty()) {
        put(to["runs"], runs_below(b));
        return;
    }
    if (!b.runs.empty())
        put(to["runs"], b.runs);
    if (b.inside.empty())
        return;
    auto& inside = to["inside"] = json::array();
    for (const auto& child : b.inside)
        put_block(inside.emplace_back(), child, depth + 1);
}

void put_happening(json& to, const happening& what)
{
    to = json::object();
    std::visit([&](const auto& w) { put(to[std::string{happenings[what.index()]}], w); }, what);
}

// ---- reading

void get_block(const json& from, block& b, int depth);
void get_happening(const json& from, happening& what);

void expect(bool held, const char* what)
{
    if (!held)
        throw unreadable{what};
}

template <class T>
void get(const json& from, T& to);

template <class T>
void get_fields(const json& from, T& to)
{
    expect(from.is_object(), "an object is missing");
    std::size_t known = 0;
    const auto each = [&](const auto& f) {
        const auto found = from.find(std::string{f.key});
        if (found == from.end())
            return;
        ++known;
        get(*found, to.*f.at);
    };
    std::apply([&](const auto&... f) { (each(f), ...); }, fields_of<T>);
    expect(known == from.size(), "a key is unknown");
}

template <class T>
void get_number(const json& from, T& to)
{
    if (from.is_number_unsigned()) {
        const auto n = from.get<std::uint64_t>();
        expect(std::in_range<T>(n), "a number is too large");
        to = static_cast<T>(n);
        return;
    }
    expect(from.is_number_integer(), "a number is missing");
    const auto n = from.get<std::int64_t>();
    expect(std::in_range<T>(n), "a number is out of range");
    to = static_cast<T>(n);
}

template <class T>
void get(const json& from, T& to)
{
    if constexpr (described<T>)
        get_fields(from, to);
    else if constexpr (std::is_enum_v<T>) {
        expect(from.is_string(), "a word is missing");
        const auto& said = from.get_ref<const std::string&>();
        for (const auto& [value, text] : words_of<T>)
            if (text == said) {
                to = value;
                return;
            }
        throw unreadable{"a word is unknown"};
    } else if constexpr (is_name<T>)
        get(from, to.value);
    else if constexpr (is_optional<T>) {
        to = blank<typename T::value_type>();
        get(from, *to);
    } else if constexpr (is_vector<T>) {
        expect(from.is_array(), "a list is missing");
        to.reserve(from.size());
        for (const auto& one : from)
            get(one, to.emplace_back());
    } else if constexpr (std::is_same_v<T, timestamp>) {
        std::int64_t ns = 0;
        get_number(from, ns);
        to = timestamp{std::chrono::duration_cast<timestamp::duration>(std::chrono::nanoseconds{ns})};
    } else if constexpr (std::is_same_v<T, std::chrono::seconds>) {
        std::int64_t s = 0;
        get_number(from, s);
        to = std::chrono::seconds{s};
    } else if constexpr (std::is_same_v<T, document>) {
        expect(from.is_array(), "a document is missing");
        for (const auto& one : from)
            get_block(one, to.blocks.emplace_back(), 1);
    } else if constexpr (std::is_same_v<T, happening>)
        get_happening(from, to);
    else if constexpr (std::is_same_v<T, bool>) {
        expect(from.is_boolean(), "true or false is missing");
        to = from.get<bool>();
    } else if constexpr (std::is_same_v<T, std::string>) {
        expect(from.is_string(), "a text is missing");
        to = from.get_ref<const std::string&>();
    } else
        get_number(from, to);
}

void get_block(const json& from, block& b, int depth)
{
    expect(depth <= deepest_block, "blocks are nested too deep");
    expect(from.is_object(), "a block is missing");
    for (const auto& [key, value] : from.items()) {
        if (key == "is")
            get(value, b.kind);
        else if (key == "level")
            get(value, b.level);
        else if (key == "language")
            get(value, b.language);
        else if (key == "runs")
            get(value, b.runs);
        else {
            expect(key == "inside" && value.is_array(), "a key of a block is unknown");
            for (const auto& child : value)
                get_block(child, b.inside.emplace_back(), depth + 1);
        }
    }
}

template <std::size_t I = 0>
void get_alternative(std::string_view which, const json& from, happening& what)
{
    if constexpr (I == std::variant_size_v<happening>)
        throw unreadable{"what happened is unknown"};
    else if (which == happenings[I])
        get(from, what.emplace<I>());
    else
        get_alternative<I + 1>(which, from, what);
}

void get_happening(const json& from, happening& what)
{
    expect(from.is_object() && from.size() == 1, "what happened is missing");
    get_alternative(from.begin().key(), *from.begin(), what);
}

template <class T>
std::string write(const T& it)
{
    json tree;
    put(tree, it);
    // A byte that is no UTF-8 becomes U+FFFD: it could not be read again, and the item would be lost.
    return tree.dump(-1, ' ', false, json::error_handler_t::replace);
}

template <class T>
result<T> read(std::string_view text, const char* what)
{
    const auto bad = [&](const char* why) {
        return failure{
            verdict::give_up, cause::malformed,
            std::string{"the journal's "} + what + " cannot be read: " + why
        };
    };
    const json tree = json::parse(text, nullptr, false);
    if (tree.is_discarded())
        return bad("it is no JSON");
    try {
        T it;
        get(tree, it);
        return it;
    } catch (const unreadable& e) {
        return bad(e.what());
    }
}

}  // namespace
}  // namespace journal

std::string to_payload(const event& e) { return journal::write(e); }
result<event> from_payload(std::string_view text) { return journal::read<event>(text, "event"); }
std::string to_state(const room& r) { return journal::write(r); }
result<room> from_state(std::string_view text) { return journal::read<room>(text, "room"); }

}  // namespace rialto
