"""What happens between Matrix and mail; each story has a Matrix user of its own, and dave has one mailbox."""
import collections
import itertools
import os
import re
import secrets
import signal
import time

from tests.harness.mail_person import text_of
from tests.harness.matrix_client import MatrixClient
from tests.harness.process import Failed, until

SETTLE = 1.5  # seconds in which a second copy would come


def expect(true, what):
    if not true:
        raise Failed(str(what))


class Talk:
    """A Matrix user's chat with somebody's address."""

    def __init__(self, ground, client, address):
        self.ground, self.client, self.room = ground, client, None
        self.far, self.ghost = address, ground.rialto.ghost("mail", address)
        self.near = f"{client.name}@{ground.postfix.bridge}"
        self.start = len(client.events)

    def begin(self):
        """From Matrix: a chat with the ghost."""
        self.room = self.client.create_dm(self.ghost)
        until(lambda: self.ghost in self.client.members(self.room), 30, f"{self.ghost} to accept the chat")
        return self

    def accept(self):
        """From mail: an invitation that came."""
        ghosts = (self.ghost, self.ground.rialto.bot)
        self.room = self.client.wait_invite(lambda inviter: inviter in ghosts, 40)
        self.client.join(self.room)
        return self

    def say(self, text, **more):
        return self.client.send(self.room, text, **more)

    def heard(self):
        """What the other said there, in order; a mail may come before the join, so the whole room is read."""
        path = f"/rooms/{self.room}/messages?dir=b&limit=1000"
        events = reversed(self.client.call("GET", path)["chunk"])
        return [event["content"].get("body") for event in events
                if event["sender"] == self.ghost and event["content"].get("msgtype") in ("m.text", "m.file", "m.image")]

    def hears(self, text, seconds=40):
        return until(lambda: next((body for body in self.heard() if body == text), None), seconds,
                     f"{self.client.name} to see {text!r}", 0.2)

    def hears_all(self, texts, seconds=60):
        """These, in this order, once, and nothing else."""
        until(lambda: len(self.heard()) >= len(texts), seconds,
              f"{len(texts)} messages of {self.far} in the room (there are {len(self.heard())})", 0.2)
        time.sleep(SETTLE)
        expect(self.heard() == list(texts), f"expected {list(texts)}, the room has {self.heard()}")

    def told(self, text, seconds=40):
        """By the bridge: in a chat the ghost says it."""
        return self.client.wait_for(
            lambda e: e["room_id"] == self.room and e.get("content", {}).get("msgtype") == "m.notice"
            and text in str(e.get("content", {}).get("body", "")), seconds, f"a notice with {text!r}", self.start)


class Ground:
    numbers = itertools.count(1)

    def __init__(self, stage):
        self.stage, self.rialto, self.postfix = stage, stage.rialto, stage.peers.mail
        self.synapse, self.people = stage.peers.synapse, stage.peers.people
        self.clients = []

    @property
    def dave(self):
        return self.people["dave"]

    def somebody(self):
        client = MatrixClient(self.synapse.url, f"anna{next(self.numbers)}", secrets.token_hex(8)).enter().follow()
        self.clients.append(client)
        return client

    def talk(self, address=None):
        return Talk(self, self.somebody(), address or self.dave.address)

    def mails_to_dave(self, talk):
        return [mail for mail in self.dave.mails() if talk.near in str(mail["From"])]

    def dave_has(self, talk, texts, seconds=60):
        """These mails of that talk, in this order, once, and no others."""
        until(lambda: len(self.mails_to_dave(talk)) >= len(texts), seconds,
              f"{len(texts)} mails in the box (there are {len(self.mails_to_dave(talk))})")
        time.sleep(SETTLE)
        mails = {str(mail["Message-ID"]): text_of(mail) for mail in self.mails_to_dave(talk)}
        expect(len(mails) == len(self.mails_to_dave(talk)), "a mail is there twice")
        order = [mails[one] for one in self.postfix.taken() if one in mails]  # the box itself keeps none
        expect(order == list(texts), f"expected {list(texts)}, dave has {order}")

    def handed_over(self, seconds=60):
        until(lambda: self.postfix.waiting() == 0, seconds,
              f"Postfix to be rid of its mails\n{self.rialto.process.tail()}")

    def freeze(self, process, number):
        os.killpg(process.pid, number)

    def sweep(self):
        for client in self.clients:
            client.close()
        self.clients.clear()
        for server in (self.postfix, self.synapse):
            if not server.process.alive():
                server.start()
        if not self.rialto.process.alive():
            self.rialto.start()


