#include "bridges/xmpp/xml_stream.hpp"

#include <expat.h>

#include <cstddef>
#include <cstring>
#include <memory_resource>
#include <utility>

namespace rialto::xmpp {

namespace {
constexpr char separator = '\xff';  // no UTF-8 has this byte, so no namespace can hold it
constexpr std::size_t long_token = std::size_t{64} << 10;
constexpr std::size_t brief_attributes = 32, brief_value = 4096;

struct qualified_name
{
    std::string_view ns, local;
    explicit qualified_name(std::string_view both) : local{both}
    {
        if (const auto at = both.rfind(separator); at != both.npos) {
            ns = both.substr(0, at);
            local = both.substr(at + 1);
        }
    }
};

// expat >= 2.6 and distributions' older ones with the fix of CVE-2023-52425 hold a stanza back when its start
// tag came in many pieces; xml_stream::feed() keeps that linear itself. Absent in older headers.
template <class Parser>
void no_reparse_deferral(Parser parser)
{
    if constexpr (requires { XML_SetReparseDeferralEnabled(parser, XML_FALSE); })
        XML_SetReparseDeferralEnabled(parser, XML_FALSE);
}
}  // namespace

struct xml_stream::arena
{
    alignas(std::max_align_t) std::byte first[16384];
    std::pmr::monotonic_buffer_resource memory{first, sizeof first};

