// core/rich/html.hpp: documents from the HTML of strangers, and as the HTML that Matrix allows. Pure, any
// thread. Reading keeps what a document can hold and drops the rest: this is the one sanitiser. Nothing is
// fetched, no entity is defined by the input, time is linear in its size.
#pragma once

#include "core/document.hpp"

#include <optional>

namespace rialto::rich {

enum class dialect
{
    matrix,    // org.matrix.custom.html (CS-API §m.room.message msgtypes); mx-reply is dropped
    xhtml_im,  // the <body/> of XEP-0071: looks come from style attributes too
    mail,      // text/html of strangers: style attributes, hidden text dropped
};

struct html_limits
{
    std::size_t bytes = 256 * 1024, tags = 20'000, depth = static_cast<std::size_t>(deepest_reading);
};

// nullopt when a limit is passed: use the plain alternative that came along.
std::optional<document> from_html(std::string_view html, dialect from, html_limits limits = {});

// What a Matrix event says: its formatted_body if that can be read and says anything, else its body.
document from_matrix(std::string_view formatted_body, std::string_view body);

// org.matrix.custom.html. Mentions become matrix.to links (where `mention` is an mxid). A document of one
// paragraph has no <p>.
std::string to_html(const document& d);

// An http, https, mailto, xmpp or matrix URI of sane length and without blanks or controls; nothing else is
// ever made a link.
bool is_link(std::string_view uri);
// The mxid a matrix.to or matrix: URI stands for; "" when it names no user.
std::string user_in_link(std::string_view uri);

}  // namespace rialto::rich
