"""Puts up what a scene begins with: fresh people, a place that is bridged, and who is in it."""
import itertools
import secrets

from tests.harness.matrix_actor import MatrixActor
from tests.harness.matrix_client import MatrixClient
from tests.harness.process import Failed, until
from tests.harness.xmpp_actor import XmppActor
from tests.harness.xmpp_client import XmppClient

MATRIX = ("alice", "bob", "erin")
XMPP = ("dan", "carol", "dora")


class Cast:
    """The people of one scene on one network. Accounts are new each time, so that no scene sees another's chats."""

    numbers = itertools.count(1)

    def __init__(self, stage, network, scene):
        self.stage, self.server, self.network = stage, stage.peers.xmpp[network], network
        self.number = next(self.numbers)
        self.actors, self.room = {}, None
        self.muc = f"{scene.name.replace('_', '-')}-{self.number}@{self.server.muc}"
        for name in scene.cast:
            self._enlist(name)
        setup = {"room": self._room, "weak room": self._weak_room, "MUC": self._muc,
                 "alias": self._alias, "chat": self._chat, "chat at once": self._chat_at_once,
                 "none": lambda: None}
        if scene.place not in setup:
            raise Failed(f"no such place: {scene.place}")
        setup[scene.place]()

    def _enlist(self, name):
        account, password = f"{name}{self.number}", secrets.token_hex(8)
        if name in MATRIX:
            client = MatrixClient(self.stage.peers.synapse.url, account, password).enter().follow()
            self.actors[name] = MatrixActor(client, self.stage.rialto.bot)
        else:
            self.server.register(account, password)
            jid = f"{account}@{self.server.domain}"
            self.actors[name] = XmppActor(XmppClient(jid, password, self.server.c2s_port).connect())
            self.actors[name].upload = self.server.upload

    def side(self, names):
        return [self.actors[name] for name in names if name in self.actors]

    def _muc(self):
        """A MUC with the XMPP people in it; Matrix knows nothing of it."""
        self._join_muc()
        for person in self.side(XMPP):
            person.enter(self.muc)

    def _weak_room(self):
        """As below, but the bot may do nothing there."""
        self._room(mighty=False)

    def _room(self, mighty=True):
        """The first on XMPP owns the MUC, the first on Matrix the room; the bot bridges them."""
        self._join_muc()
        owner, *others = self.side(MATRIX)
        self.room = owner.client.create_shared_room(self.muc, self.stage.rialto.bot, mighty)
        for other in others:
            other.client.join(self.room)
        said = self.stage.bridge(owner.client, self.room, self.network, self.muc)
        for other in others:
            other.client.wait_for(lambda e: e["event_id"] == said["event_id"], what="the bot's answer")
        self._enter()

    def _alias(self):
        """The first on Matrix joins the alias that stands for the MUC."""
        self._join_muc()
        for person in self.side(MATRIX):
            self.room = person.client.join(self.stage.rialto.alias(self.network, self.muc))
        self._enter()

    def _join_muc(self):
        for person in self.side(XMPP):
            person.client.join(self.muc)

    def _enter(self):
        for person in self.side(MATRIX):
            person.enter(self.room)
        for person in self.side(XMPP):
            person.enter(self.muc)

    def _chat(self):
        """The one on Matrix has begun a chat with the one on XMPP."""
        self.start_chat(self.side(MATRIX)[0], self.side(XMPP)[0])
        self.side(XMPP)[0].enter(self.puppet(self.side(MATRIX)[0]), self.side(MATRIX)[0].name)

    def _chat_at_once(self):
        """So too, and nobody waits for anybody."""
        self.start_chat(self.side(MATRIX)[0], self.side(XMPP)[0], wait=False)
        self.side(XMPP)[0].enter(self.puppet(self.side(MATRIX)[0]), self.side(MATRIX)[0].name)

    def puppet(self, person):
        return self.stage.rialto.puppet(person.client.mxid, self.server)

    def ghost(self, person):
        return self.stage.rialto.ghost(self.network, person.client.jid)

    # -- chats begun within a scene

    def start_chat(self, one, other, wait=True):
        if one.side == "xmpp":
            one.enter(self.puppet(other), other.name)
            return
        room = one.client.create_dm(self.ghost(other))
        if wait:
            until(lambda: self.ghost(other) in one.client.members(room), 30, f"{other.name}'s ghost to come")
        one.enter(room)

    def accept_chat(self, one, other):
        if one.side == "xmpp":  # nothing to accept: who writes is there
            one.enter(self.puppet(other), other.name, since=0)
            return
        ghosts = (self.ghost(other), self.stage.rialto.bot)
        room = one.client.wait_invite(lambda inviter: inviter in ghosts, 30)
        since = len(one.client.events)
        one.client.join(room)
        one.enter(room, since)

    def come_back(self):
        """After the XMPP server was away: everybody logs in and joins again."""
        for person in self.side(XMPP):
            rooms = dict(person.client.nicks)
            person.client.drop()
            person.client.connect()
            for room, nick in rooms.items():
                person.client.join(room, nick)

    def close(self):
        for person in self.actors.values():
            person.client.close()
