"""What happens between Matrix and a mailbox that Rialto follows by IMAP: erika's, which is alice's on Matrix. In each
story dave writes from another address of his."""
import imaplib
import itertools
import os
import re
import signal
import time
from email.message import EmailMessage

from tests.harness.mail_person import text_of
from tests.harness.mail_stories import SETTLE, Ground, Talk, expect
from tests.harness.process import until


class BoxTalk(Talk):
    def __init__(self, ground, client, address):
        super().__init__(ground, client, address)
        self.ghost, self.near = ground.rialto.ghost("box", address), ground.box.address

    def mail(self, text, subject="Hello", answers=None):
        mail = self.ground.dave.compose(self.near, text, subject, answers)
        del mail["From"]
        mail["From"] = f"Dave <{self.far}>"
        return mail

    def write(self, text, **more):
        mail = self.mail(text, **more)
        self.ground.dave.send(mail, to=[self.near])
        return mail

    def begin_by_mail(self):
        """A talk that both have heard something in; dave's mail that began it."""
        mail = self.write("begin", subject="Talk")
        self.accept()
        self.hears("Talk\n\nbegin")
        return mail


class BoxGround(Ground):
    numbers = itertools.count(1)

    def __init__(self, stage):
        super().__init__(stage)
        self.imap, self.box, self.alice = stage.peers.imap, stage.peers.owner, stage.peers.matrix("alice")
        self.password = stage.peers.passwords["erika"]

    def talk(self, address=None):
        return BoxTalk(self, self.alice, address or f"dave+{next(self.numbers)}@{self.postfix.domain}")

    def mails_to_dave(self, talk):
        return [mail for mail in self.dave.mails() if str(mail["To"]) == talk.far]

    def wait_dave(self, talk, text, seconds=40):
        return until(lambda: next((m for m in self.mails_to_dave(talk) if text_of(m) == text), None), seconds,
                     f"{text!r} at {talk.far}")

    def look(self, folder):
        """By another mail program: (flags, mail) of each in that folder."""
        with imaplib.IMAP4("127.0.0.1", self.imap.port) as link:
            link.login(self.box.address, self.password)
            count = int(link.select(folder, readonly=True)[1][0])
            if not count:
                return []
            parts = [part for part in link.fetch(f"1:{count}", "(FLAGS BODY.PEEK[])")[1] if isinstance(part, tuple)]
            return [(part[0].decode(), part[1].decode(errors="replace")) for part in parts]

    def bytes_fetched(self, since):
        """Of mails, by the links that have ended since."""
        with open(self.imap.log, encoding="utf-8", errors="replace") as log:
            log.seek(since)
            return sum(int(count) for count in re.findall(r" body_bytes=(\d+)", log.read()))

    def restart_rialto(self, change=lambda text: text):
        config = self.rialto.config
        config.write_text(change(config.read_text()))
        self.rialto.stop()
        self.rialto.start()

    def sweep(self):
        if not self.imap.process.alive():
            self.imap.start()
        super().sweep()


def mailbox_talks(ground):
    """A mail in the mailbox is a chat; the answer comes from the mailbox's own address, in the thread, and a copy lies
    with the sent mails. What lay there before is nobody's business, and nothing is marked as read."""
    talk = ground.talk()
    first = talk.write("Are you there?", subject="A question")
    talk.accept()
    talk.hears_all(["A question\n\nAre you there?"])
    expect(not ground.alice.invites, f"what lay there before came: {ground.alice.invites}")
    talk.say("Here I am.")
    back = ground.wait_dave(talk, "Here I am.")
    expect(ground.box.address in str(back["From"]) and back["In-Reply-To"] == first["Message-ID"], back.as_string())
    expect(str(back["Return-Path"]) == f"<{ground.box.address}>", back["Return-Path"])
    sent = until(lambda: ground.look(ground.imap.sent), 20, "the copy")
    expect(len(sent) == 1 and "\\Seen" in sent[0][0] and str(back["Message-ID"]) in sent[0][1], sent)
    inbox = ground.look("INBOX")
    expect(len(inbox) == 2 and not any("\\Seen" in flags for flags, _ in inbox), [flags for flags, _ in inbox])
    talk.write("Fine.", answers=back)
    talk.hears_all(["A question\n\nAre you there?", "Fine."])
    return f"from {back['From']}, {len(sent)} copy, {len(inbox)} mails unread as before"


def server_restarts(ground):
    """Dovecot ends while it is waited for; what comes meanwhile and afterwards comes once."""
    talk = ground.talk()
    first = talk.begin_by_mail()
    ground.imap.stop()
    talk.write("while it was away", answers=first)
    ground.handed_over()
    ground.imap.start()
    talk.hears("while it was away", 60)
    talk.write("and then", answers=first)
    talk.hears_all(["Talk\n\nbegin", "while it was away", "and then"])
    return "link lost under IDLE; each mail once"


