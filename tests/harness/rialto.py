"""Rialto as its administrator meets it: init, registration, run; and what its admin port says."""
import subprocess
import urllib.request

from tests.harness.process import Failed, Process, until

BOT = "_rialto_bot"


def escaped(address):
    """A far address inside a Matrix id: what its grammar forbids becomes =hh."""
    plain = "abcdefghijklmnopqrstuvwxyz0123456789.-_"
    return "".join(c if c in plain else "".join(f"={byte:02x}" for byte in c.encode()) for c in address)


class Rialto:
    def __init__(self, program, directory, peers):
        self.program, self.dir, self.peers = program, directory / "rialto", peers
        self.dir.mkdir(parents=True, exist_ok=True)
        self.dir.chmod(0o700)
        self.config, self.registration = self.dir / "config.yaml", self.dir / "registration.yaml"
        self.server_name = peers.synapse.server_name
        self.appservice_url = f"http://127.0.0.1:{peers.appservice_port}"
        self.admin_url = f"http://127.0.0.1:{peers.admin_port}"
        self.media_url = f"http://127.0.0.1:{peers.media_port}"
        self.links = True  # files go out by our own links; else by the XMPP servers' uploads
        self.log = self.dir / "rialto.log"
        self.process = Process("rialto", [program, "run", "--config", self.config], self.log, cwd=self.dir)
        self.bot = f"@{BOT}:{self.server_name}"

    # -- names

    def ghost(self, network, address):
        return f"@_rialto_{network}_{escaped(address)}:{self.server_name}"

    def alias(self, network, room):
        return f"#_rialto_{network}_{escaped(room)}:{self.server_name}"

    def puppet(self, mxid, server):
        """The address of a Matrix person on an XMPP server."""
        local, _, home = mxid.removeprefix("@").partition(":")
        return f"{local}_{home}@{server.component}"

    def listener(self, server):
        """Who sits in an XMPP server's rooms for the bridge."""
        return f"rialto@{server.component}/rialto"

    # -- commands

    def command(self, *arguments):
        done = subprocess.run([str(a) for a in (self.program, *arguments)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, cwd=self.dir, check=False)
        if done.returncode != 0:
            raise Failed(f"rialto {arguments[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def configure(self):
        networks = []
        for name, server in self.peers.xmpp.items():
            networks += ["--network", f"{name}=xmpp,host=127.0.0.1,port={server.component_port},"
                         f"domain={server.component},secret={server.secret},muc={server.muc}"]
        for words in self.peers.mail_networks(self.server_name):
            networks += ["--network", words]
        self.command("init", "--homeserver", self.peers.synapse.url, "--server-name", self.server_name, *networks,
                     "--directory", self.dir, "--listen", f"127.0.0.1:{self.peers.appservice_port}",
                     "--admin-listen", f"127.0.0.1:{self.peers.admin_port}",
                     "--media-listen", f"127.0.0.1:{self.peers.media_port}",
                     *(["--public-url", self.media_url] if self.links else []),
                     *[part for server in self.peers.xmpp.values()
                       for part in ("--fetch-allow", f"http://127.0.0.1:{server.http_port}")])
        self.command("registration", "--config", self.config)

    def ready(self):
        try:
            with urllib.request.urlopen(self.admin_url + "/health/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def start(self, seconds=90):
        self.process.start()
        self.process.wait_ready(self.ready, seconds)

    def stop(self):
        status = self.process.stop()
        if status is None:
            raise Failed(f"rialto did not stop on SIGTERM:\n{self.process.tail()}")
        return status

    def kill(self):
        self.process.kill()

    def successor(self, number):
        """Another Rialto on the same configuration: it waits for the first to let go."""
        log = self.dir / f"rialto-{number}.log"
        fresh = Process("rialto", self.process.argv, log, cwd=self.dir)
        fresh.start()
        until(lambda: "waiting for another rialto" in fresh.tail(50), 20, "the new Rialto to wait for the old one")
        return fresh

    def replace(self, fresh, seconds=60):
        """The first has ended."""
        self.process = fresh
        fresh.wait_ready(self.ready, seconds)

    def metrics(self):
        with urllib.request.urlopen(self.admin_url + "/metrics", timeout=5) as answer:
            return answer.read().decode()
