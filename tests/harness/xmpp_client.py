"""A person on XMPP: chats and rooms, with the extensions that people's clients use."""
from tests.harness.files import put
from tests.harness.process import Failed
from tests.harness.stanza_xml import child, el, tag, text_of
from tests.harness.xmpp_stream import XmppStream

MESSAGE, PRESENCE = tag("client", "message"), tag("client", "presence")


def statuses(presence):
    return {status.get("code") for status in presence.iter(tag("user", "status"))}


def stanza_id(message, by=None):
    for found in message.findall(tag("sid", "stanza-id")):
        if by is None or found.get("by") == by:
            return found.get("id")
    return None


class XmppClient(XmppStream):
    def __init__(self, jid, password, port, resource="harness"):
        super().__init__(jid, password, port, resource)
        self.nicks = {}  # room -> the nick that is ours there

    # -- rooms

    def join(self, room, nick=None, seconds=20):
        nick = nick or self.user
        start = self.mark()
        history = el("history", {"maxstanzas": "0"})
        self.send(el("presence", {"to": f"{room}/{nick}"}, el("x", None, history, ns="muc")))
        answer = self.wait_for(
            lambda s: s.tag == PRESENCE and (s.get("from") or "").split("/")[0] == room
            and ("110" in statuses(s) or s.get("type") == "error"), seconds, f"itself in {room}", start)
        if answer.get("type") == "error":
            raise Failed(f"{self.jid} may not join {room}: {self.error_of(answer)}")
        self.wait_for(lambda s: s.tag == MESSAGE and (s.get("from") or "").split("/")[0] == room
                      and child(s, "client", "subject") is not None, seconds, f"the subject of {room}", start)
        self.nicks[room] = answer.get("from").split("/", 1)[1]
        return self

    def leave(self, room):
        self.send(el("presence", {"to": f"{room}/{self.nicks.pop(room)}", "type": "unavailable"}))

    def rename(self, room, nick):
        self.send(el("presence", {"to": f"{room}/{nick}"}))
        self.nicks[room] = nick

    def occupants(self, room):
        """nick -> whether the last presence says that it is there."""
        seen = {}
        with self.changed:
            for stanza in self.stanzas:
                where, _, nick = (stanza.get("from") or "").partition("/")
                if stanza.tag == PRESENCE and where == room and nick:
                    seen[nick] = stanza.get("type") is None
        return {nick for nick, there in seen.items() if there}

    def real_jid(self, room, nick):
        """The bare address behind a nick, as a moderator sees it."""
        with self.changed:
            for stanza in reversed(self.stanzas):
                if stanza.tag == PRESENCE and stanza.get("from") == f"{room}/{nick}":
                    for item in stanza.iter(tag("user", "item")):
                        if item.get("jid"):
                            return item.get("jid").split("/")[0]
        raise Failed(f"{self.jid} does not see who {nick} is")

    def _admin(self, room, reason, **item):
        what = el("item", item, el("reason", None, reason) if reason else None)
        answer = self.ask(el("query", None, what, ns="admin"), room, "set")
        if answer.get("type") == "error":
            raise Failed(f"{self.jid} may not change {item}: {self.error_of(answer)}")

    def kick(self, room, nick, reason=None):
        self._admin(room, reason, nick=nick, role="none")

    def ban(self, room, jid, reason=None):
        self._admin(room, reason, jid=jid, affiliation="outcast")

    def affiliate(self, room, jid, affiliation):
        self._admin(room, None, jid=jid, affiliation=affiliation)

    def configure(self, room, **settings):
        """Changes settings of a room of our own: membersonly=1 and the like."""
        fields = [el("field", {"var": f"muc#roomconfig_{name}"}, el("value", None, str(value)))
                  for name, value in settings.items()]
        kind = el("field", {"var": "FORM_TYPE", "type": "hidden"},
                  el("value", None, "http://jabber.org/protocol/muc#roomconfig"))
        answer = self.ask(el("query", None, el("x", {"type": "submit"}, kind, *fields, ns="data"), ns="owner"),
                          room, "set")
        if answer.get("type") == "error":
            raise Failed(f"{self.jid} may not configure {room}: {self.error_of(answer)}")

    def invite(self, room, jid, reason):
        """By the room's hand (XEP-0045 §7.8.2)."""
        self.send(el("message", {"to": room, "id": self.next_id()},
                     el("x", None, el("invite", {"to": jid}, el("reason", None, reason)), ns="user")))

    def invite_directly(self, room, jid, reason, password=None):
        """XEP-0249."""
        what = el("x", {"jid": room, "reason": reason, "password": password}, ns="conference")
        self.send(el("message", {"to": jid, "id": self.next_id()}, what))

    def whisper(self, room, nick, body):
        """XEP-0045 §7.5."""
        self.send(el("message", {"to": f"{room}/{nick}", "type": "chat", "id": self.next_id()},
                     el("body", None, body), el("x", None, ns="user")))

    def set_subject(self, room, subject):
        self.send(el("message", {"to": room, "type": "groupchat", "id": self.next_id()}, el("subject", None, subject)))

    # -- messages, to a room or to a person

    def _kind(self, to):
        return "groupchat" if to in self.nicks else "chat"

    def message(self, to, *children, name=None):
        name = name or self.next_id()
        self.send(el("message", {"to": to, "type": self._kind(to), "id": name}, *children,
                     el("origin-id", {"id": name}, ns="sid")))
        return name

    def say(self, to, body, *more, name=None):
        return self.message(to, el("body", None, body), *more, name=name)

    def correct(self, to, target, body):
        return self.say(to, body, el("replace", {"id": target}, ns="correct"))

    def retract(self, to, target):
        """XEP-0424 in its present form, with the older one beside it, as clients send it."""
        fallback = el("fallback", {"for": "urn:xmpp:message-retract:1"}, ns="fallback")
        return self.message(
            to, el("retract", {"id": target}, ns="retract1"),
            el("apply-to", {"id": target}, el("retract", None, ns="retract"), ns="fasten"), fallback,
            el("body", None, "This person attempted to retract a previous message."), el("store", None, ns="hints"))

    def react(self, to, target, *keys):
        marks = [el("reaction", None, key) for key in keys]
        return self.message(to, el("reactions", {"id": target}, *marks, ns="reactions"), el("store", None, ns="hints"))

    def reply(self, to, target, author, body, quoted):
        quote = "".join(f"> {line}\n" for line in quoted.splitlines())
        span = el("body", {"start": "0", "end": str(len(quote))})
        return self.say(to, quote + body, el("reply", {"to": author, "id": target}, ns="reply"),
                        el("fallback", {"for": "urn:xmpp:reply:0"}, span, ns="fallback"))

    def upload(self, service, name, mime, data):
        """XEP-0363: the address it has then."""
        wish = el("request", {"filename": name, "size": len(data), "content-type": mime}, ns="upload")
        answer = self.ask(wish, service)
        if answer.get("type") == "error":
            raise Failed(f"{service} gives {self.jid} no slot: {self.error_of(answer)}")
        there = child(answer, "upload", "slot")
        there_put = child(there, "upload", "put")
        headers = {h.get("name"): h.text for h in there_put.findall(tag("upload", "header"))}
        put(there_put.get("url"), data, {"Content-Type": mime, **headers})
        return child(there, "upload", "get").get("url")

    def share(self, to, url):
        """XEP-0066, as clients do: the URL is all of the body."""
        return self.say(to, url, el("x", None, el("url", None, url), ns="oob"))

    def mark_read(self, to, target):
        self.message(to, el("displayed", {"id": target}, ns="markers"), el("store", None, ns="hints"))

    def type(self, to, active=True):
        self.message(to, el("composing" if active else "paused", None, ns="states"), el("no-store", None, ns="hints"))

    # -- what came

    def bodies(self, frm, start=0):
        """(nick or resource, body) of what came from a bare address, history and our own copies included."""
        with self.changed:
            return [((s.get("from") or "").partition("/")[2], text_of(s, "client", "body"))
                    for s in self.stanzas[start:]
                    if s.tag == MESSAGE and (s.get("from") or "").split("/")[0] == frm
                    and child(s, "client", "body") is not None]

    def wait_body(self, frm, body, seconds=20, start=0):
        return self.wait_for(lambda s: s.tag == MESSAGE and (s.get("from") or "").startswith(frm)
                             and text_of(s, "client", "body") == body, seconds, f"{body!r} from {frm}", start)
