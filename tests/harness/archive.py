"""What a MUC's archive holds (XEP-0313), read as a person's inbox: the room's own truth about what was said."""
import copy

from tests.harness.ledger import name_of
from tests.harness.process import Failed
from tests.harness.stanza_xml import el, tag
from tests.harness.xmpp_actor import XmppActor
from tests.harness.xmpp_client import stanza_id

RSM = "http://jabber.org/protocol/rsm"


def pages(client, room):
    """(archive id, message) of all that is archived, oldest first."""
    after = None
    while True:
        rsm = el("set", {"xmlns": RSM}, el("max", None, "100"), el("after", None, after) if after else None)
        query = client.next_id()
        start = client.mark()
        fin = client.ask(el("query", {"queryid": query}, rsm, ns="mam"), room, "set", 60)
        if fin.get("type") == "error":
            raise Failed(f"no archive of {room}: {client.error_of(fin)}")
        with client.changed:
            rows = [row for row in (stanza.find(tag("mam", "result")) for stanza in client.stanzas[start:])
                    if row is not None and row.get("queryid") == query]
        for row in rows:
            after = row.get("id")
            yield after, row.find(f"{tag('forward', 'forwarded')}/{tag('client', 'message')}")
        if not rows or fin.find(tag("mam", "fin")).get("complete") == "true":
            return


class ArchiveReader(XmppActor):
    """An inbox to which everybody, also the reader, is somebody else."""

    def __init__(self, client, room):
        super().__init__(client)
        self.to = room

    def in_room(self):
        return True

    def read_all(self):
        for name, message in pages(self.client, self.to):
            message = copy.deepcopy(message)
            if stanza_id(message, self.to) is None:
                message.extend([_stanza_id(self.to, name)])
            nick = (message.get("from") or "").partition("/")[2]
            self._message(message, name_of(nick), None if nick else "")
        return self.inbox


def _stanza_id(room, name):
    import xml.etree.ElementTree as ElementTree
    return ElementTree.Element(tag("sid", "stanza-id"), {"by": room, "id": name})
