// tests/fakes/xmpp/xml.hpp: an XML element as a value, and the stream parser (expat) that makes one of each
// stanza. The stream's own namespaces (jabber:client, jabber:component:accept) are written "", so a stanza
// can be handed from one kind of stream to the other. Text is a nameless element, so mixed content keeps its
// order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct XML_ParserStruct;

namespace rialto::fakes::xmpp {

struct element
{
    std::string name, ns, text;  // text: of a nameless one
    std::vector<std::pair<std::string, std::string>> attributes;
    std::vector<element> children;

    element() = default;
    explicit element(std::string n, std::string space = {}) : name{std::move(n)}, ns{std::move(space)} {}

    std::string get(std::string_view attribute) const;  // "" when there is none
    bool has(std::string_view attribute) const;
    element& set(std::string_view attribute, std::string value);
    void unset(std::string_view attribute);
    const element* find(std::string_view child, std::string_view space) const;
    const element* find_in(std::string_view space) const;  // the first child of that namespace
    element& add(element child);
    element& add(std::string child, std::string space = {})
    {
        return add(element{std::move(child), std::move(space)});
    }
    element& add_text(std::string_view t);
    std::string all_text() const;
    std::string child_text(std::string_view child, std::string_view space) const;
};

std::string to_xml(const element& e, std::string_view parent_ns = {});
void append_xml(std::string& out, const element& e, std::string_view parent_ns);
std::string escaped(std::string_view s);

class stream_parser
{
public:
    struct handler
    {
        std::function<void(element)> opened, stanza;  // opened: the stream's start tag
        std::function<void()> closed;
        handler() = default;
    };
    explicit stream_parser(handler h);
    ~stream_parser();
    stream_parser(const stream_parser&) = delete;
    stream_parser& operator=(const stream_parser&) = delete;

    void reset(
    );  // after SASL a new stream begins. Not from within a handler of this parser: at the next feed
    // "": fine; else the stream error's condition.
    std::string feed(std::string_view bytes);
    std::size_t largest = 10U << 20U;  // of one stanza

private:
    void make();
    void start(const char* name, const char** attributes);
    void end();
    void chars(std::string_view s);
    void fail(const char* condition);

    handler handler_;
    XML_ParserStruct* parser_ = nullptr;
    std::vector<element> open_;
    std::string error_;
    std::int64_t began_ = 0;
    int depth_ = 0;
    bool fresh_ = false;
};

}  // namespace rialto::fakes::xmpp
