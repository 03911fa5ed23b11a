"""What happens between mail and a Matrix room that has an address, and what people say behind `!mail`."""
import secrets
import time

from tests.harness.mail_person import text_of
from tests.harness.mail_stories import SETTLE, Talk, expect
from tests.harness.process import until


def may_give_addresses(ground):
    """Everybody here, from now on."""
    config = ground.rialto.config
    words, given = config.read_text(), f'mailboxes: ["*:{ground.rialto.server_name}"]'
    if f"    {given}" in words:
        return
    expect("# mailboxes: []" in words, "rialto init wrote no `mailboxes`")
    config.write_text(words.replace("# mailboxes: []", given))
    ground.rialto.stop()
    ground.rialto.start()


class Team:
    """A Matrix room with the bot in it, and one of its people."""

    def __init__(self, ground):
        self.ground, self.client, self.bot = ground, ground.somebody(), ground.rialto.bot
        self.room = self.client.create_shared_room("team", self.bot)
        until(lambda: self.bot in self.client.members(self.room), 30, "the bot to come")
        self.name = "team" + secrets.token_hex(3)
        self.address = f"{self.name}@{ground.postfix.bridge}"

    def ask(self, line, text, **more):
        """What the bot answers, with this text in it."""
        start = len(self.client.events)
        self.client.send(self.room, line, **more)
        event = self.client.wait_for(
            lambda e: e["room_id"] == self.room and e["sender"] == self.bot
            and text in str(e.get("content", {}).get("body", "")), 30, f"an answer to {line!r} with {text!r}", start)
        return event["content"]["body"]

    def events(self):
        path = f"/rooms/{self.room}/messages?dir=b&limit=500"
        ghosts = "@" + self.ground.rialto.ghost("mail", "x@y").split("mail_")[0].lstrip("@") + "mail_"
        return [e for e in reversed(self.client.call("GET", path)["chunk"])
                if e["type"] == "m.room.message" and e["sender"].startswith(ghosts)]

    def shown(self, text, seconds=40):
        return until(lambda: next((e for e in self.events() if text in e["content"].get("body", "")), None), seconds,
                     f"{text!r} in the room (there is {[e['content'].get('body') for e in self.events()]})", 0.2)

    def answer(self, thread, text):
        return self.client.send(self.room, text, **{"m.relates_to": {
            "rel_type": "m.thread", "event_id": thread, "is_falling_back": True,
            "m.in_reply_to": {"event_id": thread}}})


def thread_of(event):
    relates = event["content"].get("m.relates_to", {})
    return relates.get("event_id") if relates.get("rel_type") == "m.thread" else None


def commands(ground):
    """`!mail to` opens a chat with a subject; `block` makes Postfix tell dave that alice takes no mail of his."""
    client = ground.somebody()
    desk = client.create_dm(ground.rialto.bot)
    until(lambda: ground.rialto.bot in client.members(desk), 30, "the bot to come")
    client.send(desk, f"!mail to {ground.dave.address} Lunch on Friday")
    talk = Talk(ground, client, ground.dave.address).accept()
    talk.say("At noon?")
    mail = ground.dave.wait_text("At noon?")
    expect(mail["Subject"] == "Lunch on Friday" and "In-Reply-To" not in mail, mail.as_string())
    client.send(talk.room, "!mail status")
    status = talk.told("taken by the mail server")["content"]["body"]
    client.send(talk.room, "!mail block")
    talk.told("is refused from now on")
    ground.dave.write(talk.near, "Hello?", answers=mail)
    bounce = ground.dave.wait(lambda m: "Undelivered" in str(m["Subject"]) and talk.near in m.as_string())
    expect("takes no mail from you" in bounce.as_string(), bounce.as_string())
    client.send(talk.room, f"!mail unblock {ground.dave.address}")
    talk.told("is taken again")
    ground.dave.write(talk.near, "And now?", answers=mail)
    talk.hears_all(["And now?"])
    return status.split("\n")[-1]


