#include "bridges/xmpp/stanza_error.hpp"

#include "bridges/xmpp/xml_stream.hpp"

#include <gtest/gtest.h>

namespace rialto::xmpp::stanza_error_test {
namespace {

owned_tree parsed(std::string_view stanza)
{
    owned_tree seen;
    stream_handlers on;
    on.on_stanza = [&](const node& n) { seen = owned_tree{n}; };
    xml_stream stream{std::move(on)};
    EXPECT_TRUE(stream.feed("<s xmlns='jabber:component:accept'>"));
    EXPECT_TRUE(stream.feed(stanza)) << stanza;
    return seen;
}

std::string with_error(const stanza_error& e)
{
    std::string out;
    {
        element m{out, "message"};
        m("type", "error");
        append_error(m, e);
    }
    return out;
}

TEST(StanzaError, ReadsWhatItWrote)
{
    stanza_error e{"wait", "resource-constraint", "later <please>"};
    e.by = "muc.example";
    EXPECT_EQ(error_of(parsed(with_error(e)).root()), e);
    EXPECT_EQ(
        with_error(stanza_error{"cancel", "conflict"}),
        "<message type='error'><error type='cancel'><conflict "
        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    );
}

TEST(StanzaError, IsReadFromWhateverAPeerCallsAnError)
{
    EXPECT_FALSE(error_of(parsed("<message><error type='cancel'/></message>").root()));
    EXPECT_EQ(
        error_of(parsed("<message type='error'/>").root()), (stanza_error{"cancel", "undefined-condition"})
    );
    EXPECT_EQ(
        error_of(
            parsed("<iq type='error'><ping xmlns='urn:xmpp:ping'/><error><text "
                   "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>why</text><gone "
                   "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:b@c</gone><x xmlns='y'/></error></iq>")
                .root()
        ),
        (stanza_error{"cancel", "gone", "why"})
    );
}

TEST(StanzaError, BecomesAFailureThatSaysWhatToDo)
{
    const auto gone =
        to_failure(stanza_error{"cancel", "item-not-found", "no such room"}, "cannot join r@muc");
    EXPECT_EQ(
        gone,
        (failure{verdict::give_up, cause::not_found, "cannot join r@muc: item-not-found (\"no such room\")"})
    );
    EXPECT_EQ(to_failure(stanza_error{"wait", "item-not-found"}, "x").next, verdict::try_later);
    EXPECT_EQ(to_failure(stanza_error{"cancel", "remote-server-not-found"}, "x").next, verdict::try_later);
    EXPECT_EQ(to_failure(stanza_error{"auth", "internal-server-error"}, "x").next, verdict::give_up);
    EXPECT_EQ(to_failure(stanza_error{"auth", "registration-required"}, "x").kind, cause::members_only);
    EXPECT_EQ(to_failure(stanza_error{"cancel", "not-in-any-rfc"}, "x").kind, cause::other);
    EXPECT_LT(
        to_failure(stanza_error{"cancel", std::string(9000, 'c'), std::string(9000, 't')}, "x").why.size(),
        400u
    );
}

TEST(StanzaError, OfAMessageToAPersonSaysWhatItsAuthorCanDo)
{
    const auto told = [](const char* condition, const char* text = "") {
        return chat_failure(stanza_error{"cancel", condition, text}, "romeo@x.example").why;
    };
    EXPECT_EQ(
        told("service-unavailable"),
        "nobody is reached at romeo@x.example: check the address, or try again when its owner is online"
    );
    EXPECT_EQ(
        told("item-not-found", "no such user"),
        "there is nobody at romeo@x.example: check the address (\"no such user\")"
    );
    EXPECT_EQ(
        told("remote-server-not-found"),
        "the server of romeo@x.example cannot be found: check the name after the @"
    );
    EXPECT_EQ(told("remote-server-timeout"), "the server of romeo@x.example does not answer");
    EXPECT_EQ(told("not-acceptable", "no"), "romeo@x.example did not get it: not-acceptable (\"no\")");
    const auto later = chat_failure(stanza_error{"wait", "remote-server-timeout"}, "romeo@x.example");
    EXPECT_EQ(later.next, verdict::try_later);
    EXPECT_EQ(later.kind, cause::away);
}

TEST(StanzaError, IsMadeOfEveryKindOfFailure)
{
    for (const auto kind :
         {cause::other, cause::forbidden, cause::members_only, cause::banned, cause::not_found,
          cause::conflict, cause::malformed, cause::too_large, cause::too_many, cause::full, cause::away})
        for (const auto next : {verdict::try_later, verdict::give_up, verdict::unsupported}) {
            const auto e = to_error(failure{next, kind, "why"});
            EXPECT_FALSE(e.type.empty());
            EXPECT_NE(e.condition, "undefined-condition");
            EXPECT_EQ(e.text, "why");
            // A client forgets a room for ever at "cancel": what passes must say so.
            EXPECT_EQ(
                e.type == "wait", next == verdict::try_later || kind == cause::too_many || kind == cause::full
            ) << e.condition;
        }
    EXPECT_EQ(to_error(failure{verdict::unsupported, cause::other, ""}).condition, "feature-not-implemented");
    EXPECT_EQ(
        to_error(failure{verdict::give_up, cause::members_only, ""}).condition, "registration-required"
    );
}

}  // namespace
}  // namespace rialto::xmpp::stanza_error_test