def matrix_begins(ground):
    """alice writes to dave's ghost; dave has ordinary mail and answers it; both go on in one room and one thread."""
    talk = ground.talk().begin()
    talk.say("Shall we have lunch?")
    first = ground.dave.wait_text("Shall we have lunch?")
    expect(talk.near in str(first["From"]) and str(first["To"]) == ground.dave.address, first.as_string())
    expect(str(first["Return-Path"]).startswith(f"<b+") and "Auto-Submitted" not in first, first.as_string())
    answer = ground.dave.write(str(first["From"]), "Gladly. At noon?", answers=first)
    talk.hears("Gladly. At noon?")
    talk.say("At noon.")
    second = ground.dave.wait_text("At noon.")
    expect(second["In-Reply-To"] == answer["Message-ID"], second.as_string())
    expect(str(second["References"]).split() == [first["Message-ID"], answer["Message-ID"]], second["References"])
    expect(second["Subject"] == "Re: Shall we have lunch?", second["Subject"])
    talk.hears_all(["Gladly. At noon?"])
    ground.dave_has(talk, ["Shall we have lunch?", "At noon."])
    return f"from {first['From']}, subject {first['Subject']!r}, threaded both ways"


def mail_begins(ground):
    """dave writes first: alice is invited, sees who wrote, and answers."""
    talk = ground.talk()
    first = ground.dave.write(talk.near, "Are you there?", subject="A question")
    talk.accept()
    talk.hears_all(["A question\n\nAre you there?"])
    shown = talk.client.members(talk.room).get(talk.ghost)
    expect(shown == "Dave (mail)", f"the ghost is called {shown!r}")
    talk.say("Here I am.")
    back = ground.dave.wait_text("Here I am.")
    expect(back["In-Reply-To"] == first["Message-ID"] and back["Subject"] == "Re: A question", back.as_string())
    tls = re.search(r"lmtp\[.*TLS connection established to 127\.0\.0\.1.*: (\S+) with", ground.postfix.log.read_text())
    expect(tls, "Postfix hands its mail over in the clear")
    return f"{talk.ghost} is {shown!r}; handed over by {tls[1]}"


def html_both_ways(ground):
    """Formatting goes both ways, and nothing that could run does."""
    talk = ground.talk().begin()
    talk.client.send_html(talk.room, "very good", "<strong>very</strong> good")
    mail = ground.dave.wait_text("very good")
    html = mail.get_body(("html",))
    expect(html and "<strong>very</strong>" in html.get_content(), mail.as_string())
    answer = ground.dave.compose(talk.near, "see it", answers=mail)
    answer.add_alternative("<p>see <b>it</b><script>alert(1)</script></p>", subtype="html")
    ground.dave.send(answer)
    talk.hears("see it")
    event = next(e for e in talk.client.events if e.get("content", {}).get("body") == "see it")
    shown = event["content"].get("formatted_body", "")
    expect("<strong>it</strong>" in shown and "alert" not in shown, shown)
    return shown


def killed_after_250(ground):
    """Postfix has our 250, Matrix has nothing yet, and Rialto dies: nothing is lost, nothing comes twice."""
    talk = ground.talk().begin()
    talk.say("begin")
    first = ground.dave.wait_text("begin")
    ground.dave.write(talk.near, "mail 0", answers=first)
    talk.hears("mail 0")
    texts = [f"mail {number}" for number in range(1, 6)]
    ground.freeze(ground.synapse.process, signal.SIGSTOP)
    try:
        for text in texts:
            ground.dave.write(talk.near, text, answers=first)
            ground.handed_over()
        ground.rialto.kill()
    finally:
        ground.freeze(ground.synapse.process, signal.SIGCONT)
    expect(talk.heard() == ["mail 0"], f"Matrix had it before the crash: {talk.heard()}")
    ground.rialto.start()
    talk.hears_all(["mail 0", *texts])
    return f"{len(texts)} mails were answered 250, then SIGKILL; all came, once, in order"


def killed_before_mail(ground):
    """The homeserver has its 200, the mail server is away, and Rialto dies."""
    talk = ground.talk().begin()
    talk.say("begin")
    ground.dave.wait_text("begin")
    ground.postfix.stop()
    texts = [f"line {number}" for number in range(1, 6)]
    for text in texts:
        talk.say(text)
    time.sleep(1)
    ground.rialto.kill()
    ground.postfix.start()
    ground.rialto.start()
    ground.dave_has(talk, ["begin", *texts])
    return f"{len(texts)} lines, all in the box, once, in order"


