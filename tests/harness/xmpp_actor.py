"""A person of a scene on the XMPP side: does what a step says, and keeps an inbox of one room or chat."""
import urllib.parse

from tests.harness.files import content_of, get, kind_of
from tests.harness.inbox import Change, Inbox, Item
from tests.harness.ledger import name_of
from tests.harness.process import Failed
from tests.harness.stanza_xml import child, el, tag, text_of
from tests.harness.xmpp_client import MESSAGE, PRESENCE, stanza_id, statuses


class XmppActor:
    side = "xmpp"

    def __init__(self, client):
        self.client, self.name = client, name_of(client.user)
        self.sent = {}  # text -> the id we gave it
        self.to, self.inbox, self.read, self.other = None, Inbox(), 0, ""
        self.present, self.jids = set(), {}
        self.upload = None  # address of the server's upload service

    def enter(self, to, other="", since=None):
        """From now on a room, or the chat with an address whose owner is called `other`."""
        self.to, self.other, self.inbox = to, other, Inbox()
        self.read = self.client.mark() if since is None else since
        self.present = {name_of(nick) for nick in self.client.occupants(to)} if self.in_room() else set()

    def in_room(self):
        return self.to in self.client.nicks

    # -- what came

    def pump(self):
        with self.client.changed:
            fresh, self.read = self.client.stanzas[self.read:], len(self.client.stanzas)
        for stanza in fresh:
            where, _, nick = (stanza.get("from") or "").partition("/")
            if where != self.to:
                continue
            if stanza.tag == PRESENCE and nick:
                self._presence(stanza, name_of(nick))
            elif stanza.tag == MESSAGE and child(stanza, "delay", "delay") is None:
                self._message(stanza, name_of(nick) if self.in_room() else self.other, nick)
        return self.inbox

    def _presence(self, stanza, who):
        if stanza.get("type") is None:
            if who not in self.present:
                self.inbox.changes.append(Change("join", who))
            self.present.add(who)
            return
        if stanza.get("type") != "unavailable":
            return
        item = next(stanza.iter(tag("user", "item")), None)
        codes = statuses(stanza)
        reason = by = ""
        if item is not None:
            reason = text_of(item, "user", "reason") or ""
            actor = child(item, "user", "actor")
            by = name_of((actor.get("nick") or actor.get("jid")) if actor is not None else "")
        if "303" in codes:
            self.inbox.changes.append(Change("rename", who, reason=name_of(item.get("nick"))))
            self.present.add(name_of(item.get("nick")))
        else:
            kind = "ban" if "301" in codes else "kick" if "307" in codes else "leave"
            told = reason or text_of(stanza, "client", "status") or ""
            self.inbox.changes.append(Change(kind, who, by, told))
        self.present.discard(who)

    def _message(self, stanza, who, nick):
        own = self.in_room() and nick == self.client.nicks.get(self.to)
        if stanza.get("type") == "error":
            self.inbox.add(Item("error", who, self.client.error_of(stanza) or ""))
            return
        if next(stanza.iter(tag("user", "decline")), None) is not None:
            return  # Prosody says it in a body, too
        if child(stanza, "states", "composing") is not None and not own:
            self.inbox.changes.append(Change("typing", who))
        read = child(stanza, "markers", "displayed")
        if read is not None and not own:
            self.inbox.changes.append(Change("read", who, reason=self.inbox.text_of(read.get("id"))))
        if self._refers(stanza, who, own):
            return
        if child(stanza, "client", "subject") is not None and child(stanza, "client", "body") is None:
            if nick:  # without: the room tells who has just joined how it stands
                self.inbox.add(Item("subject", who, text_of(stanza, "client", "subject"), own=own))
        elif child(stanza, "client", "body") is not None:
            self._text(stanza, who, own)

    def _refers(self, stanza, who, own):
        """Reactions, retractions and corrections."""
        reactions = child(stanza, "reactions", "reactions")
        if reactions is not None:
            keys = {found.text for found in reactions.findall(tag("reactions", "reaction"))}
            self.inbox.reactions[(self.inbox.text_of(reactions.get("id")), who)] = keys
            return True
        gone = next((found for found in (child(stanza, "retract1", "retract"),
                                         child(stanza, "fasten", "apply-to")) if found is not None), None)
        if gone is not None:
            self.inbox.add(Item("redaction", who, "", self.inbox.text_of(gone.get("id")), own=own))
            return True
        replaced = child(stanza, "correct", "replace")
        if replaced is not None:
            body, target = text_of(stanza, "client", "body") or "", self.inbox.text_of(replaced.get("id"))
            self.inbox.remember(body, self.inbox.ids.get(target), stanza.get("id"), replaced.get("id"))
            self.inbox.add(Item("edit", who, body, target, own=own))
            return True
        return False

    def _text(self, stanza, who, own):
        body, target = text_of(stanza, "client", "body"), ""
        reply = child(stanza, "reply", "reply")
        if reply is not None:
            target = self.inbox.text_of(reply.get("id"))
            for fallback in stanza.findall(tag("fallback", "fallback")):
                span = fallback.find(tag("fallback", "body"))
                if fallback.get("for") == "urn:xmpp:reply:0" and span is not None:
                    body = body[:int(span.get("start", 0))] + body[int(span.get("end", len(body))):]
        shared = child(stanza, "oob", "x")
        if shared is not None and text_of(shared, "oob", "url") == body:
            kind, place = "file", body  # servers may change the name in the address
            body = text_of(shared, "oob", "desc") or urllib.parse.unquote(place.rpartition("/")[2])
        else:
            kind, place = "text", ""
        if body.startswith("/me "):
            kind, body = "emote", body[4:]
        html = stanza.find(f".//{tag('xhtml', 'body')}")
        markup = "" if html is None else "".join(html.itertext())
        origin = child(stanza, "sid", "origin-id")
        also = (stanza.get("id"), origin.get("id") if origin is not None else None)
        # XEP-0444, 0461 and 0424 go by the room's id; one to one by the sender's.
        name = stanza_id(stanza, self.to) if self.in_room() else stanza.get("id")
        self.inbox.remember(body, name or stanza.get("id"), *also)
        self.inbox.authors[body] = stanza.get("from")
        self.inbox.add(Item(kind, who, body, target, markup, own, place))

    # -- what is done

    def _keep(self, text, name):
        """One to one nothing comes back: what we said is known by the id we gave it."""
        if not self.in_room():
            self.inbox.remember(text, name)
            self.inbox.authors[text] = self.client.jid
        self.sent[text] = name

    def say(self, text):
        wish = None if self.in_room() else el("markable", None, ns="markers")
        self._keep(text, self.client.say(self.to, text, *([wish] if wish else [])))

    def send_file(self, name, caption=None):
        if caption is not None:
            self.say(caption)
        url = self.client.upload(self.upload, name, kind_of(name)[0], content_of(name))
        self._keep(name, self.client.share(self.to, url))

    def fetch(self, place):
        """(status, bytes) of a file that was seen."""
        status, headers, data = get(place)
        if status == 200 and headers.get("X-Content-Type-Options") != "nosniff" and "/_rialto/" in place:
            raise Failed(f"{place} is served without nosniff")
        return status, data

    def have_read(self, text):
        self.client.mark_read(self.to, self.inbox.ids[text])

    def emote(self, text):
        self._keep(text, self.client.say(self.to, "/me " + text))

    def reply(self, quoted, _author, text):
        ids, authors = self.inbox.ids, self.inbox.authors
        self._keep(text, self.client.reply(self.to, ids[quoted], authors[quoted], text, quoted))

    def edit(self, old, new):
        name = self.sent[old]  # XEP-0308 goes by the id of the first version, ours
        self.client.correct(self.to, name, new)
        self.sent[new] = name
        if not self.in_room():
            self.inbox.remember(new, name)

    def redact(self, text):
        self.client.retract(self.to, self.inbox.ids[text])

    def react(self, keys, text):
        if not self.in_room():
            self.inbox.reactions[(text, self.name)] = set(keys)
        self.client.react(self.to, self.inbox.ids[text], *keys)

    def unreact(self, keys, text):
        left = self.inbox.reactions.get((text, self.name), set()) - set(keys)
        self.react(left, text)

    def type(self):
        self.client.type(self.to)

    def stop_typing(self):
        self.client.type(self.to, False)

    def rename(self, nick):
        self.client.rename(self.to, nick)

    def leave(self):
        self.client.leave(self.to)

    def set_subject(self, text):
        self.client.set_subject(self.to, text)

    def nick_of(self, name):
        return next(nick for nick in self.client.occupants(self.to) if name_of(nick) == name)

    def kick(self, name, reason):
        self.client.kick(self.to, self.nick_of(name), reason)

    def ban(self, name, reason):
        nick = self.nick_of(name)
        self.client.ban(self.to, self.client.real_jid(self.to, nick), reason)
