"""The servers of a run with mail: Synapse, Postfix, XMPP servers where they are wished for, and Dovecot in the demo."""
import os
import secrets

from tests.harness.dovecot import Dovecot
from tests.harness.mail_person import MailPerson
from tests.harness.peers import PEOPLE, Peers
from tests.harness.postfix import Postfix
from tests.harness.process import free_ports
from tests.harness.rooted import RootedPostfix


class MailPeers(Peers):
    def __init__(self, directory, networks=()):
        super().__init__(directory, networks)
        for user in PEOPLE["mail"]:
            self.passwords[user] = secrets.token_hex(8)
        words = {user: self.passwords[user] for user in PEOPLE["mail"]}
        server = Postfix if os.getuid() == 0 else RootedPostfix
        self.mail = server(self._folder("postfix"), free_ports(6), words)
        for user in PEOPLE["mail"]:
            self.people[user] = MailPerson(self.mail, user)

    def start_xmpp(self):
        super().start_xmpp()
        self.mail.start()

    def servers(self):
        return {**super().servers(), "postfix": self.mail}


class DemoPeers(MailPeers):
    """With IMAP, for mail programs; with two XMPP servers."""

    def __init__(self, directory, networks=("prosody", "ejabberd")):
        super().__init__(directory, networks)
        words = {f"{user}@{self.mail.domain}": self.passwords[user] for user in PEOPLE["mail"]}
        self.imap = Dovecot(self._folder("dovecot"), free_ports(1)[0], self.mail, words)

    def start_xmpp(self):
        super().start_xmpp()
        self.imap.start()

    def imap_count(self, user):
        return self.people[user].count_by_imap(self.imap.port, self.passwords[user])

    def servers(self):
        return {**super().servers(), "dovecot": self.imap}
