"""The servers of a run with mail: Synapse, Postfix, XMPP servers where they are wished for, and Dovecot in the demo and
where Rialto follows a mailbox."""
import os
import secrets

from tests.harness.dovecot import Dovecot
from tests.harness.dovecot_secure import SecureDovecot
from tests.harness.mail_person import MailPerson
from tests.harness.peers import PEOPLE, Peers
from tests.harness.postfix import Postfix
from tests.harness.process import free_ports, until
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

    def mail_networks(self, home):
        return [self.mail.network(home, f"@alice:{home}")]

    def servers(self):
        return {**super().servers(), "postfix": self.mail}


class MailboxPeers(MailPeers):
    """Erika's mailbox, which is on Dovecot and has a mail in it already, is alice's too: a network of its own."""

    bridge = "box.test"

    def __init__(self, directory, networks=()):
        super().__init__(directory, networks)
        self.owner = self.people["erika"]
        words = {self.owner.address: self.passwords["erika"]}
        self.imap = SecureDovecot(self._folder("dovecot"), free_ports(2), self.mail, words)

    def start_xmpp(self):
        super().start_xmpp()
        self.people["dave"].write(self.owner.address, "from before Rialto", subject="Old")
        until(lambda: self.mail.waiting() == 0 and self.owner.mails(), 30, "the old mail")
        self.imap.start()

    def mail_networks(self, home):
        own = (f"box=email,domain={self.bridge},home={home},listen=none,smart_host=127.0.0.1,"
               f"smart_port={self.mail.submission_port},tls=starttls,user={self.mail.account}@{self.mail.name},"
               f"password={self.mail.password},authorities={self.imap.authorities},secret={self.mail.secret},"
               f"authserv={self.mail.name},postmaster=@alice:{home},imap_host=localhost,"
               f"imap_port={self.imap.secure_port},imap_user={self.owner.address},"
               f"imap_password={self.passwords['erika']},imap_person=@alice:{home}")
        return [*super().mail_networks(home), own]

    def servers(self):
        return {**super().servers(), "dovecot": self.imap}


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
