"""What one person has seen said in one room or chat, on whatever side: a list of (who, body)."""
import time

from tests.harness.ledger import name_of
from tests.harness.process import Failed
from tests.harness.stanza_xml import child, tag, text_of
from tests.harness.xmpp_client import MESSAGE


def _new_text(event):
    content = event.get("content", {})
    return (event["type"] == "m.room.message" and content.get("msgtype") in ("m.text", "m.emote", "m.notice")
            and content.get("m.relates_to", {}).get("rel_type") != "m.replace")


class MatrixView:
    def __init__(self, client, room, but=()):
        self.client, self.room, self.but = client, room, set(but)
        self.start = len(client.events)
        self.name = f"{client.name} (Matrix)"
        self.shown = {}

    def _who(self, mxid):
        if mxid not in self.shown:
            self.shown = self.client.members(self.room)
        return name_of(self.shown.get(mxid) or mxid.removeprefix("@").split(":")[0])

    def said(self):
        with self.client.changed:
            events = [event for event in self.client.events[self.start:]
                      if event["room_id"] == self.room and event["sender"] not in self.but and _new_text(event)]
        return [(self._who(event["sender"]), event["content"]["body"]) for event in events]


class MucView:
    def __init__(self, client, room):
        self.client, self.room, self.start = client, room, client.mark()
        self.name = f"{client.user} ({client.domain})"

    def said(self):
        with self.client.changed:
            stanzas = self.client.stanzas[self.start:]
        return [(name_of(stanza.get("from").partition("/")[2]), text_of(stanza, "client", "body"))
                for stanza in stanzas if self._is_new_text(stanza)]

    def _is_new_text(self, stanza):
        return (stanza.tag == MESSAGE and stanza.get("type") == "groupchat"
                and (stanza.get("from") or "").split("/")[0] == self.room
                and child(stanza, "client", "body") is not None and child(stanza, "delay", "delay") is None
                and child(stanza, "correct", "replace") is None
                and all(stanza.find(tag(ns, "retract")) is None for ns in ("retract", "retract1")))


class ChatView(MucView):
    """One to one: `room` is the other's bare address, `who` their name."""

    def __init__(self, client, address, who):
        super().__init__(client, address)
        self.who = who

    def said(self):
        return [(self.who, body) for _, body in super().said()]

    def _is_new_text(self, stanza):
        return (stanza.tag == MESSAGE and stanza.get("type") in (None, "chat", "normal")
                and (stanza.get("from") or "").split("/")[0] == self.room
                and child(stanza, "client", "body") is not None and child(stanza, "correct", "replace") is None
                and child(stanza, "retract1", "retract") is None)


def wait_for_all(view, expected, seconds):
    """Waits until each expected (who, body) was seen; then one moment more, for what should not come."""
    deadline = time.monotonic() + seconds
    while True:
        seen = view.said()
        missing = [item for item in expected if item not in seen]
        if not missing:
            return seen
        left = deadline - time.monotonic()
        if left <= 0:
            raise Failed(f"{view.name} did not see {missing[0]} ({len(missing)} missing) within {seconds} s; "
                         f"saw last: {seen[-5:]}")
        with view.client.changed:
            view.client.changed.wait(min(left, 0.5))