def mailbox(ground):
    """A team room gets an address; each conversation is a thread; the answer goes to all of it; the rest stays."""
    may_give_addresses(ground)
    team = Team(ground)
    team.ask(f"!mail mailbox {team.name}", team.address + " now")
    first = ground.dave.compose(team.address, "It is on fire.", subject="Printer")
    other = f"{team.name}@{ground.postfix.domain}"  # who is nobody
    first["Cc"] = other
    ground.dave.send(first, to=[team.address])
    root = team.shown("It is on fire.")
    expect("Printer" in root["content"]["body"] and not thread_of(root), root["content"])
    ground.dave.write(team.address, "Something else.", subject="Coffee")
    expect(not thread_of(team.shown("Something else.")), "another conversation is in the same thread")
    team.client.send(team.room, "Who takes this one?")
    team.answer(root["event_id"], "We are on our way.")
    mail = ground.dave.wait_text("We are on our way.")
    expect(team.address in str(mail["From"]) and mail["In-Reply-To"] == first["Message-ID"], mail.as_string())
    expect(other in str(mail["Cc"]) and mail["Subject"] == "Re: Printer", mail.as_string())
    said = team.ask("!mail status", f"{other}: failed", **{"m.relates_to": {
        "rel_type": "m.thread", "event_id": root["event_id"], "is_falling_back": True,
        "m.in_reply_to": {"event_id": root["event_id"]}}})
    ground.dave.write(team.address, "Thank you.", answers=mail)
    back = team.shown("Thank you.")
    expect(thread_of(back) == root["event_id"], back["content"])
    time.sleep(SETTLE)
    texts = [text_of(m) for m in ground.dave.mails() if team.address in str(m["From"])]
    expect(texts == ["We are on our way."], f"dave has {texts}")
    expect(len(team.events()) == 3, [e["content"]["body"] for e in team.events()])
    return said.split("\n")[1]


def mailbox_outlives(ground, count=8):
    """Rialto is killed while a room and a mail user go on in a thread: nothing is lost, nothing goes astray."""
    may_give_addresses(ground)
    team = Team(ground)
    team.ask(f"!mail mailbox {team.name}", team.address + " now")
    first = ground.dave.write(team.address, "far 0", subject="Long")
    root = team.shown("far 0")["event_id"]
    for number in range(1, count):
        team.answer(root, f"near {number}")
        ground.dave.write(team.address, f"far {number}", answers=first)
        if number % 3 == 0:
            ground.rialto.kill()
            ground.rialto.start()
    here, there = [f"near {n}" for n in range(1, count)], [f"far {n}" for n in range(count)]
    until(lambda: {text_of(m) for m in ground.dave.mails() if team.address in str(m["From"])} == set(here), 90,
          "all answers in the box")
    until(lambda: len(team.events()) >= count, 90, "all mails in the room")
    time.sleep(SETTLE)
    bodies = [e["content"]["body"].split("\n")[-1] for e in team.events()]
    expect(sorted(bodies) == sorted(there), bodies)
    expect(all(thread_of(e) == root for e in team.events()[1:]), "a mail left its thread")
    team.ask("!mail mailbox remove", "no longer")
    until(lambda: refused(ground, team), 30, "mail to it to be refused")
    return f"{count} mails and {count - 1} answers over {(count - 1) // 3} SIGKILLs"


def refused(ground, team):
    ground.dave.write(team.address, "Anybody?")
    time.sleep(2)
    return any("Undelivered" in str(m["Subject"]) and team.address in m.as_string() for m in ground.dave.mails())


def group(ground):
    """dave writes to two people here: one room, one message; the answer goes to him; what is for one is not there."""
    first, second = ground.talk(), ground.talk()
    mail = ground.dave.compose(f"{first.near}, {second.near}", "Shall we meet?", subject="Plans")
    ground.dave.send(mail, to=[first.near, second.near])
    first.accept()
    second.accept()
    expect(first.room == second.room, f"two rooms: {first.room} and {second.room}")
    for one in (first, second):
        one.hears_all(["Plans\n\nShall we meet?"])
    first.say("On Monday.")
    back = ground.dave.wait_text("On Monday.")
    expect(first.near in str(back["From"]) and second.near in str(back["Cc"]), back.as_string())
    ground.dave.write(first.near, "Without the other, please.", answers=back)
    alone = Talk(ground, first.client, ground.dave.address)
    alone.room = until(lambda: next((room for room in first.client.invites if room != first.room), None), 40,
                       "an invitation to a chat with dave alone")
    first.client.join(alone.room)
    expect(alone.room != first.room, "what was for one is shown to both")
    until(lambda: any(body.endswith("Without the other, please.") for body in alone.heard()), 40, "it in that chat")
    expect(len(second.heard()) == 1, second.heard())
    return f"{first.room} for both, {alone.room} for one"


STORIES = (commands, mailbox, mailbox_outlives, group)
