"""Plays one scene: acts, and holds what everybody sees against what the scene says they see."""
import time

from tests.harness.files import content_of, kind_of
from tests.harness.matrix_client import MatrixError
from tests.harness.process import Failed, until
from tests.harness.scene_invite import Invitations

SETTLE = 0.7  # seconds in which a second copy, or something nobody said, would come


def line_of(letters):
    """A long message whose every part can be told from the others."""
    words = " ".join(f"{number:05d}" for number in range(letters // 6 + 1))
    return words[:letters].rstrip().ljust(letters, ".")


class Run(Invitations):
    def __init__(self, scene, cast, patience=20):
        self.scene, self.cast, self.patience = scene, cast, patience
        self.actors, self.observers = cast.actors, set()
        self.restarted, self.password = False, None

    def play(self):
        for step in self.scene.steps:
            try:
                self._do(step)
            except (Failed, KeyError, StopIteration) as failure:
                raise Failed(f"line {step.line}: {step.text}\n    {type(failure).__name__}: {failure}") from failure
        time.sleep(SETTLE)
        found = []
        for name in sorted(self.observers):
            inbox = self.actors[name].pump()
            found += [f"{name} also saw: {item}" for item in inbox.rest()]
            if not self.restarted:
                found += [f"{name} was also told: {item}" for item in inbox.notices if not item.own]
        if found:
            raise Failed("after the last step:\n    " + "\n    ".join(found))

    def _do(self, step):
        own = getattr(self, step.verb, None)
        if own:
            own(step.actor, *step.arguments)
            if step.verb.startswith("see"):
                self.observers.add(step.actor)
        else:
            getattr(self.actors[step.actor], step.verb)(*step.arguments)

    # -- waiting

    def _until(self, actor, check, what):
        """Pumps the actor's inbox until check(inbox) is true."""
        person = self.actors[actor]
        deadline = time.monotonic() + self.patience
        while True:
            inbox = person.pump()
            found = check(inbox)
            if found:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                waiting = "\n        ".join(map(str, inbox.rest() + inbox.notices)) or "nothing"
                raise Failed(f"{actor} did not see {what} within {self.patience} s; what came instead: {waiting}\n"
                             f"        changes not asked for: {[c for c in inbox.changes if not c.seen]}")
            with person.client.changed:
                person.client.changed.wait(min(left, 0.2))

    def _next(self, actor, kind, who, text, **more):
        item = self._until(actor, lambda inbox: inbox.next(), f"{kind} {text!r} from {who}")
        wanted = {"kind": kind, "who": who, "text": text, **more}
        for key, value in wanted.items():
            if getattr(item, key) != value:
                rest = "\n            ".join(map(str, self.actors[actor].inbox.rest()))
                raise Failed(f"{actor} should see {wanted}\n        saw {item}\n"
                             f"        all that waits:\n            {rest}")
        self.actors[actor].inbox.taken += 1
        return item

    def _known(self, actor, text):
        self._until(actor, lambda inbox: text in inbox.ids, f"{text!r} before acting on it")

    # -- acts that need more than the actor

    def reply(self, actor, quoted, author, text):
        self._known(actor, quoted)
        self.actors[actor].reply(quoted, author, text)

    def edit(self, actor, old, new):
        self._known(actor, old)
        self.actors[actor].edit(old, new)

    def reply_with_file(self, actor, quoted, author, name):
        self._known(actor, quoted)
        self.actors[actor].reply_with_file(quoted, author, name)

    def have_read(self, actor, text):
        self._known(actor, text)
        self.actors[actor].have_read(text)

    def redact(self, actor, text):
        self._known(actor, text)
        self.actors[actor].redact(text)

    def react(self, actor, keys, text):
        self._known(actor, text)
        self.actors[actor].react(keys.split(), text)

    def unreact(self, actor, keys, text):
        if self.actors[actor].side == "matrix" or self.actors[actor].in_room():
            # XEP-0444 sends the whole set: know one's own first.
            self._until(actor, lambda inbox: set(keys.split()) <= inbox.reactions.get((text, actor), set()), "its own")
        self.actors[actor].unreact(keys.split(), text)

    def say_long(self, actor, letters):
        self.actors[actor].say(line_of(int(letters)))

    def command(self, actor, text):
        self.actors[actor].say(text)

    def empower(self, actor):
        """Admin of the MUC: may kick and ban, and sees who people are."""
        bridge = f"rialto@{self.cast.server.component}"
        self.actors[actor].client.affiliate(self.cast.muc, bridge, "admin")

    def close_muc(self, actor):
        self.actors[actor].client.configure(self.cast.muc, membersonly=1)

    def lock_muc(self, actor, password):
        self.actors[actor].client.configure(self.cast.muc, passwordprotectedroom=1, roomsecret=password)
        self.password = password

    def upgrade(self, actor):
        """The successor is entered by the actor at once; others join it when they like."""
        person = self.actors[actor]
        self.cast.room = person.client.upgrade(self.cast.room, self.cast.muc, self.cast.stage.rialto.bot)
        until(lambda: self.cast.stage.rialto.bot in person.client.members(self.cast.room), self.patience,
              "the bot to follow")
        person.enter(self.cast.room)

    def whisper(self, actor, text, whom):
        person = self.actors[actor]
        person.client.whisper(self.cast.muc, person.nick_of(whom), text)

    def no_alias(self, actor):
        try:
            self.actors[actor].client.join(self.cast.stage.rialto.alias(self.cast.network, self.cast.muc))
        except MatrixError as refused:
            if refused.status in (403, 404):
                return
            raise
        raise Failed(f"{actor} came into {self.cast.muc} by its alias")

    def join(self, actor):
        person = self.actors[actor]
        if person.side == "matrix":
            since = len(person.client.events)
            person.client.join(self.cast.room)
            person.enter(self.cast.room, since)
        else:
            person.client.join(self.cast.muc)
            person.enter(self.cast.muc)

    def start_chat(self, actor, other):
        self.cast.start_chat(self.actors[actor], self.actors[other])

    def accept_chat(self, actor, other):
        self.cast.accept_chat(self.actors[actor], self.actors[other])

    def restart(self, what, kill=False):
        self.restarted = True
        name = {"rialto": "rialto", "homeserver": "synapse", "server": self.cast.network}[what]
        self.cast.stage.restart(name, kill)
        if what == "server":
            self.cast.come_back()

    def crash(self, what):
        self.restart(what, True)

    # -- what must be seen

    def see(self, actor, text, who):
        self._next(actor, "text", who, text)

    def see_emote(self, actor, text, who):
        self._next(actor, "emote", who, text)

    def see_notice(self, actor, text, who):
        # XMPP has no notices: there a notice is a text.
        self._next(actor, "notice" if self.actors[actor].side == "matrix" else "text", who, text)

    def see_formatted(self, actor, text, who, markup):
        item = self._next(actor, "text", who, text)
        if markup not in item.markup:
            raise Failed(f"{actor} saw {item} formatted as {item.markup!r}, without {markup!r}")

    def see_reply(self, actor, text, target, who):
        self._next(actor, "text", who, text, target=target)

    def see_edit(self, actor, old, new, who):
        self._next(actor, "edit", who, new, target=old)

    def see_redaction(self, actor, text, who):
        self._next(actor, "redaction", who, "", target=text)

    def see_file(self, actor, name, who):
        item = self._next(actor, "file", who, name)
        self.actors[actor].inbox.places[name] = item.place
        self._open(actor, name)
        if self.actors[actor].side == "matrix" and "m." + item.markup != kind_of(name)[1]:
            raise Failed(f"{name} is shown as {item.markup}")

    def see_reply_with_file(self, actor, name, target, who):
        item = self._next(actor, "file", who, name, target=target)
        self.actors[actor].inbox.places[name] = item.place

    def _open(self, actor, name):
        place = self.actors[actor].inbox.places[name]
        status, data = self.actors[actor].fetch(place)
        if status != 200 or data != content_of(name):
            raise Failed(f"{place} gave {status} and {len(data)} bytes {data[:60]!r}, not those of {name}")

    def cannot_open(self, actor, name):
        place = self.actors[actor].inbox.places[name]
        until(lambda: self.actors[actor].fetch(place)[0] in (404, 410), self.patience, f"{place} to be closed")

    def see_read(self, actor, who, text):
        self._change(actor, "read", who, reason=text)

    def see_long(self, actor, letters, who):
        self._next(actor, "text", who, line_of(int(letters)))

    def see_subject(self, actor, text):
        self._until(actor, lambda inbox: inbox.next() and inbox.next().kind == "subject", f"subject {text!r}")
        item = self.actors[actor].inbox.next()
        if item.text != text:
            raise Failed(f"{actor} should see the subject {text!r}, saw {item}")
        self.actors[actor].inbox.taken += 1

    def see_reactions(self, actor, keys, who, text):
        wanted = set() if keys == "nothing" else set(keys.split())
        self._until(actor, lambda inbox: inbox.reactions.get((text, who), set()) == wanted,
                    f"reactions {wanted} of {who} on {text!r} (has {self.actors[actor].inbox.reactions})")

    def _change(self, actor, kind, who, **more):
        self._until(actor, lambda inbox: inbox.change(kind, who, **more), f"{who} {kind} {more or ''}")

    def see_typing(self, actor, who):
        self._change(actor, "typing", who)

    def see_join(self, actor, who):
        self._change(actor, "join", who)

    def see_leave(self, actor, who):
        self._change(actor, "leave", who)

    def see_leave_because(self, actor, who, why):
        self._change(actor, "leave", who, reason=why)

    def see_renamed(self, actor, who, shown):
        self._change(actor, "rename", who, reason=shown.lower())

    def see_kick(self, actor, who, by, why):
        self._put_out(actor, "kick", who, by, why)

    def see_ban(self, actor, who, by, why):
        self._put_out(actor, "ban", who, by, why)

    def _put_out(self, actor, kind, who, by, why):
        """By the actor, or by the bot, which then says for whom."""
        self._until(actor, lambda inbox: inbox.change(kind, who, by=by, reason=why)
                    or inbox.change(kind, who, by="bot", reason=[by, why]), f"{who} {kind} by {by} because {why!r}")

    def told(self, actor, text):
        def notice(inbox):
            found = next((item for item in inbox.notices if text in item.text and not item.own), None)
            if found:
                found.own = True  # asked for
            return found
        self._until(actor, notice, f"a notice with {text!r}")

    def out(self, actor, why):
        """Kicked or banned, or told that they were; with the reason."""
        def gone(inbox):
            left = [inbox.change(kind, actor, reason=why) for kind in ("kick", "ban", "leave")]
            return any(left) or any(why in item.text for item in inbox.notices)
        self._until(actor, gone, f"itself put out because {why!r}")
        for item in self.actors[actor].inbox.notices:
            item.own = item.own or why in item.text

    def still_in(self, actor):
        person = self.actors[actor]
        if person.side == "matrix":
            there = person.client.mxid in person.client.members(person.room)
        else:
            there = person.client.nicks.get(person.to) in person.client.occupants(person.to)
        if not there:
            raise Failed(f"{actor} is no longer in")

    def see_nothing(self, actor):
        time.sleep(SETTLE)
        rest = self.actors[actor].pump().rest()
        if rest:
            raise Failed(f"{actor} saw {rest[0]}")
