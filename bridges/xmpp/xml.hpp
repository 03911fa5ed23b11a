// bridges/xmpp/xml.hpp: a received stanza as a small tree, and text made safe for the wire. The tree lives in
// an arena owned by the stream parser and is gone when the callback returns: copy what you keep
// (`owned_tree`). No I/O, no recursion: a deep tree costs memory, never stack. Nothing here fails.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace rialto::xmpp {

struct attribute
{
    std::string_view ns, name, value;
    attribute* next = nullptr;
};

struct node  // an element, or text when name is empty
{
    std::string_view ns, name, text;
    attribute* attributes = nullptr;
    node *parent = nullptr, *first = nullptr, *last = nullptr, *next = nullptr;

    std::string_view attr(std::string_view local) const noexcept;  // "" when there is none
    bool has(std::string_view local) const noexcept;
    std::string_view lang() const noexcept;  // xml:lang, of this element alone
    // The first child element of that name ("": any), and in that namespace ("": any).
    const node* child(std::string_view local, std::string_view space = {}) const noexcept;
    const node* sibling(std::string_view local, std::string_view space = {})
        const noexcept;                         // the next one like it
    std::string_view content() const noexcept;  // the text of an element that holds only text
    bool is(std::string_view local, std::string_view space) const noexcept
    {
        return name == local && ns == space;
    }
};

// A copy that outlives the stanza. Moving it leaves pointers into the tree valid.
class owned_tree
{
    struct storage;
    std::unique_ptr<storage> all_;

public:
    owned_tree();  // an element without name
    explicit owned_tree(const node& original);
    owned_tree(owned_tree&&) noexcept;
    owned_tree& operator=(owned_tree&&) noexcept;
    ~owned_tree();
    const node& root() const noexcept;
};

// Appends text that any conforming parser takes: markup escaped, what XML 1.0 §2.2 forbids (NUL, C0, U+FFFE,
// surrogates, bad UTF-8) replaced by U+FFFD. One such character would otherwise cut the whole component
// stream.
void append_text(std::string& out, std::string_view text);
std::string escaped(std::string_view text);

// Builds an outgoing stanza front to back: element e{out, "message"}; e("to", jid)("id", id); then children.
// Tags close in the destructor, so nesting in code is nesting in XML. REQUIRES: while a child is open, its
// parent is left alone. Names and namespaces are ours and trusted, values and text are anybody's.
class element
{
    std::string& out_;
    std::string name_;
    bool open_ = true, empty_ = true;
    void fill();

public:
    element(std::string& out, std::string_view name, std::string_view ns = {});
    element(element& parent, std::string_view name, std::string_view ns = {});
    element(const element&) = delete;
    element& operator=(const element&) = delete;
    ~element() { close(); }
    element& operator()(std::string_view key, std::string_view value);  // attribute; REQUIRES: no content yet
    element& text(std::string_view content);
    element& raw(std::string_view xml);  // REQUIRES: well-formed, made by this file
    element& copy(const node& tree);     // with its namespaces
    void close();                        // earlier than the destructor would
};

// Re-serialised with its namespaces. `around`: the default namespace where the text is put; a stanza of our
// own stream is written without xmlns in it.
inline constexpr std::string_view stream_ns = "jabber:component:accept";
std::string to_string(const node& tree, std::string_view around = {});
void append_xml(std::string& out, const node& tree, std::string_view around = {});

}  // namespace rialto::xmpp
