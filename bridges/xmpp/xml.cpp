#include "bridges/xmpp/xml.hpp"

#include "bridges/xmpp/utf8.hpp"

#include <array>
#include <cassert>
#include <cstring>
#include <memory_resource>

namespace rialto::xmpp {

namespace {
constexpr std::string_view xml_ns = "http://www.w3.org/XML/1998/namespace";

bool matches(const node& n, std::string_view local, std::string_view space) noexcept
{
    return !n.name.empty() && (local.empty() || n.name == local) && (space.empty() || n.ns == space);
}

const node* first_match(const node* from, std::string_view local, std::string_view space) noexcept
{
    while (from && !matches(*from, local, space))
        from = from->next;
    return from;
}

// Bytes that need no look: what is left is markup, controls and the leads of UTF-8.
constexpr auto plain_bytes = [] {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0x20; c < 0x80; ++c)
        plain[c] = c != '&' && c != '<' && c != '>' && c != '\'' && c != '"';
    return plain;
}();

std::string_view markup(char c, bool in_attribute) noexcept
{
    switch (c) {
        case '&': return "&amp;";
        case '<': return "&lt;";
        case '>': return "&gt;";
        case '\'': return "&apos;";
        case '"': return "&quot;";
        case '\r': return "&#13;";
        case '\n': return in_attribute ? "&#10;" : "\n";  // XML 1.0 §3.3.3 would make them spaces
        case '\t': return in_attribute ? "&#9;" : "\t";
        default: return "\xEF\xBF\xBD";
    }
}

void append_safe(std::string& out, std::string_view text, bool in_attribute)
{
    std::size_t run = 0, at = 0;
    const auto replace = [&](std::size_t length, std::string_view by) {
        out.append(text, run, at - run).append(by);
        at += length;
        run = at;
    };
    while (at < text.size()) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (plain_bytes[c]) {
            ++at;
            continue;
        }
        if (c < 0x80) {
            replace(1, markup(text[at], in_attribute));
            continue;
        }
        const auto point = decode_utf8(text, at);
        if (!point.valid || point.value == 0xFFFE || point.value == 0xFFFF)
            replace(point.length, "\xEF\xBF\xBD");
        else
            at += point.length;
    }
    out.append(text, run);
}

void append_attribute(std::string& out, std::string_view key, std::string_view value)
{
    out.append(" ").append(key).append("='");
    append_safe(out, value, true);
    out += '\'';
}

void append_start(std::string& out, const node& n, std::string_view inherited)
{
    out.append("<").append(n.name);
    if (n.ns != inherited)
        append_attribute(out, "xmlns", n.ns);
    unsigned prefixes = 0;
    for (const auto* a = n.attributes; a; a = a->next) {
        if (a->ns.empty()) {
            append_attribute(out, a->name, a->value);
            continue;
        }
        std::string prefix = "xml";
        if (a->ns != xml_ns) {
            prefix = "a" + std::to_string(prefixes++);
            append_attribute(out, "xmlns:" + prefix, a->ns);
        }
        append_attribute(out, prefix + ":" + std::string{a->name}, a->value);
    }
}
}  // namespace

std::string_view node::attr(std::string_view local) const noexcept
{
    for (const auto* a = attributes; a; a = a->next)
        if (a->name == local && a->ns.empty())
            return a->value;
    return {};
}

bool node::has(std::string_view local) const noexcept
{
    for (const auto* a = attributes; a; a = a->next)
        if (a->name == local && a->ns.empty())
            return true;
    return false;
}

std::string_view node::lang() const noexcept
{
    for (const auto* a = attributes; a; a = a->next)
        if (a->name == "lang" && a->ns == xml_ns)
            return a->value;
    return {};
}

const node* node::child(std::string_view local, std::string_view space) const noexcept
{
    return first_match(first, local, space);
}

const node* node::sibling(std::string_view local, std::string_view space) const noexcept
{
    return first_match(next, local, space);
}

std::string_view node::content() const noexcept
{
    if (first && first == last && first->name.empty())
        return first->text;
    return {};
}

struct owned_tree::storage
{
    std::pmr::monotonic_buffer_resource arena{1024};
    node root;