def killed_before_commit(ground):
    """Rialto has a mail from the mailbox, cannot take it over yet (its file finds no homeserver), and dies."""
    talk = ground.talk()
    first = talk.begin_by_mail()
    ground.freeze(ground.synapse.process, signal.SIGSTOP)
    try:
        mail = talk.mail("See the file.", answers=first)
        mail.add_attachment(os.urandom(300_000), maintype="application", subtype="x-demo", filename="plan.bin")
        ground.dave.send(mail, to=[talk.near])
        ground.handed_over()
        time.sleep(2)
        before = ground.imap.log.stat().st_size
        ground.rialto.kill()
        until(lambda: ground.bytes_fetched(before) > 300_000, 10, "Dovecot to have given the mail away")
    finally:
        ground.freeze(ground.synapse.process, signal.SIGCONT)
    ground.rialto.start()
    talk.hears_all(["Talk\n\nbegin", "See the file.", "plan.bin"])
    return "fetched, not taken over, SIGKILL: once"


def killed_after_commit(ground, count=6):
    """The mails are taken over, Matrix has none of them yet, and Rialto dies; it dies again while they come."""
    talk = ground.talk()
    first = talk.begin_by_mail()
    texts = [f"mail {number}" for number in range(count)]
    ground.freeze(ground.synapse.process, signal.SIGSTOP)
    try:
        for text in texts:
            talk.write(text, answers=first)
        ground.handed_over()
        time.sleep(2)
        ground.rialto.kill()
    finally:
        ground.freeze(ground.synapse.process, signal.SIGCONT)
    ground.rialto.start()
    talk.hears(texts[0])
    ground.rialto.kill()
    ground.rialto.start()
    talk.hears_all(["Talk\n\nbegin", *texts])
    return f"{count} mails over two SIGKILLs, once, in order"