    std::string_view keep(std::string_view s)
    {
        if (s.empty())
            return {};
        auto* bytes = static_cast<char*>(memory.allocate(s.size(), 1));
        std::memcpy(bytes, s.data(), s.size());
        return {bytes, s.size()};
    }
    template <class T>
    T* make()
    {
        return new (memory.allocate(sizeof(T), alignof(T))) T{};
    }
};

// What expat calls: no exception may cross its C frames, and it goes on calling for a while after
// XML_StopParser.
struct xml_stream::expat_calls
{
    template <class F>
    static void guarded(void* user, F f)
    {
        auto& self = *static_cast<xml_stream*>(user);
        if (self.stopped_ || self.thrown_ || !self.error_.empty())
            return;
        try {
            f(self);
        } catch (...) {
            self.thrown_ = std::current_exception();
            XML_StopParser(self.parser_.get(), XML_FALSE);
        }
    }
    static void XMLCALL start(void* user, const char* name, const char** attributes)
    {
        guarded(user, [&](xml_stream& s) { s.start(name, attributes); });
    }
    static void XMLCALL end(void* user, const char*)
    {
        guarded(user, [](xml_stream& s) { s.end(); });
    }
    static void XMLCALL text(void* user, const char* piece, int length)
    {
        guarded(user, [&](xml_stream& s) { s.characters({piece, static_cast<std::size_t>(length)}); });
    }
    static void XMLCALL doctype(void* user, const char*, const char*, const char*, int)
    {
        guarded(user, [](xml_stream& s) { s.refuse("a document type declaration (RFC 6120 §11.1)"); });
    }
    static void XMLCALL instruction(void* user, const char*, const char*)
    {
        guarded(user, [](xml_stream& s) { s.refuse("a processing instruction (RFC 6120 §11.1)"); });
    }
    static void XMLCALL namespace_seen(void* user, const char* prefix, const char* uri)
    {
        guarded(user, [&](xml_stream& s) {
            if (!prefix && uri)
                s.default_ns_ = uri;
        });
    }
};

std::string_view start_tag::attr(std::string_view local) const noexcept
{
    for (const char** a = attributes_; a && *a; a += 2)
        if (local == *a)
            return a[1];
    return {};
}

xml_stream::xml_stream(stream_handlers handlers, stream_limits limits)
    : on_{std::move(handlers)},
      limits_{limits},
      parser_{XML_ParserCreateNS("UTF-8", separator), [](XML_ParserStruct* p) { XML_ParserFree(p); }},
      arena_{std::make_unique<arena>()}
{
    if (!parser_)
        throw std::bad_alloc{};
    auto* p = parser_.get();
    no_reparse_deferral(p);
    XML_SetUserData(p, this);
    XML_SetElementHandler(p, &expat_calls::start, &expat_calls::end);
    XML_SetCharacterDataHandler(p, &expat_calls::text);
    XML_SetStartDoctypeDeclHandler(p, &expat_calls::doctype);
    XML_SetProcessingInstructionHandler(p, &expat_calls::instruction);
    XML_SetStartNamespaceDeclHandler(p, &expat_calls::namespace_seen);
}

xml_stream::~xml_stream() = default;

bool xml_stream::feed(std::string_view bytes)
{
    if (!error_.empty())
        return false;
    if (stopped_ || closed_ || bytes.empty())
        return true;
    // A long tag in many small pieces would be scanned from its start at each: wait for the end of a tag.
    if (pending_ > long_token && bytes.find('>') == bytes.npos) {
        held_ += bytes;
        if (pending_ + held_.size() > limits_.token)
            error_ = "a tag of more than " + std::to_string(limits_.token) + " bytes";
        return error_.empty();
    }
    if (!held_.empty()) {
        const auto all = std::exchange(held_, {}).append(bytes);
        return parse(all);
    }
    return parse(bytes);
}

bool xml_stream::parse(std::string_view bytes)
{
    constexpr std::size_t piece = std::size_t{1} << 20;
    while (!bytes.empty() && !stopped_ && !closed_) {
        const auto now = bytes.substr(0, piece);
        bytes.remove_prefix(now.size());
        fed_ += static_cast<std::int64_t>(now.size());
        const auto status = XML_Parse(parser_.get(), now.data(), static_cast<int>(now.size()), 0);
        if (thrown_) {
            error_ = "a handler failed";
            std::rethrow_exception(std::exchange(thrown_, nullptr));
        }
        if (status == XML_STATUS_OK) {
            const auto done = std::max<std::int64_t>(XML_GetCurrentByteIndex(parser_.get()), 0);
            pending_ = static_cast<std::size_t>(fed_ - done);
            if (pending_ > limits_.token)
                error_ = "a tag of more than " + std::to_string(limits_.token) + " bytes";
        } else if (error_.empty() && !stopped_ && !closed_) {
            error_ = std::string{"not XML: "} + XML_ErrorString(XML_GetErrorCode(parser_.get()));
        }
        if (!error_.empty())
            return false;
    }
    return true;
}

void xml_stream::stop() noexcept
{
    stopped_ = true;
    XML_StopParser(parser_.get(), XML_FALSE);
}

void xml_stream::refuse(const char* why)
{
    error_ = why;
    XML_StopParser(parser_.get(), XML_FALSE);
}

void xml_stream::start(const char* qualified, const char** attributes)
{
    ++depth_;
    if (depth_ == 2) {
        const qualified_name name{qualified};
        begin_ = XML_GetCurrentByteIndex(parser_.get());
        nodes_ = 0;
        skipping_ = on_.wanted && !on_.wanted(start_tag{name.ns, name.local, attributes});
    }
    if (skipping_)
        return;
    ++nodes_;
    for (const char** a = attributes; *a; a += 2)
        ++nodes_;
    const auto tag = static_cast<std::size_t>(XML_GetCurrentByteCount(parser_.get()));
    const char* const over = depth_ > limits_.depth                 ? "too deep"
                             : nodes_ > limits_.nodes               ? "too many nodes"
                             : stanza_bytes() + tag > limits_.bytes ? "too many bytes"
                                                                    : nullptr;
    if (over && depth_ == 1)
        return refuse(over);
    if (over && depth_ > 2)
        return skip(over);
    store_text();
    auto* made = make_element(qualified, attributes, over != nullptr);
    if (depth_ == 1) {
        XML_SetStartNamespaceDeclHandler(parser_.get(), nullptr);
        if (on_.on_open)
            on_.on_open(*made);
        arena_->memory.release();
        return;
    }
    append(made);
    current_ = made;
    if (over)
        skip(over);
}

void xml_stream::end()
{
    --depth_;
    if (depth_ == 0) {
        closed_ = true;
        if (on_.on_close)
            on_.on_close();
        return;
    }
    if (skipping_) {
        skipping_ = depth_ > 1;
        return;
    }
    store_text();
    if (depth_ > 1) {
        current_ = current_->parent;
        return;
    }
    const auto* stanza = std::exchange(current_, nullptr);
    if (on_.on_stanza)
        on_.on_stanza(*stanza);
    arena_->memory.release();
}

void xml_stream::characters(std::string_view piece)  // expat cuts at every entity and line end: joined here
{
    if (skipping_ || !current_)
        return;
    if (stanza_bytes() + piece.size() > limits_.bytes)
        return skip("too many bytes");
    text_ += piece;
}

void xml_stream::store_text()
{
    if (text_.empty())
        return;
    auto* made = arena_->make<node>();
    made->text = arena_->keep(text_);
    text_.clear();
    append(made);
}

void xml_stream::append(node* child)
{
    child->parent = current_;
    if (!current_)
        return;
    (current_->last ? current_->last->next : current_->first) = child;
    current_->last = child;
}

node* xml_stream::make_element(const char* qualified, const char** attributes, bool brief)
{
    auto* made = arena_->make<node>();
    const qualified_name name{qualified};
    made->ns = arena_->keep(name.ns);
    made->name = arena_->keep(name.local);
    attribute** tail = &made->attributes;
    const auto add = [&](std::string_view key, std::string_view value) {
        const qualified_name parts{key};
        auto* one = arena_->make<attribute>();
        one->ns = arena_->keep(parts.ns);
        one->name = arena_->keep(parts.local);
        one->value = arena_->keep(value);
        *tail = one;
        tail = &one->next;
    };
    if (depth_ == 1)
        add("xmlns", default_ns_);
    std::size_t count = 0;
    for (const char** a = attributes; *a && !(brief && count == brief_attributes); a += 2) {
        const std::string_view value{a[1]};
        if (brief && value.size() > brief_value)
            continue;
        add(a[0], value);
        ++count;
    }
    return made;
}

void xml_stream::skip(const char* why)
{
    skipping_ = true;
    text_.clear();
    text_.shrink_to_fit();
    const node* top = std::exchange(current_, nullptr);
    while (top->parent)
        top = top->parent;
    if (on_.on_oversize)
        on_.on_oversize(*top, why);
    arena_->memory.release();
}

std::size_t xml_stream::stanza_bytes() const noexcept
{
    return static_cast<std::size_t>(XML_GetCurrentByteIndex(parser_.get()) - begin_);
}

}  // namespace rialto::xmpp