    std::string_view keep(std::string_view s)
    {
        if (s.empty())
            return {};
        auto* bytes = static_cast<char*>(arena.allocate(s.size(), 1));
        std::memcpy(bytes, s.data(), s.size());
        return {bytes, s.size()};
    }
    template <class T>
    T* make()
    {
        return new (arena.allocate(sizeof(T), alignof(T))) T{};
    }
    void fill(node& to, const node& from)  // all but its place in the tree
    {
        to.ns = keep(from.ns);
        to.name = keep(from.name);
        to.text = keep(from.text);
        attribute** tail = &to.attributes;
        for (const auto* a = from.attributes; a; a = a->next) {
            *tail = make<attribute>();
            (*tail)->ns = keep(a->ns);
            (*tail)->name = keep(a->name);
            (*tail)->value = keep(a->value);
            tail = &(*tail)->next;
        }
    }
    node* append_child(node& parent, const node& from)
    {
        auto* made = make<node>();
        fill(*made, from);
        made->parent = &parent;
        (parent.last ? parent.last->next : parent.first) = made;
        parent.last = made;
        return made;
    }
};

owned_tree::owned_tree() : all_{std::make_unique<storage>()} {}
owned_tree::owned_tree(owned_tree&&) noexcept = default;
owned_tree& owned_tree::operator=(owned_tree&&) noexcept = default;
owned_tree::~owned_tree() = default;
const node& owned_tree::root() const noexcept
{
    static const node nothing;  // moved from
    return all_ ? all_->root : nothing;
}

owned_tree::owned_tree(const node& original) : owned_tree{}
{
    all_->fill(all_->root, original);
    const node* from = &original;
    node* to = &all_->root;
    for (;;) {
        if (from->first) {
            from = from->first;
            to = all_->append_child(*to, *from);
            continue;
        }
        while (from != &original && !from->next) {
            from = from->parent;
            to = to->parent;
        }
        if (from == &original)
            return;
        from = from->next;
        to = all_->append_child(*to->parent, *from);
    }
}

void append_text(std::string& out, std::string_view text) { append_safe(out, text, false); }

std::string escaped(std::string_view text)
{
    std::string out;
    append_safe(out, text, true);
    return out;
}

element::element(std::string& out, std::string_view name, std::string_view ns) : out_{out}, name_{name}
{
    out_.append("<").append(name_);
    if (!ns.empty())
        (*this)("xmlns", ns);
}

element::element(element& parent, std::string_view name, std::string_view ns)
    : element{(parent.fill(), parent.out_), name, ns}
{
}

void element::fill()
{
    assert(open_ && "the element is closed");
    if (empty_)
        out_ += '>';
    empty_ = false;
}

element& element::operator()(std::string_view key, std::string_view value)
{
    assert(empty_ && "attributes come before content");
    append_attribute(out_, key, value);
    return *this;
}

element& element::text(std::string_view content)
{
    fill();
    append_text(out_, content);
    return *this;
}

element& element::raw(std::string_view xml)
{
    if (!xml.empty()) {
        fill();
        out_ += xml;
    }
    return *this;
}

element& element::copy(const node& tree)
{
    fill();
    append_xml(out_, tree);
    return *this;
}

void element::close()
{
    if (!open_)
        return;
    open_ = false;
    if (empty_)
        out_ += "/>";
    else
        out_.append("</").append(name_).append(">");
}

void append_xml(std::string& out, const node& tree, std::string_view around)
{
    const node* n = &tree;
    for (;;) {
        if (n->name.empty()) {
            append_text(out, n->text);
        } else {
            append_start(out, *n, n == &tree ? around : n->parent->ns);
            out += n->first ? ">" : "/>";
        }
        if (n->first) {
            n = n->first;
            continue;
        }
        while (n != &tree && !n->next) {
            n = n->parent;
            out.append("</").append(n->name).append(">");
        }
        if (n == &tree)
            return;
        n = n->next;
    }
}

std::string to_string(const node& tree, std::string_view around)
{
    std::string out;
    append_xml(out, tree, around);
    return out;
}

}  // namespace rialto::xmpp
