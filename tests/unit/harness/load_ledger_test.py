import unittest

from tests.harness.inbox import Inbox, Item
from tests.harness.load_ledger import Book, complaints


def a_book():
    book = Book()
    for text in ("a1", "a2", "a3"):
        book.say("alice", text)
    book.edit("a1", "a1, corrected")
    book.redact("a2")
    book.react("a3", "dan", ["+"])
    return book


def an_inbox(*but):
    inbox = Inbox()
    for item in (Item("text", "alice", "a1"), Item("text", "alice", "a2"), Item("text", "alice", "a3"),
                 Item("edit", "alice", "a1, corrected", "a1"), Item("redaction", "alice", "", "a2")):
        if (item.kind, item.target or item.text) not in but:
            inbox.add(item)
    inbox.reactions[("a3", "dan")] = {"+"}
    return inbox


class Complaints(unittest.TestCase):
    def test_an_equal_ledger_has_none(self):
        self.assertEqual(complaints("x", a_book(), an_inbox()), [])

    def test_each_kind_of_loss_is_named(self):
        for lost, word in ((("text", "a3"), "missing"), (("edit", "a1"), "edit"), (("redaction", "a2"), "redaction")):
            self.assertIn(word, " ".join(complaints("x", a_book(), an_inbox(lost))))

    def test_a_second_copy_of_anything_is_named(self):
        for item in (Item("text", "alice", "a3"), Item("edit", "alice", "a1, corrected", "a1")):
            inbox = an_inbox()
            inbox.add(item)
            self.assertTrue(complaints("x", a_book(), inbox), item)

    def test_a_wrong_set_of_reactions_is_named(self):
        inbox = an_inbox()
        inbox.reactions[("a3", "dan")] = {"-"}
        self.assertIn("reactions", " ".join(complaints("x", a_book(), inbox)))

    def test_ones_own_words_are_not_asked_for(self):
        self.assertEqual(complaints("x", a_book(), Inbox(reactions={("a3", "dan"): {"+"}}), own={"alice"}), [])
