"""Somebody who has ordinary mail and nothing else: a mailbox to read, and SMTP to write by."""
import email
import email.policy
import email.utils
import imaplib
import smtplib
import ssl
import time
from email.message import EmailMessage

from tests.harness.process import until


class MailPerson:
    def __init__(self, server, name):
        self.server, self.name, self.address = server, name, f"{name}@{server.domain}"
        self.written = 0

    def mails(self):
        """What lies in the mailbox, oldest first; a Maildir's names begin with seconds, V..I..M<microseconds>."""
        def age(path):
            seconds, unique, *_ = path.name.split(".")
            return int(seconds), int(unique.rpartition("M")[2])
        boxes = [box for box in self.server.box(self.name) if box.exists()]
        paths = sorted((path for box in boxes for path in box.iterdir()), key=age)
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]

    def wait(self, fits, seconds=30, what="a mail"):
        """The first mail that fits."""
        return until(lambda: next((mail for mail in self.mails() if fits(mail)), None), seconds,
                     f"{what} in {self.address}'s mailbox")

    def wait_text(self, text, seconds=30):
        return self.wait(lambda mail: text_of(mail) == text, seconds, repr(text))

    def compose(self, to, text, subject="Hello", answers=None):
        self.written += 1
        mail = EmailMessage()
        mail["From"], mail["To"] = f"{self.name.title()} <{self.address}>", to
        mail["Date"] = email.utils.formatdate()
        mail["Message-ID"] = f"<{self.written}.{time.time_ns():x}@{self.server.domain}>"
        if answers is not None:
            subject = "Re: " + str(answers["Subject"]).removeprefix("Re: ")
            mail["In-Reply-To"] = str(answers["Message-ID"])
            mail["References"] = f"{answers['References'] or ''} {answers['Message-ID']}".strip()
        mail["Subject"] = subject
        mail.set_content(text + "\n")
        return mail

    def send(self, mail, port=None, to=None):
        """By the port that vouches for its authors, unless another is named."""
        with smtplib.SMTP("127.0.0.1", port or self.server.vouched_port, timeout=30) as link:
            link.send_message(mail, self.address, to or [mail["To"]])
        return mail

    def submit(self, mail, password):
        """As a mail program does: STARTTLS, with a certificate that must be vouched for, and a login."""
        with smtplib.SMTP("localhost", self.server.submission_port, timeout=30) as link:
            link.starttls(context=ssl.create_default_context(cafile=self.server.certificate))
            link.login(self.address, password)
            link.send_message(mail, self.address, [mail["To"]])
        return mail

    def count_by_imap(self, port, password):
        with imaplib.IMAP4("127.0.0.1", port) as link:
            link.login(self.address, password)
            return int(link.select(readonly=True)[1][0])

    def write(self, to, text, **more):
        return self.send(self.compose(to, text, **more))

    def close(self):
        pass


def text_of(mail):
    """What a person reads, without the line break that ends it."""
    part = mail.get_body(("plain", "html"))
    return part.get_content().replace("\r\n", "\n").rstrip("\n") if part else ""
