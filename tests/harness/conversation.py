"""The talk that the demo shows: one Matrix room and a room on each XMPP server, then one to one both ways."""
import time

from tests.harness.ledger import differences, order_kept
from tests.harness.process import Failed, until
from tests.harness.view import ChatView, MatrixView, MucView, wait_for_all

LINES = (
    ("alice", "What news on the Rialto?"),
    ("carol", "Who is he comes here?"),
    ("dan", "This is Signior Antonio."),
    ("alice", "How like a fawning publican he looks!"),
    ("dan", "Ho! Tubal, what news from Genoa?"),
    ("carol", "Häst thou found my daughter? 👧 <b>&amp;</b>"),
    ("alice", "If it will feed nothing else,\nit will feed my revenge."),
)
BURST = 10  # messages that each says without waiting, when the demo checks itself


class Conversation:
    def __init__(self, stage, say):
        self.stage, self.say = stage, say
        peers = stage.peers
        self.alice, self.bob = peers.matrix("alice"), peers.matrix("bob")
        self.dan, self.carol = peers.xmpp_person("dan"), peers.xmpp_person("carol")
        self.mucs = {name: f"rialto@{server.muc}" for name, server in peers.xmpp.items()}
        self.room, self.views, self.speakers, self.spoken = None, {}, {}, []

    def open(self):
        """The rooms, and who is in them."""
        self.dan.join(self.mucs["prosody"])
        self.carol.join(self.mucs["ejabberd"])
        self.room = self.alice.create_shared_room("Rialto", self.stage.rialto.bot)
        self.bob.join(self.room)
        for network, muc in self.mucs.items():
            self.stage.bridge(self.alice, self.room, network, muc)
            self.say(f"Matrix room {self.room} <-> {muc}")
        bot = self.stage.rialto.bot
        self.views = {"alice": MatrixView(self.alice, self.room, {bot}), "bob": MatrixView(self.bob, self.room, {bot}),
                      "dan": MucView(self.dan, self.mucs["prosody"]),
                      "carol": MucView(self.carol, self.mucs["ejabberd"])}
        self.speakers = {
            "alice": lambda text: self.alice.send(self.room, text),
            "dan": lambda text: self.dan.say(self.mucs["prosody"], text),
            "carol": lambda text: self.carol.say(self.mucs["ejabberd"], text)}

    def speak(self, who, text):
        self.spoken.append((who, text))
        self.speakers[who](text)

    def talk(self, seconds=30):
        """Line by line: each is seen by all before the next is said."""
        for who, text in LINES:
            began = time.monotonic()
            self.speak(who, text)
            for view in self.views.values():
                wait_for_all(view, [(who, text)], seconds)
            self.say(f"{who:>6}: {text!r} was seen by all after {(time.monotonic() - began) * 1000:.0f} ms")

    def burst(self, seconds=60):
        for number in range(1, BURST + 1):
            for who in self.speakers:
                self.speak(who, f"{who} says number {number}")
        for view in self.views.values():
            wait_for_all(view, self.spoken, seconds)
        self.say(f"{BURST} messages of each at once were seen by all")

    def one_to_one(self, seconds=30):
        """Alice begins with carol, and dan with bob."""
        rialto, peers = self.stage.rialto, self.stage.peers
        ghost = rialto.ghost("ejabberd", self.carol.jid)
        room = self.alice.create_dm(ghost)
        # A homeserver pushes nothing from a room in which the ghost is only invited.
        until(lambda: ghost in self.alice.members(room), seconds, "carol's ghost to accept the chat")
        puppet = rialto.puppet(self.alice.mxid, peers.xmpp["ejabberd"])
        heard = ChatView(self.carol, puppet, "alice"), MatrixView(self.alice, room, {self.alice.mxid, rialto.bot})
        self._exchange("carol", heard, lambda text: self.alice.send(room, text),
                       lambda text: self.carol.say(puppet, text), "Sweet Carol, a word.", seconds)
        puppet = rialto.puppet(self.bob.mxid, peers.xmpp["prosody"])
        first = "Bob, will you walk with us?"
        ghost = rialto.ghost("prosody", self.dan.jid)
        self.dan.say(puppet, first)
        room = self.bob.wait_invite(lambda inviter: inviter in (ghost, rialto.bot), seconds)
        view = MatrixView(self.bob, room, {self.bob.mxid, rialto.bot})
        self.bob.join(room)
        wait_for_all(view, [("dan", first)], seconds)
        heard = ChatView(self.dan, puppet, "bob"), view
        self._exchange("dan", heard, lambda text: self.bob.send(room, text),
                       lambda text: self.dan.say(puppet, text), "Ay, Dan.", seconds)
        self.say("one to one: alice and carol, dan and bob")

    def _exchange(self, far, heard, near_says, far_says, text, seconds):
        over_there, here = heard
        near_says(text)
        wait_for_all(over_there, [(over_there.who, text)], seconds)
        far_says("And a word back: " + text)
        wait_for_all(here, [(far, "And a word back: " + text)], seconds)

    def verify(self):
        """Exactly once, in order, everywhere. Order is the origin's: Matrix's stream, each room's own."""
        time.sleep(2)  # a second copy would come now
        found = []
        said = {name: view.said() for name, view in self.views.items()}
        for name, seen in said.items():
            for speaker in self.speakers:
                mine = [item for item in self.spoken if item[0] == speaker]
                found += differences(f"{name}, of {speaker}'s", mine, [item for item in seen if item[0] == speaker])
            strangers = [item for item in seen if item[0] not in self.speakers]
            found += [f"{name} saw something nobody said: {item}" for item in strangers]
        for name in ("dan", "carol"):  # what came to them through Matrix came in Matrix's order
            theirs = [item for item in said[name] if item[0] != name]
            found += order_kept(f"{name}, beside the Matrix room,", said["alice"], theirs)
        if said["alice"] != said["bob"]:
            found.append("alice and bob, in one Matrix room, saw different things")
        if found:
            raise Failed("the ledgers differ:\n" + "\n".join(found))
        count = len(self.spoken)
        self.say(f"verified: {count} messages, each exactly once and in order at each of {len(self.views)} people")
