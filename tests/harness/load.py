"""load.py --rialto PROGRAM --network NAME: 5 people on each side, 500 messages each way in a MUC and 50 each way one
to one, edits, reactions, redactions, and a restart of each party under way. The ledgers must be equal."""
import argparse
import sys
import threading
import time

from tests.harness.archive import ArchiveReader
from tests.harness.ledger import order_kept
from tests.harness.load_causes import causes
from tests.harness.load_ledger import Book, complaints, shown
from tests.harness.matrix_actor import MatrixActor
from tests.harness.peers import PEOPLE
from tests.harness.played import on_stage
from tests.harness.process import Failed, until
from tests.harness.xmpp_actor import XmppActor

WAVES, EACH = 10, 10  # 10 waves of 10 messages by each of 5 people on each side: 500 each way
CHAT_EACH = 5         # by each of a pair, before and again after the restarts: 5 pairs, 50 each way
PATIENCE = 120
RESTARTS = {2: ("rialto", True), 4: ("synapse", False), 6: ("server", False), 8: ("rialto", False)}


def say(text):
    print(f"load: {text}", flush=True)


class Room:
    """The bridged room with everybody in it, and the book of what they did there."""

    def __init__(self, stage, network):
        self.stage, self.network, self.book = stage, network, Book()
        self.muc = f"load@{stage.peers.xmpp[network].muc}"
        self.far = {name: stage.peers.xmpp_person(name) for name in PEOPLE[network]}
        self.near = {name: stage.peers.matrix(name) for name in PEOPLE["matrix"]}
        for person in self.far.values():
            person.join(self.muc)
        owner, *others = self.near.values()
        self.id = owner.create_shared_room("Load", stage.rialto.bot)
        for other in others:
            other.join(self.id)
        stage.bridge(owner, self.id, network, self.muc)
        self.actors = {}
        for name, client in self.near.items():
            self.actors[name] = MatrixActor(client, stage.rialto.bot)
            self.actors[name].enter(self.id)
        for name, client in self.far.items():
            self.actors[name] = XmppActor(client)
            self.actors[name].enter(self.muc)

    def wave(self, number, names):
        """Each says its lines at once, beside the others; XMPP people wait for each echo."""
        def speak(name):
            for line in range(EACH):
                text = f"{name} {number}.{line}"
                self.actors[name].say(text)
                if name in self.far:
                    self.far[name].wait_body(self.muc, text, PATIENCE)
        for name in names:
            for line in range(EACH):
                self.book.say(name, f"{name} {number}.{line}")
        threads = [threading.Thread(target=speak, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        return threads

    def all_seen(self, number):
        """The Matrix people have everything of a wave; so has the MUC, in the eyes of who was in it."""
        wanted = {text for text in self.book.said if f" {number}." in text}
        for name in [*self.near, *self.far]:
            def missing(name=name):
                return sorted(wanted - set(self.actors[name].pump().ids))
            try:
                until(lambda find=missing: not find(), PATIENCE, f"{name} to see all of wave {number}")
            except Failed as failure:
                raise Failed("\n".join([f"{failure}; missing: {missing()}", *self.causes(missing())])) from failure

    def afterthoughts(self, number):
        """Of each wave: somebody edits, redacts, and somebody of the other side reacts."""
        for name in (*self.near, *self.far):
            actor, base = self.actors[name], f"{name} {number}."
            others = self.far if name in self.near else self.near
            judge = sorted(others)[number % len(others)]
            actor.edit(base + "1", base + "1, corrected")
            self.book.edit(base + "1", base + "1, corrected")
            actor.redact(base + "2")
            self.book.redact(base + "2")
            keys = ["👍"] if number % 2 else ["👍", "🎉"]
            self.actors[judge].react(keys, base + "3")
            self.book.react(base + "3", judge, keys)

    def restart(self, what, kill):
        self.stage.restart(self.network if what == "server" else what, kill)
        if what == "server":
            for name, client in self.far.items():
                client.drop()
                client.connect()
                client.join(self.muc)
                self.actors[name].sent = dict(self.actors[name].sent)

    def play(self):
        for number in range(WAVES):
            what, kill = RESTARTS.get(number, (None, False))
            # Only who can speak does: their own server being away is not what is tested here.
            first = [name for name in (*self.near, *self.far) if not (what == "server" and name in self.far)]
            threads = self.wave(number, first)
            if what:
                time.sleep(0.3)  # somewhere in the middle of it
                self.restart(what, kill)
                say(f"restarted {what}{' by SIGKILL' if kill else ''} during wave {number}")
            if what == "server":
                threads += self.wave(number, list(self.far))
            for thread in threads:
                thread.join()
            if what == "server":
                self.learn_from_archive()
            self.all_seen(number)
            self.afterthoughts(number)
        say(f"{len(self.book.said)} messages said")

    def learn_from_archive(self):
        """What was said while the XMPP people were away they know from the archive, as their clients would."""
        until(lambda: len(self.archive().ids) >= len(self.book.said), PATIENCE, "the archive to hold all", 1)
        inbox = self.archive()
        for name in self.far:
            for text, reference in inbox.ids.items():
                self.actors[name].inbox.ids.setdefault(text, reference)

    def causes(self, missing):
        """What is known of these texts, as far as they were said on Matrix."""
        of_near = [text for text in missing if self.book.said.get(text) in self.near]
        return causes(of_near, self.actors["alice"].pump().ids, self.stage.rialto.dir / "rialto.db")

    def archive(self):
        return ArchiveReader(next(iter(self.far.values())), self.muc).read_all()

    def settle_and_compare(self):
        near, found = self.actors["alice"], ["not compared"]
        deadline = time.monotonic() + PATIENCE
        while found and time.monotonic() < deadline:
            time.sleep(1)
            archive = self.archive()
            found = complaints("Matrix", self.book, near.pump()) + complaints("MUC", self.book, archive)
        time.sleep(2)  # a second copy would come now
        archive = self.archive()
        found = complaints("Matrix", self.book, near.pump()) + complaints("MUC", self.book, archive)
        if found:
            found += self.causes([text for text in self.book.said if text not in archive.ids])
        far_in_muc = [item for item in shown(archive) if item[0] in self.far]
        near_in_room = [item for item in shown(near.inbox) if item[0] in self.near]
        return found + order_kept("Matrix, of the MUC's", far_in_muc, shown(near.inbox)) \
            + order_kept("MUC, of Matrix's", near_in_room, shown(archive))


class Chats:
    """Each Matrix person with one XMPP person."""

    def __init__(self, stage, network):
        self.pairs, self.books = [], {}
        server = stage.peers.xmpp[network]
        for near, far in zip(PEOPLE["matrix"], PEOPLE[network]):
            client, other = stage.peers.matrix(near), stage.peers.xmpp_person(far)
            ghost = stage.rialto.ghost(network, other.jid)
            room = client.create_dm(ghost)
            until(lambda: ghost in client.members(room), 30, f"the ghost of {far} to come")
            one, two = MatrixActor(client, stage.rialto.bot), XmppActor(other)
            one.enter(room)
            two.enter(stage.rialto.puppet(client.mxid, server), near)
            self.pairs.append((one, two))
            self.books[near] = Book()

    def play(self, half):
        for one, two in self.pairs:
            book = self.books[one.name]
            for line in range(CHAT_EACH):
                for speaker in (one, two):
                    text = f"{speaker.name} in private {half}.{line}"
                    book.say(speaker.name, text)
                    speaker.say(text)
        for one, two in self.pairs:
            for actor in (one, two):
                until(lambda actor=actor: set(self.books[one.name].said) <= set(actor.pump().ids), PATIENCE,
                      f"{actor.name} to see all that was said in private")
            self.afterthoughts(one, two, half)

    def afterthoughts(self, one, two, half):
        book = self.books[one.name]
        for actor, other in ((one, two), (two, one)):
            base = f"{actor.name} in private {half}."
            actor.edit(base + "1", base + "1, corrected")
            book.edit(base + "1", base + "1, corrected")
            actor.redact(base + "2")
            book.redact(base + "2")
            other.react(["👍"], base + "3")
            book.react(base + "3", other.name, ["👍"])

    def compare(self):
        found = ["not compared"]
        deadline = time.monotonic() + PATIENCE
        while found and time.monotonic() < deadline:
            time.sleep(1)
            found = []
            for one, two in self.pairs:
                book = self.books[one.name]
                found += complaints(f"{one.name}'s chat", book, one.pump(), own={one.name})
                found += complaints(f"{two.name}'s chat", book, two.pump(), own={two.name})
        return found


def run(stage, network):
    stage.start()
    room, chats = Room(stage, network), Chats(stage, network)
    chats.play(1)
    say("first half of the chats done")
    room.play()
    chats.play(2)
    say("second half of the chats done; comparing")
    found = room.settle_and_compare() + chats.compare()
    if found:
        more = f"\n... and {len(found) - 60} more" if len(found) > 60 else ""
        raise Failed(f"{len(found)} differences:\n" + "\n".join(found[:60]) + more)
    say("the ledgers are equal")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rialto", required=True)
    parser.add_argument("--network", required=True, choices=("prosody", "ejabberd"))
    options = parser.parse_args()
    return on_stage("load", options.rialto, (options.network,), lambda stage: run(stage, options.network))


if __name__ == "__main__":
    sys.exit(main())
