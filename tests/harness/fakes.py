"""The fakes of tests/fakes in place of the real servers: same ports, same protocols, so the same clients and scenes."""
import json
import urllib.request

from tests.harness.peers import Peers
from tests.harness.process import Process, free_ports, listens

DOMAINS = {"prosody": "prosody.test", "ejabberd": "ejabberd.test"}


class Fake:
    """One fake program. It keeps its world in memory: being restarted is an order, not a new process."""

    def __init__(self, name, directory, command):
        self.name, self.dir = name, directory
        self.control_port = free_ports(1)[0]
        self.process = Process(name, [*command, "--control-port", self.control_port], directory / "log")

    def order(self, what, **more):
        body = json.dumps({"do": what, **more}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.control_port}/control", body)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def start(self):
        if self.process.alive():
            self.order("start")
        else:
            self.process.start()
            self.process.wait_ready(lambda: listens(self.control_port), 10)

    def stop(self):
        self.kill()

    def kill(self):
        self.order("kill")

    def close(self):
        self.process.stop()


class FakeHomeserver(Fake):
    def __init__(self, programs, directory, port, server_name):
        self.port, self.server_name, self.url = port, server_name, f"http://127.0.0.1:{port}"
        self.programs, self.registrations = programs, []
        super().__init__("synapse", directory, [programs / "fake_homeserver", "--port", port, "--server-name",
                                                server_name])

    def start(self):
        if not self.process.alive():
            for registration in self.registrations:
                self.process.argv += ["--registration", str(registration)]
        super().start()


class FakeXmpp(Fake):
    def __init__(self, programs, network, directory, ports, secret):
        self.network, self.domain, self.secret = network, DOMAINS[network], secret
        self.c2s_port, self.component_port, self.http_port = ports
        self.muc, self.component = "conference." + self.domain, "matrix." + self.domain
        self.upload = "upload." + self.domain
        command = [programs / "fake_xmpp", "--as", network, "--c2s-port", ports[0], "--component-port", ports[1],
                   "--http-port", ports[2], "--domain", self.domain, "--muc", self.muc, "--upload", self.upload,
                   "--component", self.component, "--secret", secret]
        if network == "prosody":
            command += ["--kick-old"]
        else:
            command += ["--no-occupant-id", "--nonanonymous"]  # as ejabberd 23.01, which has no mod_muc_occupantid
        super().__init__(network, directory, command)

    def register(self, user, password):
        self.order("user", name=user, password=password)


def fake_peers(programs):
    """A Peers whose servers are the fakes found in a folder."""
    class FakePeers(Peers):
        def make_homeserver(self, directory, port, server_name):
            return FakeHomeserver(programs, directory, port, server_name)

        def make_xmpp(self, network, directory, ports, secret):
            return FakeXmpp(programs, network, directory, ports, secret)

    return FakePeers
