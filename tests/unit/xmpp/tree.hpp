// tests/unit/xmpp/tree.hpp: a stanza's text as the tree that the stream parser makes of it.
#pragma once

#include "bridges/xmpp/xml_stream.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace rialto::xmpp {

inline owned_tree parse(std::string_view stanza)
{
    owned_tree out;
    stream_handlers on;
    on.on_stanza = [&out](const node& n) { out = owned_tree{n}; };
    xml_stream stream{std::move(on)};
    std::string text =
        "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>";
    text += stanza;
    EXPECT_TRUE(stream.feed(text)) << stream.error() << "\n" << stanza;
    return out;
}

}  // namespace rialto::xmpp
