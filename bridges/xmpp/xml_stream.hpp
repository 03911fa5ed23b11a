// bridges/xmpp/xml_stream.hpp: bytes of an XMPP stream in, stanzas out. A push parser (expat) that builds one
// small tree per stanza in an arena and calls back once. Made for hostile input: depth, bytes and nodes are
// bounded; a stanza over a limit is skipped and reported while the stream goes on, because one user's stanza
// must not cost everybody the link. What RFC 6120 §11.1 forbids (DOCTYPE, processing instructions) ends the
// stream; comments are ignored. Cost is linear, nothing recurses. Not thread-safe; no I/O. A callback may
// call stop(), and may throw (feed() rethrows, the stream is then dead); it must not destroy the stream.
#pragma once

#include "bridges/xmpp/xml.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>

struct XML_ParserStruct;

namespace rialto::xmpp {

struct stream_limits  // of one stanza; attributes count as nodes
{
    std::size_t depth = 64, bytes = std::size_t{1} << 20, nodes = 20'000;
    std::size_t token =
        std::size_t{16}
        << 20;  // bytes of one tag: it cannot be skipped in the middle, so this ends the stream
};

class start_tag  // of a stanza, before anything of it has been kept
{
    const char** attributes_;

public:
    std::string_view ns, name;
    start_tag(std::string_view space, std::string_view local, const char** attributes)
        : attributes_{attributes}, ns{space}, name{local}
    {
    }
    std::string_view attr(std::string_view local) const noexcept;  // those without namespace
};

struct stream_handlers  // each may be empty
{
    std::function<void(const node& header)>
        on_open;  // its attribute "xmlns" is the stream's default namespace
    std::function<void(const node& stanza)> on_stanza;
    std::function<void(const node& top, std::string_view why)>
        on_oversize;                               // the skipped stanza: trust only its attributes
    std::function<void()> on_close;                // </stream:stream>
    std::function<bool(const start_tag&)> wanted;  // false: parsed on, but neither kept nor shown
};

class xml_stream
{
public:
    explicit xml_stream(stream_handlers handlers, stream_limits limits = {});
    ~xml_stream();
    xml_stream(const xml_stream&) = delete;
    xml_stream& operator=(const xml_stream&) = delete;

    bool feed(std::string_view bytes);  // false: dead, error() says why. Nothing is read after the close
    const std::string& error() const noexcept { return error_; }
    void stop() noexcept;  // no callback any more, from now on
    bool closed() const noexcept { return closed_; }

private:
    struct arena;
    struct expat_calls;
    bool parse(std::string_view bytes);
    void start(const char* qualified, const char** attributes);
    void end();
    void characters(std::string_view piece);
    void refuse(const char* why);
    void skip(const char* why);
    void store_text();
    void append(node* child);
    node* make_element(
        const char* qualified, const char** attributes, bool brief
    );  // brief: to report it, not to use it
    std::size_t stanza_bytes() const noexcept;

    stream_handlers on_;
    stream_limits limits_;
    std::unique_ptr<XML_ParserStruct, void (*)(XML_ParserStruct*)> parser_;
    std::unique_ptr<arena> arena_;
    node* current_ = nullptr;
    std::string text_, held_, default_ns_, error_;
    std::size_t depth_ = 0, nodes_ = 0, pending_ = 0;  // pending: bytes of a tag whose end has not come
    std::int64_t fed_ = 0, begin_ = 0;
    bool skipping_ = false, closed_ = false, stopped_ = false;
    std::exception_ptr thrown_;
};

}  // namespace rialto::xmpp
