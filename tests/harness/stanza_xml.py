"""Stanzas as text, and back: just enough XML for a client that says exactly what it means."""
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape, quoteattr

NS = {
    "client": "jabber:client", "muc": "http://jabber.org/protocol/muc", "user": "http://jabber.org/protocol/muc#user",
    "admin": "http://jabber.org/protocol/muc#admin", "owner": "http://jabber.org/protocol/muc#owner",
    "data": "jabber:x:data", "conference": "jabber:x:conference", "states": "http://jabber.org/protocol/chatstates",
    "correct": "urn:xmpp:message-correct:0", "reactions": "urn:xmpp:reactions:0",
    "retract": "urn:xmpp:message-retract:0", "retract1": "urn:xmpp:message-retract:1", "reply": "urn:xmpp:reply:0",
    "fallback": "urn:xmpp:fallback:0", "sid": "urn:xmpp:sid:0", "fasten": "urn:xmpp:fasten:0",
    "moderate": "urn:xmpp:message-moderate:0", "moderate1": "urn:xmpp:message-moderate:1",
    "occupant": "urn:xmpp:occupant-id:0", "delay": "urn:xmpp:delay", "receipts": "urn:xmpp:receipts",
    "xhtml": "http://www.w3.org/1999/xhtml", "sasl": "urn:ietf:params:xml:ns:xmpp-sasl",
    "bind": "urn:ietf:params:xml:ns:xmpp-bind", "stream": "http://etherx.jabber.org/streams",
    "stanzas": "urn:ietf:params:xml:ns:xmpp-stanzas", "ping": "urn:xmpp:ping", "oob": "jabber:x:oob",
    "mam": "urn:xmpp:mam:2", "forward": "urn:xmpp:forward:0", "markers": "urn:xmpp:chat-markers:0",
    "info": "http://jabber.org/protocol/disco#info", "hints": "urn:xmpp:hints",
    "upload": "urn:xmpp:http:upload:0",
}


class Xml(str):
    """Text that is markup already."""


def el(name, attributes=None, *children, ns=None):
    """One element; strings among the children are escaped, None is left out."""
    given = {**({"xmlns": NS[ns]} if ns else {}), **(attributes or {})}
    head = name + "".join(f" {key}={quoteattr(str(value))}" for key, value in given.items() if value is not None)
    inner = "".join(child if isinstance(child, Xml) else escape(child) for child in children if child is not None)
    return Xml(f"<{head}>{inner}</{name}>" if inner else f"<{head}/>")


def tag(ns, name):
    return f"{{{NS[ns]}}}{name}"


def child(stanza, ns, name):
    return stanza.find(tag(ns, name))


def text_of(stanza, ns, name):
    found = stanza.find(tag(ns, name))
    return None if found is None else (found.text or "")


def shown(stanza):
    return ElementTree.tostring(stanza, encoding="unicode")