def storm(ground, count=24, kills=4):
    """Both write on while Rialto is killed again and again."""
    talk = ground.talk().begin()
    talk.say("begin")
    first = ground.dave.wait_text("begin")
    here = [f"near {number}" for number in range(count)]
    there = [f"far {number}" for number in range(count)]
    for number in range(count):
        talk.say(here[number])
        ground.dave.write(talk.near, there[number], answers=first)
        if number % (count // kills) == count // kills - 1:
            ground.rialto.kill()
            ground.rialto.start()
    until(lambda: set(talk.heard()) == set(there), 90,
          f"all mails on Matrix; missing {sorted(set(there) - set(talk.heard()))}", 0.5)
    until(lambda: {text_of(m) for m in ground.mails_to_dave(talk)} == {"begin", *here}, 90,
          f"all lines in the box; missing {sorted(set(here) - {text_of(m) for m in ground.mails_to_dave(talk)})}")
    time.sleep(SETTLE)
    expect(len(talk.heard()) == count, f"on Matrix twice: {collections.Counter(talk.heard()).most_common(3)}")
    mails = ground.mails_to_dave(talk)
    ids = {str(mail["Message-ID"]) for mail in mails}
    expect(len(ids) == count + 1, f"{len(ids)} Message-IDs for {count + 1} lines")
    # SMTP has no way to ask whether the last mail was taken (RFC 1047): a repeat has the same Message-ID.
    expect(len(mails) - len(ids) <= kills, f"{len(mails) - len(ids)} mails came twice in {kills} crashes")
    order = list(dict.fromkeys(one for one in ground.postfix.taken() if one in ids))
    texts = {str(mail["Message-ID"]): text_of(mail) for mail in mails}
    went = [texts[one] for one in order]
    expect(went == ["begin", *here], f"the mails went out in another order: {went}")
    return f"{count} each way over {kills} SIGKILLs; {len(mails) - len(ids)} mails repeated with their Message-ID"


def refused_is_told(ground):
    """At once (the mail server knows no such box), and later (it took the mail, and the mail came back)."""
    at_once = ground.talk("nobody@" + ground.postfix.domain).begin()
    at_once.say("Is anybody there?")
    first = at_once.told("5.1.1")["content"]["body"]
    later = ground.talk("somebody@late.test").begin()
    later.say("And there?")
    second = later.told("this is no relay")["content"]["body"]  # Postfix tries to hand it to us
    expect(" to=<b+" in ground.postfix.log.read_text(), "no bounce came back to the signed address")
    expect(not at_once.heard() and not later.heard(), "a bounce is shown as chat")
    return f"{first!r}; {second!r}"


def strangers(ground):
    """Nobody's address is refused at RCPT: the sender's own mail server says so. Unverified senders are marked."""
    dave = ground.dave
    dave.write(f"no.such.person@{ground.postfix.bridge}", "Hello?")
    bounce = dave.wait(lambda mail: "Undelivered" in str(mail["Subject"]) and "no.such.person" in mail.as_string())
    expect("5.1.1" in bounce.as_string(), bounce.as_string())
    talk = ground.talk()
    dave.send(dave.compose(talk.near, "Who am I?"), ground.postfix.plain_port)
    talk.accept()
    until(lambda: any("Who am I?" in body and "Sender not verified" in body for body in talk.heard()), 30,
          "the remark on the sender")
    return "550 5.1.1 for nobody; an unverified sender is marked"


def files_both_ways(ground, megabytes=10):
    """A text and a large file in one mail, either way; the bytes are the same at the end."""
    talk = ground.talk().begin()
    there, here = os.urandom(megabytes << 20), os.urandom(megabytes << 20)
    mail = ground.dave.compose(talk.near, "See the file.")
    mail.add_attachment(there, maintype="application", subtype="x-demo", filename="für alice.bin")
    began = time.monotonic()
    ground.dave.send(mail)
    talk.hears("Hello\n\nSee the file.")
    event = until(lambda: next((e for e in talk.client.events if e.get("content", {}).get("msgtype") == "m.file"), None),
                  60, "the file on Matrix", 0.2)
    took_in = time.monotonic() - began
    expect(event["content"]["body"] == "für alice.bin", event["content"])
    status, _, data = talk.client.download(event["content"]["url"])
    expect(status == 200 and data == there, f"{status}, {len(data)} bytes of {len(there)}")
    began = time.monotonic()
    talk.client.send_file(talk.room, "für dave.bin", "application/x-demo", "m.file", here)
    back = ground.dave.wait(lambda m: talk.near in str(m["From"]) and any(m.iter_attachments()), 60)
    took_out = time.monotonic() - began
    part = next(back.iter_attachments())
    expect(part.get_filename() == "für dave.bin" and part.get_content() == here, part.get_filename())
    return f"{megabytes} MB in {took_in:.1f} s in, {took_out:.1f} s out"


def forged_is_held_back(ground):
    """A mail whose DMARC failed is shown to the person as what it is, with the mail; never as its author's."""
    talk = ground.talk()
    ground.dave.send(ground.dave.compose(talk.near, "Send money", subject="Urgent"), ground.postfix.forged_port)
    held = Talk(ground, talk.client, "mail+quarantine@" + ground.postfix.bridge).accept()
    body = held.told("Held back")["content"]["body"]
    expect("Dave <dave@mail.test>" in body and "DMARC" in body and "money" not in body, body)
    path = f"/rooms/{held.room}/messages?dir=b&limit=50"
    event = until(lambda: next((e for e in talk.client.call("GET", path)["chunk"]
                                if e["content"].get("msgtype") == "m.file"), None), 20, "the original")
    _, _, data = talk.client.download(event["content"]["url"])
    expect(b"Send money" in data and data.startswith(b"Return-Path: <dave@mail.test>"), data)
    return body


def tls_is_verified(ground):
    """To a smart host whose certificate nobody vouches for nothing is said: the mail waits until somebody does; and TLS
    at once, as at port 465."""
    talk = ground.talk().begin()
    config, postfix = ground.rialto.config, ground.postfix
    right = config.read_text()
    expect(str(postfix.certificate) in right, "the configuration names no authority")
    config.write_text(right.replace(str(postfix.certificate), "/etc/ssl/certs/ca-certificates.crt"))
    ground.rialto.stop()
    ground.rialto.start()
    before = postfix.log.stat().st_size
    try:
        talk.say("for your eyes only")
        until(lambda: "lost connection after STARTTLS" in postfix.log.read_text()[before:], 20, "an attempt")
        time.sleep(SETTLE)
        expect(not ground.mails_to_dave(talk), "it was sent to whom nobody vouches for")
    finally:
        config.write_text(right.replace("starttls", "implicit").replace(
            str(postfix.submission_port), str(postfix.implicit_port)))
        ground.rialto.stop()
        ground.rialto.start()
    ground.dave_has(talk, ["for your eyes only"])
    config.write_text(right)
    ground.rialto.stop()
    ground.rialto.start()
    log = postfix.log.read_text()
    expect("sasl_method=PLAIN" in log or "sasl_method=LOGIN" in log, "nobody logged in")
    expect(postfix.password not in ground.rialto.log.read_text(), "the password is in the log")
    return "waited for a certificate that is vouched for; STARTTLS and TLS at once, with a login"


def quotes_are_folded(ground):
    """Of an answer above the mail that it answers the reader sees the answer, and the rest on demand; of an invitation
    a line that says what it is to."""
    talk = ground.talk().begin()
    talk.say("Lunch on Tuesday?")
    first = ground.dave.wait_text("Lunch on Tuesday?")
    quoted = "On Mon, 23 Nov 2026 at 10:00, Anna wrote:\n> Lunch on Tuesday?"
    mail = ground.dave.compose(talk.near, f"Gladly.\n\n{quoted}", answers=first)
    mail.add_attachment("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Lunch\r\n"
                        "DTSTART:20261124T120000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", subtype="calendar")
    ground.dave.send(mail)
    body = f"Gladly.\n\n[spoiler: {quoted}]\n\nInvitation: Lunch, 2026-11-24 12:00 UTC"
    talk.hears(body)
    event = next(e for e in talk.client.events if e.get("content", {}).get("body") == body)
    shown = event["content"].get("formatted_body", "")
    expect("data-mx-spoiler" in shown and "Gladly." in shown.split("data-mx-spoiler")[0], shown)
    talk.hears("event.ics")
    return shown


def nobody_twice(ground):
    """An address that its server does not know is written to once; then its author is told at once."""
    talk = ground.talk("not.here@" + ground.postfix.domain).begin()
    talk.say("Hello?")
    talk.told("5.1.1")
    taken = len(ground.postfix.taken())
    talk.say("Hello??")
    said = talk.told("until a mail comes from there")["content"]["body"]
    expect(len(ground.postfix.taken()) == taken, "it was sent once more")
    return said


def automatic_answers_end(ground, count=30):
    """A program that answers each mail, and goes on: what it says is shown as notices, and not for ever."""
    talk = ground.talk().begin()
    talk.say("Are you there?")
    first = ground.dave.wait_text("Are you there?")
    for number in range(count):
        mail = ground.dave.compose(talk.near, f"I am away ({number}).", answers=first)
        mail["Auto-Submitted"] = "auto-replied"
        ground.dave.send(mail)
    ground.handed_over()
    time.sleep(SETTLE)
    path = f"/rooms/{talk.room}/messages?dir=b&limit=200"
    notices = [e for e in talk.client.call("GET", path)["chunk"] if e["content"].get("msgtype") == "m.notice"]
    expect(len(notices) == 10 and not talk.heard(), f"{len(notices)} notices, and {talk.heard()}")
    expect(len(ground.mails_to_dave(talk)) == 1, "something answered the answers")
    return f"{len(notices)} of {count} were shown, the others refused; nothing answered them"


STORIES = (matrix_begins, mail_begins, html_both_ways, quotes_are_folded, killed_after_250, killed_before_mail, storm,
           refused_is_told, nobody_twice, automatic_answers_end, strangers, forged_is_held_back, files_both_ways,
           tls_is_verified)
