"""The servers of one run, in one directory: Synapse, Prosody, ejabberd, and the people who have accounts there."""
import pathlib
import secrets

from tests.harness.ejabberd import Ejabberd
from tests.harness.matrix_client import MatrixClient
from tests.harness.process import free_ports
from tests.harness.prosody import Prosody
from tests.harness.synapse import Synapse
from tests.harness.xmpp_client import XmppClient

SERVER_NAME = "matrix.test"
PEOPLE = {
    "matrix": ("alice", "bob", "erin", "frank", "grace"),
    "prosody": ("dan", "dora", "dirk", "dina", "duke"),
    "ejabberd": ("carol", "cleo", "cora", "carl", "curt"),
    "mail": ("dave", "erika", "emil"),
}


class Peers:
    """Starts in the order that a first registration needs: XMPP servers at once, Synapse when told."""

    def __init__(self, directory, networks=("prosody", "ejabberd")):
        self.dir = pathlib.Path(directory).resolve()
        self.networks = networks
        ports = free_ports(10)
        self.appservice_port, self.admin_port, self.media_port = ports[0], ports[1], ports[9]
        self.synapse = self.make_homeserver(self._folder("synapse"), ports[2], SERVER_NAME)
        own = {"prosody": ports[3:6], "ejabberd": ports[6:9]}
        self.xmpp = {name: self.make_xmpp(name, self._folder(name), own[name], secrets.token_hex(16))
                     for name in networks}
        self.mail = None  # Postfix, in MailPeers
        self.people = {}  # name -> MatrixClient or XmppClient
        self.passwords = {}

    def make_homeserver(self, directory, port, server_name):
        return Synapse(directory, port, server_name)

    def make_xmpp(self, network, directory, ports, secret):
        return {"prosody": Prosody, "ejabberd": Ejabberd}[network](directory, ports, secret)

    def mail_networks(self, home):
        """The words of `rialto init --network` for each network that is mail."""
        return []

    def _folder(self, name):
        folder = self.dir / name
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        return folder

    def start_xmpp(self):
        for name, server in self.xmpp.items():
            server.start()
            for user in PEOPLE[name]:
                self.passwords[user] = secrets.token_hex(8)
                server.register(user, self.passwords[user])

    def start_synapse(self, registration):
        self.synapse.registrations = [registration]
        self.synapse.start()
        for user in PEOPLE["matrix"]:
            self.passwords[user] = secrets.token_hex(8)
            self.people[user] = MatrixClient(self.synapse.url, user, self.passwords[user]).enter()

    def matrix(self, user):
        """A Matrix person, following along."""
        person = self.people[user]
        if not person.thread:
            person.follow()
        return person

    def xmpp_person(self, user):
        """An XMPP person, logged in."""
        if user not in self.people:
            network = next(name for name in self.networks if user in PEOPLE[name])
            server = self.xmpp[network]
            jid = f"{user}@{server.domain}"
            self.people[user] = XmppClient(jid, self.passwords[user], server.c2s_port).connect()
        return self.people[user]

    def servers(self):
        return {"synapse": self.synapse, **self.xmpp}

    def stop(self):
        for person in self.people.values():
            person.close()
        for server in self.servers().values():
            getattr(server, "close", server.stop)()

