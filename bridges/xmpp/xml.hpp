// bridges/xmpp/xml.hpp: a received stanza as a small tree, and text made safe for the wire. The tree lives in an
// arena owned by the stream parser and is gone when the callback returns: copy what you keep. No I/O.
#pragma once

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
    const node* child(std::string_view local, std::string_view space = {}) const noexcept;
    std::string_view content() const noexcept;  // the text of an element that holds only text
};

// Appends text that any conforming parser takes: markup escaped, what XML 1.0 forbids (NUL, C0, U+FFFE, surrogates,
// bad UTF-8) replaced by U+FFFD. One such character would otherwise cut the whole component stream.
void append_text(std::string& out, std::string_view text);

// Builds an outgoing stanza front to back: element e{out, "message"}; e("to", jid)("id", id); then children.
// Tags close in the destructor, so nesting in code is nesting in XML.
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
    ~element();
    element& operator()(std::string_view key, std::string_view value);  // attribute; REQUIRES: no content yet
    element& text(std::string_view content);
};

std::string to_string(const node& tree);  // re-serialised with its namespaces, iterative

}  // namespace rialto::xmpp
