// bridges/xmpp/stanza_names.hpp: the XML namespaces this backend speaks, each under the name of its XEP's
// subject.
#pragma once

#include <string_view>

namespace rialto::xmpp::ns {

inline constexpr std::string_view stanzas = "urn:ietf:params:xml:ns:xmpp-stanzas";         // RFC 6120 §8.3
inline constexpr std::string_view muc = "http://jabber.org/protocol/muc";                  // XEP-0045
inline constexpr std::string_view muc_user = "http://jabber.org/protocol/muc#user";        //
inline constexpr std::string_view muc_admin = "http://jabber.org/protocol/muc#admin";      //
inline constexpr std::string_view muc_info = "http://jabber.org/protocol/muc#roominfo";    //
inline constexpr std::string_view disco_info = "http://jabber.org/protocol/disco#info";    // XEP-0030
inline constexpr std::string_view disco_items = "http://jabber.org/protocol/disco#items";  //
inline constexpr std::string_view rsm = "http://jabber.org/protocol/rsm";                  // XEP-0059
inline constexpr std::string_view oob = "jabber:x:oob";                                    // XEP-0066
inline constexpr std::string_view xhtml_im = "http://jabber.org/protocol/xhtml-im";        // XEP-0071
inline constexpr std::string_view xhtml = "http://www.w3.org/1999/xhtml";                  //
inline constexpr std::string_view chat_states = "http://jabber.org/protocol/chatstates";   // XEP-0085
inline constexpr std::string_view nick = "http://jabber.org/protocol/nick";                // XEP-0172
inline constexpr std::string_view receipts = "urn:xmpp:receipts";                          // XEP-0184
inline constexpr std::string_view ping = "urn:xmpp:ping";                                  // XEP-0199
inline constexpr std::string_view delay = "urn:xmpp:delay";                                // XEP-0203
inline constexpr std::string_view conference = "jabber:x:conference";                      // XEP-0249
inline constexpr std::string_view forward = "urn:xmpp:forward:0";                          // XEP-0297
inline constexpr std::string_view correct = "urn:xmpp:message-correct:0";                  // XEP-0308
inline constexpr std::string_view mam = "urn:xmpp:mam:2";                                  // XEP-0313
inline constexpr std::string_view markers = "urn:xmpp:chat-markers:0";                     // XEP-0333
inline constexpr std::string_view hints = "urn:xmpp:hints";                                // XEP-0334
inline constexpr std::string_view upload = "urn:xmpp:http:upload:0";                       // XEP-0363
inline constexpr std::string_view sid = "urn:xmpp:sid:0";                                  // XEP-0359
inline constexpr std::string_view styling = "urn:xmpp:styling:0";                          // XEP-0393
inline constexpr std::string_view occupant = "urn:xmpp:occupant-id:0";                     // XEP-0421
inline constexpr std::string_view fasten = "urn:xmpp:fasten:0";                            // XEP-0422
inline constexpr std::string_view retract0 = "urn:xmpp:message-retract:0";                 // XEP-0424
inline constexpr std::string_view retract1 = "urn:xmpp:message-retract:1";                 //
inline constexpr std::string_view moderate0 = "urn:xmpp:message-moderate:0";               // XEP-0425
inline constexpr std::string_view moderate1 = "urn:xmpp:message-moderate:1";               //
inline constexpr std::string_view fallback = "urn:xmpp:fallback:0";                        // XEP-0428
inline constexpr std::string_view reactions = "urn:xmpp:reactions:0";                      // XEP-0444
inline constexpr std::string_view reply = "urn:xmpp:reply:0";                              // XEP-0461
inline constexpr std::string_view data = "jabber:x:data";                                  // XEP-0004
inline constexpr std::string_view file_metadata = "urn:xmpp:file:metadata:0";              // XEP-0446
inline constexpr std::string_view file_sharing = "urn:xmpp:sfs:0";                         // XEP-0447
inline constexpr std::string_view url_data = "http://jabber.org/protocol/url-data";        // XEP-0103

}  // namespace rialto::xmpp::ns
