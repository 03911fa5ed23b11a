"""What the demo shows of mail: alice and dave, who has a mailbox and nothing else; with an answer and a file each way."""
import os
import time

from tests.harness.ledger import differences, order_kept
from tests.harness.mail_person import text_of
from tests.harness.process import Failed, until

BURST = 10
PICTURE = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63"
                        "64f8cf50cf0000030001018081650e0000000049454e44ae426082")


class MailConversation:
    def __init__(self, stage, say):
        self.stage, self.say = stage, say
        self.server = stage.peers.mail
        self.alice, self.dave = stage.peers.matrix("alice"), stage.peers.people["dave"]
        self.near = f"{self.alice.name}@{self.server.bridge}"
        self.ghost = stage.rialto.ghost("mail", self.dave.address)
        self.room, self.said, self.written = None, [], []
        self.singly = None  # how many dave wrote one by one

    # -- what each is shown

    def heard(self):
        """Events of dave's in the room, in Matrix's order."""
        chunk = self.alice.call("GET", f"/rooms/{self.room}/messages?dir=b&limit=1000")["chunk"]
        return [event["content"] for event in reversed(chunk)
                if event["sender"] == self.ghost and event["type"] == "m.room.message"]

    def mails(self):
        """Of alice's, in the order in which the mail server took them: a mailbox has none."""
        order = {name: number for number, name in enumerate(self.server.taken())}
        mine = [mail for mail in self.dave.mails() if self.near in str(mail["From"])]
        return sorted(mine, key=lambda mail: order.get(str(mail["Message-ID"]), 0))

    # -- what each says

    def alice_says(self, text, **more):
        self.said.append(text)
        event = self.alice.send(self.room, text, **more)
        return event, self.dave.wait_text(text)

    def dave_writes(self, text, shown=None, seconds=40, **more):
        """The mail, and what became of it on Matrix."""
        self.written.append(shown or text)
        mail = self.dave.write(self.near, text, **more)
        return mail, until(lambda: next((c for c in self.heard() if c["body"] == (shown or text)), None), seconds,
                           f"alice to see {shown or text!r}", 0.1)

    def talk(self):
        began = time.monotonic()
        self.room = self.alice.create_dm(self.ghost)
        until(lambda: self.ghost in self.alice.members(self.room), 30, "dave's ghost to accept the chat")
        event, first = self.alice_says("Will you lend me three thousand ducats?")
        asked, _ = self.dave_writes("For how long?", answers=first)
        self.dave_writes("And on what security?", answers=first)
        _, answer = self.alice_says("For three months.", **{"m.relates_to": {"m.in_reply_to": {
            "event_id": self._event_of("For how long?")}}})
        if answer["In-Reply-To"] != asked["Message-ID"] or first["Message-ID"] not in str(answer["References"]):
            raise Failed(f"alice's answer is not in the thread: {answer['In-Reply-To']}, {answer['References']}")
        _, content = self.dave_writes("Thirty days, then, and no more.", answers=first)
        target = content.get("m.relates_to", {}).get("m.in_reply_to", {}).get("event_id")
        if target != event:
            raise Failed(f"dave's answer names {target}, not {event}")
        self.say(f"mail: alice and {self.dave.address}, and each answered a certain message of the other's, "
                 f"in {time.monotonic() - began:.1f} s")
        self._files()

    def _event_of(self, text):
        return self.alice.wait_for(lambda e: e.get("content", {}).get("body") == text and e["sender"] == self.ghost,
                                   30, f"{text!r}")["event_id"]

    def _files(self):
        """A picture with words from dave; a document from alice."""
        mail = self.dave.compose(self.near, "My seal.", subject="A seal")
        mail.add_attachment(PICTURE, maintype="image", subtype="png", filename="seal.png")
        self.written += ["A seal\n\nMy seal.", "seal.png"]
        self.dave.submit(mail, self.stage.peers.passwords["dave"])
        content = until(lambda: next((c for c in self.heard() if c["msgtype"] == "m.image"), None), 40,
                        "dave's picture", 0.1)
        status, _, data = self.alice.download(content["url"])
        if status != 200 or data != PICTURE:
            raise Failed(f"dave's picture came as {len(data)} bytes ({status})")
        bond = os.urandom(100_000)
        self.alice.send_file(self.room, "bond.pdf", "application/pdf", "m.file", bond)
        back = self.dave.wait(lambda m: self.near in str(m["From"]) and any(m.iter_attachments()), 40, "alice's file")
        part = next(back.iter_attachments())
        self.said.append("")  # a mail that is a file
        if part.get_filename() != "bond.pdf" or part.get_content() != bond:
            raise Failed(f"alice's file came as {part.get_filename()}")
        self.say("mail: a picture came, a file went")

    def burst(self):
        self.singly = len(self.written)
        for number in range(1, BURST + 1):
            self.said.append(f"alice's line {number}")
            self.alice.send(self.room, self.said[-1])
            self.written.append(f"dave's line {number}")
            self.dave.write(self.near, self.written[-1], subject="A seal")
        until(lambda: len(self.mails()) >= len(self.said) and len(self.heard()) >= len(self.written), 60,
              f"{BURST} mails each way at once")
        self.say(f"mail: {BURST} of each at once have come")

    def verify(self):
        """Exactly once; alice's in her order. The mail server hands over what waits at once in any order."""
        seen = [("alice", text_of(mail)) for mail in self.mails()]
        shown = [("dave", content["body"]) for content in self.heard()]
        said, written = [("alice", text) for text in self.said], [("dave", text) for text in self.written]
        found = differences("dave's mailbox", said, seen)
        found += differences("alice, of dave's", sorted(written), sorted(shown))
        there, by_imap = len(self.dave.mails()), self.stage.peers.imap_count("dave")
        if by_imap != there:
            found.append(f"IMAP shows {by_imap} of {there} mails")
        found += order_kept("alice, before dave wrote many at once,", written[:self.singly], shown[:self.singly])
        if found:
            raise Failed("the mails differ:\n" + "\n".join(found))
        self.say(f"verified: {len(seen)} mails and {len(shown)} messages, each exactly once")
