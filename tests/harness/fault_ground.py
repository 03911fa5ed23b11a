"""What a fault story stands on: one network up, fresh people for each story, and what Rialto says to humans."""
import types

from tests.harness.process import Failed, until
from tests.harness.scene_stage import Cast


class Ground:
    def __init__(self, stage, network):
        self.stage, self.network = stage, network
        self.server, self.synapse, self.rialto = stage.peers.xmpp[network], stage.peers.synapse, stage.rialto
        self.casts = []

    def cast(self, name, people="alice dan", place="room"):
        """People with a bridged room (or a chat, or nothing), as a scene has them."""
        scene = types.SimpleNamespace(name=name, cast=people.split(), place=place)
        made = Cast(self.stage, self.network, scene)
        self.casts.append(made)
        return made

    def sweep(self):
        """After a story: its people log out, and what it stopped runs again."""
        for cast in self.casts:
            cast.close()
        self.casts.clear()
        if not self.synapse.process.alive():
            self.synapse.start()
        if not self.server.process.alive():
            self.server.start()
        if not self.rialto.process.alive():
            self.rialto.start(60)

    def mark(self):
        """A place in Rialto's log, for `told`."""
        return self.rialto.log.stat().st_size if self.rialto.log.exists() else 0

    def since(self, mark):
        return self.rialto.log.read_bytes()[mark:].decode(errors="replace")

    def told(self, text, since=0, seconds=20, log=None):
        """Waits until the log says it: what an administrator is told."""
        log = log or self.rialto.log

        def line():
            if not log.exists():
                return None
            with open(log, "rb") as file:
                file.seek(since)
                lines = file.read().decode(errors="replace").splitlines()
            return next((each for each in lines if text in each), None)
        return until(line, seconds, f"the log to say {text!r}")

    def alive(self):
        if not self.rialto.process.alive():
            raise Failed(f"rialto has ended:\n{self.rialto.process.tail(30)}")

    def crosses(self, cast, text):
        """The room still works both ways."""
        self.alive()
        alice, dan = cast.actors["alice"], cast.actors["dan"]
        here, there = cast.room, cast.muc
        start, mark = len(alice.client.events), dan.client.mark()
        alice.client.send(here, text + " (near)")
        dan.client.wait_body(there, text + " (near)", 40, mark)
        dan.client.say(there, text + " (far)")
        alice.client.wait_for(lambda e: e["room_id"] == here and e.get("content", {}).get("body") == text + " (far)",
                              40, f"{text} (far)", start)

    def notice(self, client, room, text, start, seconds=30):
        """What a Matrix user is told in the room by the bot."""
        return client.wait_for(
            lambda e: e["room_id"] == room and e["sender"] == self.rialto.bot and e["type"] == "m.room.message"
            and text in str(e.get("content", {}).get("body", "")), seconds, f"a notice with {text!r}", start)


def expect(found, what):
    if not found:
        raise Failed(what)
