"""Stories of a server that is away: nothing is lost, nothing comes twice, the order stands."""
import threading
import time

from tests.harness.archive import ArchiveReader
from tests.harness.fault_ground import expect
from tests.harness.ledger import differences
from tests.harness.process import Failed
from tests.harness.view import MatrixView, MucView, wait_for_all

COUNT = 30


def server_down_at_start(ground):
    cast = ground.cast("late_server")
    ground.rialto.stop()
    ground.server.stop()
    mark = ground.mark()
    ground.rialto.process.start()
    line = ground.told("nothing listens on", mark)
    cast.actors["alice"].client.send(cast.room, "said while it was away")
    ground.server.start()
    ground.rialto.process.wait_ready(ground.rialto.ready, 60)
    cast.come_back()
    ground.crosses(cast, "up at last")
    return line


def homeserver_down_at_start(ground):
    cast = ground.cast("late_homeserver")
    ground.rialto.stop()
    ground.synapse.stop()
    mark = ground.mark()
    ground.rialto.process.start()
    line = ground.told("is the homeserver running", mark)
    dan = cast.actors["dan"].client
    dan.say(cast.muc, "said while it was away")
    start = len(cast.actors["alice"].client.events)
    ground.synapse.start()
    ground.rialto.process.wait_ready(ground.rialto.ready, 60)
    cast.actors["alice"].client.wait_for(lambda e: e.get("content", {}).get("body") == "said while it was away", 40,
                                         "what was said meanwhile", start)
    ground.crosses(cast, "up at last")
    return line


class Traffic:
    """alice and dan each say COUNT lines while something happens; then the ledgers are compared."""

    def __init__(self, ground, cast, far=True):
        self.ground, self.cast, self.far = ground, cast, far
        self.alice, self.dan = cast.actors["alice"].client, cast.actors["dan"].client
        self.here = MatrixView(self.alice, cast.room, {ground.rialto.bot, self.alice.mxid})
        self.there = MucView(self.dan, cast.muc)
        self.near_lines = [("alice", f"near {n}") for n in range(COUNT)]
        self.far_lines = [("dan", f"far {n}") for n in range(COUNT)] if far else []
        self.half, self.broken = threading.Event(), []
        self.threads = [threading.Thread(target=self._near), threading.Thread(target=self._far)]

    def _near(self):
        for n, (_, text) in enumerate(self.near_lines):
            try:
                self.alice.send(self.cast.room, text)
            except Failed as failure:
                self.broken.append(str(failure))
                return
            if n == COUNT // 3:
                self.half.set()
            time.sleep(0.05)

    def _far(self):
        for _, text in self.far_lines:
            self.dan.say(self.cast.muc, text)
            self.dan.wait_body(self.cast.muc, text, 60)
            time.sleep(0.05)

    def during(self, fault):
        for thread in self.threads:
            thread.start()
        self.half.wait(60)
        fault()
        for thread in self.threads:
            thread.join(90)
        return self

    def verify(self, seconds=60):
        expect(not self.broken, f"alice could not speak: {self.broken}")
        if self.far:
            wait_for_all(self.here, self.far_lines, seconds)
        heard = self.heard_there(seconds)
        found = differences("the MUC", self.near_lines, heard)
        if self.far:
            found += differences("the Matrix room", self.far_lines, self.here.said())
        if found:
            raise Failed("\n".join(found))
        return f"{len(self.near_lines)} + {len(self.far_lines)} messages, each once and in order"

    def heard_there(self, seconds):
        wait_for_all(self.there, self.near_lines, seconds)
        return [item for item in self.there.said() if item[0] == "alice"]


def _far_lines(cast, count, what):
    """dan says this many lines; each when the one before was shown."""
    dan = cast.actors["dan"].client
    for n in range(count):
        dan.say(cast.muc, f"{what} {n}")
        dan.wait_body(cast.muc, f"{what} {n}", 30)
    return [("dan", f"{what} {n}") for n in range(count)]


def homeserver_away(ground):
    """The homeserver stops and comes back while people talk on XMPP: it gets everything, once and in order."""
    cast = ground.cast("homeserver_away")
    alice = cast.actors["alice"].client
    view = MatrixView(alice, cast.room, {ground.rialto.bot, alice.mxid})
    lines = _far_lines(cast, 3, "before")
    ground.synapse.stop()
    lines += _far_lines(cast, COUNT, "meanwhile")
    ground.synapse.start()
    wait_for_all(view, lines, 90)
    found = differences("the Matrix room", lines, view.said())
    if found:
        raise Failed("\n".join(found))
    ground.crosses(cast, "back again")
    return f"{len(lines)} messages, each once and in order"


def everything_restarts(ground):
    """People talk while Rialto is away, then the XMPP server restarts too: what was missed is in the room's archive,
    though ejabberd denies for a moment after its start that there is one."""
    cast = ground.cast("everything")
    ground.crosses(cast, "before")
    alice = cast.actors["alice"].client
    view = MatrixView(alice, cast.room, {ground.rialto.bot, alice.mxid})
    ground.rialto.stop()
    lines = _far_lines(cast, 10, "unheard")
    ground.server.stop()
    ground.rialto.process.start()
    ground.server.start()
    ground.rialto.process.wait_ready(ground.rialto.ready, 60)
    cast.come_back()
    wait_for_all(view, lines, 90)
    found = differences("the Matrix room", lines, view.said())
    if found:
        raise Failed("\n".join(found))
    ground.crosses(cast, "after")
    return f"{len(lines)} messages, each once and in order"


class Archived(Traffic):
    """When the XMPP server dies dan is thrown out too: the room's archive is what tells what it got."""

    def heard_there(self, seconds):
        last, deadline = self.near_lines[-1][1], time.monotonic() + seconds
        while True:
            inbox = ArchiveReader(self.dan, self.cast.muc).read_all()
            items = [(item.who, item.text) for item in inbox.items if item.who == "alice"]
            if any(text == last for _, text in items) or time.monotonic() > deadline:
                return items
            time.sleep(0.5)


def server_killed(ground):
    cast = ground.cast("server_killed")
    ground.crosses(cast, "before")
    time.sleep(3)  # ejabberd has accounts and rooms on disk two seconds after it made them

    def fault():
        ground.server.kill()
        time.sleep(0.5)
        ground.server.start()
        cast.come_back()
    traffic = Archived(ground, cast, far=False).during(fault)
    traffic.near_lines = [("alice", "before (near)"), *traffic.near_lines]
    said = traffic.verify()
    ground.crosses(cast, "after")
    return said


STORIES = (server_down_at_start, homeserver_down_at_start, homeserver_away, server_killed, everything_restarts)
