import threading
import unittest
import xml.etree.ElementTree as ElementTree

from tests.harness.inbox import Change, Inbox, Item
from tests.harness.matrix_actor import MatrixActor
from tests.harness.xmpp_actor import XmppActor

ROOM, MUC = "!r:x", "r@muc.x"


class StubMatrix:
    def __init__(self):
        self.name, self.mxid, self.events, self.hints = "alice1", "@alice1:x", [], []
        self.changed = threading.Condition()

    def members(self, _room):
        return {"@alice1:x": "alice1", "@ghost:x": "dan (prosody)"}


class StubXmpp:
    def __init__(self):
        self.user, self.jid, self.stanzas, self.nicks = "dan1", "dan1@x", [], {MUC: "dan1"}
        self.changed = threading.Condition()

    def mark(self):
        return len(self.stanzas)

    def occupants(self, _room):
        return {"dan1", "alice1"}


def matrix(*events):
    client = StubMatrix()
    actor = MatrixActor(client, "@bot:x")
    actor.enter(ROOM)
    for number, (sender, kind, content) in enumerate(events):
        client.events.append({"event_id": f"${number}", "room_id": ROOM, "sender": sender, "type": kind,
                              "content": content, **content.pop("_", {})})
    return actor.pump()


def xmpp(*stanzas):
    client = StubXmpp()
    actor = XmppActor(client)
    actor.enter(MUC)
    client.stanzas += [ElementTree.fromstring(text.replace("<message", "<message xmlns='jabber:client'", 1)
                                              .replace("<presence", "<presence xmlns='jabber:client'", 1))
                       for text in stanzas]
    return actor.pump()


def text(body, **more):
    return {"msgtype": "m.text", "body": body, **more}


class MatrixInbox(unittest.TestCase):
    def test_words_of_a_ghost_and_not_our_own(self):
        inbox = matrix(("@ghost:x", "m.room.message", text("hi")), ("@alice1:x", "m.room.message", text("me")))
        self.assertEqual([str(item) for item in inbox.rest()], ["text 'hi' from dan"])
        self.assertEqual(inbox.ids, {"hi": "$0", "me": "$1"})

    def test_an_edit_refers_to_the_first_text(self):
        inbox = matrix(("@ghost:x", "m.room.message", text("a")),
                       ("@ghost:x", "m.room.message", text("* b", **{
                           "m.new_content": text("b"), "m.relates_to": {"rel_type": "m.replace", "event_id": "$0"}})))
        self.assertEqual((inbox.items[1].kind, inbox.items[1].target, inbox.items[1].text), ("edit", "a", "b"))

    def test_reactions_are_counted_as_sets(self):
        def mark(key):
            return {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$0", "key": key}}
        inbox = matrix(("@alice1:x", "m.room.message", text("a")), ("@ghost:x", "m.reaction", mark("+")),
                       ("@ghost:x", "m.reaction", mark("-")), ("@ghost:x", "m.room.redaction", {"redacts": "$1"}))
        self.assertEqual(inbox.reactions, {("a", "dan"): {"-"}})

    def test_a_kick_has_actor_and_reason_and_the_bot_speaks_apart(self):
        inbox = matrix(("@ghost:x", "m.room.member", {"membership": "leave", "reason": "why", "_": {
                            "state_key": "@alice1:x", "unsigned": {"prev_content": {"membership": "join"}}}}),
                       ("@bot:x", "m.room.message", text("told")))
        self.assertTrue(inbox.change("kick", "alice", by="dan", reason="why"))
        self.assertEqual(([], "told"), (inbox.rest(), inbox.notices[0].text))


    def test_a_file_has_a_name_a_kind_and_a_place(self):
        picture = {"msgtype": "m.image", "body": "look", "filename": "a.png", "url": "mxc://x/a"}
        inbox = matrix(("@ghost:x", "m.room.message", picture))
        self.assertEqual((str(inbox.next()), inbox.next().markup, inbox.next().place),
                         ("file 'a.png' from dan", "image", "mxc://x/a"))


class XmppInbox(unittest.TestCase):
    def test_an_address_is_a_file_only_where_it_is_all_of_the_body(self):
        def shared(body):
            return (f"<message from='{MUC}/alice1' id='m'><body>{body}</body><x xmlns='jabber:x:oob'>"
                    "<url>http://u/a%20b.png</url></x></message>")
        inbox = xmpp(shared("http://u/a%20b.png"), shared("see http://u/a%20b.png"))
        self.assertEqual([(item.kind, item.text, item.place) for item in inbox.items],
                         [("file", "a b.png", "http://u/a%20b.png"), ("text", "see http://u/a%20b.png", "")])

    def test_what_was_read_names_the_message(self):
        inbox = xmpp(f"<message from='{MUC}/alice1' id='a'><body>q</body></message>",
                     f"<message from='{MUC}/alice1'><displayed xmlns='urn:xmpp:chat-markers:0' id='a'/></message>")
        self.assertTrue(inbox.change("read", "alice", reason="q"))

    def test_a_message_is_known_by_the_rooms_id(self):
        inbox = xmpp(f"<message from='{MUC}/alice1' id='m' type='groupchat'><body>hi</body>"
                     f"<stanza-id xmlns='urn:xmpp:sid:0' by='{MUC}' id='s'/></message>")
        self.assertEqual((str(inbox.next()), inbox.ids), ("text 'hi' from alice", {"hi": "s"}))

    def test_what_is_history_or_elsewhere_is_not_news(self):
        delay = "<delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/>"
        inbox = xmpp(f"<message from='{MUC}/alice1' type='groupchat'><body>old</body>{delay}</message>",
                     "<message from='other@muc.x/alice1' type='groupchat'><body>x</body></message>")
        self.assertEqual(inbox.rest(), [])

    def test_the_quote_of_a_reply_is_cut(self):
        inbox = xmpp(f"<message from='{MUC}/alice1' id='a'><body>q</body></message>",
                     f"<message from='{MUC}/alice1' id='b'><body>&gt; q\nanswer</body><reply xmlns='urn:xmpp:reply:0' "
                     "id='a'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='4'/>"
                     "</fallback></message>")
        self.assertEqual((inbox.items[1].text, inbox.items[1].target), ("answer", "q"))

    def test_a_kick_has_actor_and_reason(self):
        inbox = xmpp(f"<presence from='{MUC}/alice1' type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'>"
                     "<item role='none'><actor nick='dan1'/><reason>why</reason></item><status code='307'/></x>"
                     "</presence>")
        self.assertTrue(inbox.change("kick", "alice", by="dan", reason="why"))

    def test_a_new_nick_is_not_a_new_person(self):
        user = "xmlns='http://jabber.org/protocol/muc#user'"
        inbox = xmpp(f"<presence from='{MUC}/alice1' type='unavailable'><x {user}><item nick='bob1'/>"
                     "<status code='303'/></x></presence>", f"<presence from='{MUC}/bob1'><x {user}/></presence>")
        self.assertEqual([change.kind for change in inbox.changes], ["rename"])


class Changes(unittest.TestCase):
    def test_each_is_asked_for_once(self):
        inbox = Inbox(changes=[Change("join", "dan")])
        self.assertTrue(inbox.change("join", "dan"))
        self.assertFalse(inbox.change("join", "dan"))

    def test_errors_are_notices(self):
        inbox = Inbox()
        inbox.add(Item("error", "bob", "no"))
        self.assertEqual((inbox.rest(), len(inbox.notices)), ([], 1))
