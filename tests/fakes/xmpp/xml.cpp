#include "tests/fakes/xmpp/xml.hpp"

#include <expat.h>

#include <algorithm>

namespace rialto::fakes::xmpp {

namespace {
constexpr char between = '\xff';

bool content_space(std::string_view ns) { return ns == "jabber:client" || ns == "jabber:component:accept"; }

// Where expat can hold back a token until more comes (2.6, and Debian's 2.5), it shall not: a stanza would be
// late.
template <class Parser>
void undeferred(Parser p)
{
    if constexpr (requires { XML_SetReparseDeferralEnabled(p, XML_FALSE); })
        XML_SetReparseDeferralEnabled(p, XML_FALSE);
}

std::pair<std::string, std::string> split(std::string_view expat_name)
{
    const std::size_t at = expat_name.find(between);
    if (at == expat_name.npos)
        return {std::string{}, std::string{expat_name}};
    const auto ns = expat_name.substr(0, at);
    return {content_space(ns) ? std::string{} : std::string{ns}, std::string{expat_name.substr(at + 1)}};
}
}  // namespace

std::string element::get(std::string_view attribute) const
{
    for (const auto& [k, v] : attributes)
        if (k == attribute)
            return v;
    return {};
}

bool element::has(std::string_view attribute) const
{
    return std::any_of(attributes.begin(), attributes.end(), [&](const auto& a) {
        return a.first == attribute;
    });
}

element& element::set(std::string_view attribute, std::string value)
{
    for (auto& [k, v] : attributes)
        if (k == attribute) {
            v = std::move(value);
            return *this;
        }
    attributes.emplace_back(attribute, std::move(value));
    return *this;
}

void element::unset(std::string_view attribute)
{
    std::erase_if(attributes, [&](const auto& a) { return a.first == attribute; });
}

const element* element::find(std::string_view child, std::string_view space) const
{
    for (const auto& c : children)
        if (c.name == child && c.ns == space)
            return &c;
    return nullptr;
}

const element* element::find_in(std::string_view space) const
{
    for (const auto& c : children)
        if (!c.name.empty() && c.ns == space)
            return &c;
    return nullptr;
}

element& element::add(element child)
{
    children.push_back(std::move(child));
    return children.back();
}

element& element::add_text(std::string_view t)
{
    children.emplace_back();
    children.back().text = t;
    return *this;
}

std::string element::all_text() const
{
    std::string out = text;
    for (const auto& c : children)
        if (c.name.empty())
            out += c.text;
    return out;
}

std::string element::child_text(std::string_view child, std::string_view space) const
{
    const element* c = find(child, space);
    return c ? c->all_text() : std::string{};
}

namespace {
void append_escaped(std::string& out, std::string_view s)
{
    for (const char c : s) {
        switch (c) {
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '&': out += "&amp;"; break;
            case '\'': out += "&apos;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
}
}  // namespace

std::string escaped(std::string_view s)
{
    std::string out;
    append_escaped(out, s);
    return out;
}

void append_xml(std::string& out, const element& e, std::string_view parent_ns)
{
    if (e.name.empty()) {
        append_escaped(out, e.text);
        return;
    }
    out += '<';
    out += e.name;
    if (e.ns != parent_ns) {
        out += " xmlns='";
        append_escaped(out, e.ns.empty() ? "jabber:client" : std::string_view{e.ns});
        out += '\'';
    }
    for (const auto& [k, v] : e.attributes) {
        out += ' ';
        out += k;
        out += "='";
        append_escaped(out, v);
        out += '\'';
    }
    if (e.children.empty()) {
        out += "/>";
        return;
    }
    out += '>';
    for (const auto& c : e.children)
        append_xml(out, c, e.ns);
    out += "</";
    out += e.name;
    out += '>';
}

std::string to_xml(const element& e, std::string_view parent_ns)
{
    std::string out;
    append_xml(out, e, parent_ns);
    return out;
}

stream_parser::stream_parser(handler h) : handler_{std::move(h)} { make(); }
stream_parser::~stream_parser() { XML_ParserFree(parser_); }
void stream_parser::reset() { fresh_ = true; }

void stream_parser::make()
{
    if (parser_)
        XML_ParserFree(parser_);
    parser_ = XML_ParserCreateNS("UTF-8", between);
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(
        parser_,
        [](void* me, const char* n, const char** a) { static_cast<stream_parser*>(me)->start(n, a); },
        [](void* me, const char*) { static_cast<stream_parser*>(me)->end(); }
    );
    XML_SetCharacterDataHandler(parser_, [](void* me, const char* s, int n) {
        static_cast<stream_parser*>(me)->chars({s, static_cast<std::size_t>(n)});
    });
    // RFC 6120 §11.1: no DTD, no comments, no processing instructions.
    XML_SetStartDoctypeDeclHandler(parser_, [](void* me, const char*, const char*, const char*, int) {
        static_cast<stream_parser*>(me)->fail("restricted-xml");
    });
    XML_SetProcessingInstructionHandler(parser_, [](void* me, const char*, const char*) {
        static_cast<stream_parser*>(me)->fail("restricted-xml");
    });
    XML_SetCommentHandler(parser_, [](void* me, const char*) {
        static_cast<stream_parser*>(me)->fail("restricted-xml");
    });
    undeferred(parser_);
    open_.clear();
    error_.clear();
    depth_ = 0;
    began_ = 0;
    fresh_ = false;
}

std::string stream_parser::feed(std::string_view bytes)
{
    if (fresh_)
        make();
    const auto status = XML_Parse(parser_, bytes.data(), static_cast<int>(bytes.size()), XML_FALSE);
    if (error_.empty() && status != XML_STATUS_OK)
        error_ = "not-well-formed";
    const auto size = XML_GetCurrentByteIndex(parser_) - began_;
    if (error_.empty() && depth_ > 1 && static_cast<std::size_t>(size) > largest)
        error_ = "policy-violation";
    return error_;
}

void stream_parser::fail(const char* condition)
{
    error_ = condition;
    XML_StopParser(parser_, XML_FALSE);
}

void stream_parser::start(const char* name, const char** attributes)
{
    auto [ns, local] = split(name);
    element e{std::move(local), std::move(ns)};
    for (; *attributes; attributes += 2) {
        auto [attribute_ns, attribute] = split(attributes[0]);
        const bool xml = attribute_ns == "http://www.w3.org/XML/1998/namespace";
        if (attribute_ns.empty() || xml)
            e.attributes.emplace_back((xml ? "xml:" : "") + attribute, attributes[1]);
    }
    if (depth_++ == 0) {
        handler_.opened(std::move(e));
        return;
    }
    if (depth_ == 2)
        began_ = XML_GetCurrentByteIndex(parser_);
    open_.push_back(std::move(e));
}

void stream_parser::end()
{
    if (--depth_ == 0) {
        handler_.closed();
        return;
    }
    element done = std::move(open_.back());
    open_.pop_back();
    if (!open_.empty()) {
        open_.back().children.push_back(std::move(done));
        return;
    }
    if (static_cast<std::size_t>(XML_GetCurrentByteIndex(parser_) - began_) > largest) {
        fail("policy-violation");
        return;
    }
    handler_.stanza(std::move(done));
}

void stream_parser::chars(std::string_view s)
{
    if (open_.empty())
        return;
    auto& inside = open_.back().children;
    if (inside.empty() || !inside.back().name.empty())
        inside.emplace_back();
    inside.back().text += s;
}

}  // namespace rialto::fakes::xmpp