def storm(ground, count=24, kills=4):
    """Both write on while Rialto is killed again and again; Dovecot is restarted in between."""
    talk = ground.talk()
    first = talk.begin_by_mail()
    here, there = [f"near {number}" for number in range(count)], [f"far {number}" for number in range(count)]
    for number in range(count):
        talk.say(here[number])
        talk.write(there[number], answers=first)
        if number == count // 2:
            ground.imap.stop()
            ground.imap.start()
        if number % (count // kills) == count // kills - 1:
            ground.rialto.kill()
            ground.rialto.start()
    talk.hears_all(["Talk\n\nbegin", *there], 90)
    until(lambda: {text_of(m) for m in ground.mails_to_dave(talk)} == set(here), 90, "all lines in dave's box")
    time.sleep(SETTLE)
    mails = {str(mail["Message-ID"]): text_of(mail) for mail in ground.mails_to_dave(talk)}
    went = [mails[one] for one in dict.fromkeys(ground.postfix.taken()) if one in mails]
    expect(went == here, f"the mails went out in another order: {went}")
    copies = [mail for _, mail in ground.look(ground.imap.sent) if talk.far in mail]
    ids = [one for one in mails if any(one in copy for copy in copies)]
    expect(len(copies) == len(ids), f"{len(copies)} copies of {len(ids)} mails")
    expect(len(copies) >= count - 2 * kills, f"{len(copies)} copies of {count} mails")
    return f"{count} each way over {kills} SIGKILLs; {len(copies)} copies, each once"


def large_mails(ground, megabytes=10):
    """A large file comes through; of a mail that is too large the chat tells."""
    talk = ground.talk()
    first = talk.begin_by_mail()
    there = os.urandom(megabytes << 20)
    mail = talk.mail("See the file.", answers=first)
    mail.add_attachment(there, maintype="application", subtype="x-demo", filename="large.bin")
    began = time.monotonic()
    ground.dave.send(mail, to=[talk.near])
    talk.hears("large.bin", 60)
    took = time.monotonic() - began
    event = next(e for e in ground.alice.events if e.get("content", {}).get("body") == "large.bin")
    expect(ground.alice.download(event["content"]["url"])[2] == there, "other bytes came")
    right = ground.rialto.config.read_text()
    box = right.index("  box:\n")
    lines = [line for line in right[box:].splitlines() if not line.strip().startswith("max_mb")]
    try:
        ground.restart_rialto(lambda _: right[:box] + "\n".join([lines[0], "    max_mb: 5", *lines[1:]]) + "\n")
        mail = talk.mail("See the other file.", answers=first)
        mail.add_attachment(there, maintype="application", subtype="x-demo", filename="larger.bin")
        ground.dave.send(mail, to=[talk.near])
        told = until(lambda: next((body for body in talk.heard() if "too large for the bridge" in body), None), 40,
                     "what is said of a too large mail")
    finally:
        ground.restart_rialto(lambda _: right)
    time.sleep(SETTLE)
    expect("larger.bin" not in talk.heard(), "it was fetched all the same")
    return f"{megabytes} MB in {took:.1f} s; {told!r}"


def numbered_anew(ground):
    """The mailbox was moved: all UIDs are other ones. What came meanwhile comes, what was shown does not."""
    talk = ground.talk()
    first = talk.begin_by_mail()
    ground.imap.stop()
    ground.imap.number_anew("erika")
    talk.write("meanwhile", answers=first)
    ground.handed_over()
    ground.imap.start()
    talk.hears("meanwhile", 60)
    talk.write("afterwards", answers=first)
    talk.hears_all(["Talk\n\nbegin", "meanwhile", "afterwards"])
    expect("numbered INBOX anew" in ground.rialto.log.read_text(), "the log does not tell of it")
    expect(not ground.alice.invites, f"old mails came: {ground.alice.invites}")
    return "UIDVALIDITY changed; nothing lost, nothing twice"


def colleague_writes(ground):
    """Somebody answers from that mailbox with another mail program: it is shown as what it is, is not sent once more, and
    the next answer belongs to it."""
    talk = ground.talk()
    first = talk.begin_by_mail()
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Erika <{ground.box.address}>", talk.far, "Re: Talk"
    mail["Message-ID"], mail["In-Reply-To"] = f"<{time.time_ns()}@elsewhere.test>", str(first["Message-ID"])
    mail.set_content("I take care of it.\n")
    with imaplib.IMAP4("127.0.0.1", ground.imap.port) as link:
        link.login(ground.box.address, ground.password)
        link.append(ground.imap.sent, "(\\Seen)", None, mail.as_bytes())
    shown = talk.told(f"From {ground.box.address}, by another mail program:")["content"]["body"]
    expect("I take care of it." in shown, shown)
    time.sleep(SETTLE)
    expect(not ground.mails_to_dave(talk), "it was sent once more")
    talk.say("And so do I.")
    back = ground.wait_dave(talk, "And so do I.")
    expect(back["In-Reply-To"] == mail["Message-ID"], back.as_string())
    return shown


def comes_back(ground):
    """A mail from the mailbox comes back: its author is told at the message, and nobody is invited by a mail server."""
    talk = BoxTalk(ground, ground.alice, "somebody@late.test").begin()
    talk.say("And there?")
    said = talk.told("this is no relay", 60)["content"]["body"]
    expect(not talk.heard() and not ground.alice.invites, f"{talk.heard()} {ground.alice.invites}")
    return said


def tokens_instead_of_passwords(ground):
    """OAuth 2: the login is a bearer token in a file that another program keeps fresh, over STARTTLS."""
    talk = ground.talk()
    first = talk.begin_by_mail()
    right, words = ground.rialto.config.read_text(), ground.rialto.dir / "box.bearer"
    words.touch(0o600)
    words.write_text(ground.imap.tokens.token_for(ground.box.address) + "\n")
    lines = [line for line in right.splitlines() if not line.strip().startswith("imap_p")]
    end = next(i for i, line in enumerate(lines) if line.strip().startswith("imap_user"))
    lines[end:end] = [f"    imap_bearer: {words}", "    imap_tls: starttls", f"    imap_port: {ground.imap.port}",
                      next(line for line in right.splitlines() if line.strip().startswith("imap_person:"))]
    try:
        ground.restart_rialto(lambda _: "\n".join(lines) + "\n")
        talk.write("with a token", answers=first)
        talk.hears("with a token")
        asked = ground.imap.tokens.asked
        expect(asked > 0, "nobody asked whose the token is")
        ground.imap.stop()
        fresh = ground.imap.tokens.token_for(ground.box.address)
        ground.imap.start()
        until(lambda: ground.imap.tokens.asked > asked, 60, "a login with the old token")
        words.write_text(fresh + "\n")
        talk.write("with a fresh token", answers=first)
        talk.hears("with a fresh token", 90)
    finally:
        ground.restart_rialto(lambda _: right)
    log = ground.rialto.log.read_text()
    expect(fresh not in log, "the token is in the log")
    return "a token, and a fresh one when that was worth nothing any more"


STORIES = (mailbox_talks, server_restarts, killed_before_commit, killed_after_commit, storm, large_mails, numbered_anew,
           colleague_writes, comes_back, tokens_instead_of_passwords)
