"""Everything up: servers, people, one Rialto between them; and what any test does first: a bridged room."""
import fcntl
import pathlib
import shutil

from tests.harness.peers import Peers
from tests.harness.process import Failed, until
from tests.harness.rialto import Rialto
from tests.harness.unpacked import ROOT


def claimed_directory(name):
    """build/<name>, or build/<name>-2 ... when another run holds it; emptied. The lock lasts as long as we do."""
    for number in range(1, 20):
        directory = ROOT / "build" / (name if number == 1 else f"{name}-{number}")
        directory.parent.mkdir(exist_ok=True)
        lock = open(f"{directory}.lock", "w", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(mode=0o700)
        return directory, lock
    raise Failed(f"too many runs of {name} at once")


class Stage:
    def __init__(self, directory, program, networks=("prosody", "ejabberd"), say=lambda text: None, peers=Peers):
        self.dir, self.say = pathlib.Path(directory), say
        self.peers = peers(self.dir, networks)
        self.rialto = Rialto(pathlib.Path(program).resolve(), self.dir, self.peers)

    def start(self):
        self.say("starting " + ", ".join(name for name in self.peers.servers() if name != "synapse"))
        self.peers.start_xmpp()
        self.say("rialto init, rialto registration")
        self.rialto.configure()
        self.say("starting synapse")
        self.peers.start_synapse(self.rialto.registration)
        self.say("starting rialto")
        self.rialto.start()

    def restart(self, name, kill=False):
        server = self.rialto if name == "rialto" else self.peers.servers()[name]
        server.kill() if kill else server.stop()
        server.start()

    def bridge(self, owner, room, network, muc, seconds=30):
        """`!rialto bridge` by `owner`, who must be mighty in the room and have invited the bot, and its answer."""
        until(lambda: self.rialto.bot in owner.members(room), seconds, "the bot to join")
        start = len(owner.events)
        owner.send(room, f"!rialto bridge {network} {muc}")
        said = owner.wait_for(
            lambda e: e["room_id"] == room and e["sender"] == self.rialto.bot
            and e["type"] == "m.room.message", seconds, "the bot's answer", start)
        if "is now joined" not in said["content"]["body"]:
            raise Failed(f"the bot would not bridge {muc}: {said['content']['body']}")
        return said

    def stop(self):
        """In the order that leaves nobody waiting for another."""
        for step in (self.rialto.stop, self.peers.stop):
            try:
                step()
            except Failed as failure:
                self.say(str(failure))

    def kill(self):
        self.rialto.kill()
        self.peers.stop()
