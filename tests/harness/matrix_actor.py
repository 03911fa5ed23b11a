"""A person of a scene on the Matrix side: does what a step says, and keeps an inbox of one room."""
import re

from tests.harness.files import content_of, kind_of
from tests.harness.inbox import Change, Inbox, Item
from tests.harness.ledger import name_of

KINDS = {"m.text": "text", "m.emote": "emote", "m.notice": "notice"}
QUOTE = re.compile(r"\A(?:> .*\n?)+\n?")


class MatrixActor:
    side = "matrix"

    def __init__(self, client, bot):
        self.client, self.bot, self.name = client, bot, name_of(client.name)
        self.room, self.inbox, self.read = None, Inbox(), 0
        self.shown, self.annotations, self.typing = {}, {}, set()

    def enter(self, room, since=None):
        """From now on (or from an index of the client's events on) this room is what is looked at."""
        self.room, self.inbox = room, Inbox()
        self.read = len(self.client.events) if since is None else since
        self.hints_read = len(self.client.hints)
        self.shown = {mxid: name_of(name or mxid[1:]) for mxid, name in self.client.members(room).items()}

    def address(self):
        return self.client.mxid

    # -- what came

    def pump(self):
        with self.client.changed:
            fresh, self.read = self.client.events[self.read:], len(self.client.events)
            hints, self.hints_read = self.client.hints[self.hints_read:], len(self.client.hints)
        for event in fresh:
            if event["room_id"] == self.room:
                self._take(event)
        for hint in hints:
            if hint["room_id"] == self.room and hint["type"] == "m.typing":
                now = set(hint["content"].get("user_ids", []))
                self.inbox.changes += [Change("typing", self._who(mxid)) for mxid in now - self.typing]
                self.typing = now
            elif hint["room_id"] == self.room and hint["type"] == "m.receipt":
                self._receipt(hint["content"])
        return self.inbox

    def _who(self, mxid):
        if mxid == self.bot:
            return "bot"
        return self.shown.get(mxid) or name_of(mxid[1:].split(":")[0])

    def _take(self, event):
        kind, content = event["type"], event.get("content", {})
        if kind == "m.room.member":
            self._member(event, content)
        elif kind == "m.room.message" and content.get("msgtype") in KINDS:
            self._message(event, content)
        elif kind == "m.room.message" and "url" in content:
            self._file(event, content)
        elif kind == "m.reaction":
            relation = content.get("m.relates_to", {})
            target = self.inbox.text_of(relation.get("event_id"))
            who = self._who(event["sender"])
            self.annotations[event["event_id"]] = (target, who, relation.get("key"))
            self._count(target, who)
        elif kind == "m.room.redaction":
            self._redaction(event, content)
        elif kind == "m.room.topic":
            self.inbox.add(Item("subject", self._who(event["sender"]), content.get("topic", ""),
                                own=event["sender"] == self.client.mxid))

    def _message(self, event, content):
        relation, own = content.get("m.relates_to", {}), event["sender"] == self.client.mxid
        who, markup = self._who(event["sender"]), content.get("formatted_body", "")
        if relation.get("rel_type") == "m.replace":
            new = content.get("m.new_content", {})
            target = self.inbox.text_of(relation.get("event_id"))
            self.inbox.remember(new.get("body", ""), relation.get("event_id"))
            self.inbox.add(Item("edit", who, new.get("body", ""), target, new.get("formatted_body", ""), own))
            return
        replied = relation.get("m.in_reply_to", {}).get("event_id")
        body = QUOTE.sub("", content["body"]) if replied else content["body"]
        self.inbox.remember(body, event["event_id"])
        self.inbox.authors[body] = event["sender"]
        self.inbox.add(Item(KINDS[content["msgtype"]], who, body, self.inbox.text_of(replied) if replied else "",
                            markup, own))

    def _file(self, event, content):
        name, own = content.get("filename", content["body"]), event["sender"] == self.client.mxid
        self.inbox.remember(name, event["event_id"])
        self.inbox.authors[name] = event["sender"]
        replied = content.get("m.relates_to", {}).get("m.in_reply_to", {}).get("event_id")
        kind = content["msgtype"].removeprefix("m.")
        self.inbox.add(Item("file", self._who(event["sender"]), name, self.inbox.text_of(replied) if replied else "",
                            kind, own, content["url"]))

    def _receipt(self, content):
        for event_id, kinds in content.items():
            for mxid in kinds.get("m.read", {}):
                if mxid != self.client.mxid:
                    self.inbox.changes.append(Change("read", self._who(mxid), reason=self.inbox.text_of(event_id)))

    def _redaction(self, event, content):
        gone = event.get("redacts") or content.get("redacts")
        if gone in self.annotations:
            target, who, _ = self.annotations.pop(gone)
            self._count(target, who)
        else:
            self.inbox.add(Item("redaction", self._who(event["sender"]), "", self.inbox.text_of(gone),
                                own=event["sender"] == self.client.mxid))

    def _count(self, target, who):
        keys = {key for text, person, key in self.annotations.values() if (text, person) == (target, who)}
        self.inbox.reactions[(target, who)] = keys

    def _member(self, event, content):
        mxid, now = event["state_key"], content.get("membership")
        before = event.get("unsigned", {}).get("prev_content", {})
        was, old = before.get("membership"), self.shown.get(mxid)
        if now == "join":
            shown = name_of(content.get("displayname") or mxid[1:].split(":")[0])
            self.shown[mxid] = shown
            if was != "join":
                self.inbox.changes.append(Change("join", shown))
            elif old and old != shown:
                self.inbox.changes.append(Change("rename", old, reason=shown))
        elif now == "ban" or (now == "leave" and was == "join"):
            by = self._who(event["sender"])
            kind = "ban" if now == "ban" else "leave" if event["sender"] == mxid else "kick"
            self.inbox.changes.append(Change(kind, self._who(mxid), by, content.get("reason", "")))

    # -- what is done

    def say(self, text):
        self.client.send(self.room, text)

    def say_html(self, text, html):
        self.client.send_html(self.room, text, html)

    def send_file(self, name, caption=None):
        mime, msgtype = kind_of(name)
        self.client.send_file(self.room, name, mime, msgtype, content_of(name), caption)

    def reply_with_file(self, quoted, _author, name):
        mime, msgtype = kind_of(name)
        self.client.send_file(self.room, name, mime, msgtype, content_of(name), **{
            "m.relates_to": {"m.in_reply_to": {"event_id": self.inbox.ids[quoted]}}})

    def fetch(self, place):
        """(status, bytes) of a file that was seen."""
        status, _headers, data = self.client.download(place)
        return status, data

    def have_read(self, text):
        self.client.read(self.room, self.inbox.ids[text])

    def emote(self, text):
        self.client.send(self.room, text, "m.emote")

    def notice(self, text):
        self.client.send(self.room, text, "m.notice")

    def reply(self, quoted, _author, text):
        self.client.reply(self.room, self.inbox.ids[quoted], text)

    def edit(self, old, new):
        self.client.edit(self.room, self.inbox.ids[old], new)

    def redact(self, text):
        self.client.redact(self.room, self.inbox.ids[text])

    def react(self, keys, text):
        for key in keys:
            self.client.react(self.room, self.inbox.ids[text], key)

    def unreact(self, keys, text):
        for event_id, (target, who, key) in list(self.annotations.items()):
            if target == text and key in keys and who == self._who(self.client.mxid):
                self.client.redact(self.room, event_id)

    def type(self):
        self.client.type(self.room)

    def stop_typing(self):
        self.client.type(self.room, False)

    def rename(self, shown):
        self.client.set_name(shown)

    def leave(self):
        self.client.leave(self.room)

    def set_subject(self, text):
        self.client.set_state(self.room, "m.room.topic", {"topic": text})

    def mxid_of(self, name):
        return next(mxid for mxid, shown in self.shown.items() if shown == name)

    def kick(self, name, reason):
        self.client.member("kick", self.room, self.mxid_of(name), reason)

    def ban(self, name, reason):
        self.client.member("ban", self.room, self.mxid_of(name), reason)
