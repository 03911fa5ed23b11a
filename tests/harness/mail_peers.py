"""The servers of a run with mail: Synapse, Postfix, and XMPP servers where they are wished for."""
from tests.harness.mail_person import MailPerson
from tests.harness.peers import PEOPLE, Peers
from tests.harness.postfix import Postfix
from tests.harness.process import free_ports


class MailPeers(Peers):
    def __init__(self, directory, networks=()):
        super().__init__(directory, networks)
        self.mail = Postfix(self._folder("postfix"), free_ports(6), PEOPLE["mail"])
        for user in PEOPLE["mail"]:
            self.people[user] = MailPerson(self.mail, user)

    def start_xmpp(self):
        super().start_xmpp()
        self.mail.start()

    def servers(self):
        return {**super().servers(), "postfix": self.mail}
