import unittest

from tests.harness.ledger import differences, name_of, order_kept

A, B, C = ("alice", "one"), ("dan", "two"), ("alice", "three")


class Differences(unittest.TestCase):
    def test_equal_ledgers_have_none(self):
        self.assertEqual(differences("x", [A, B, C], [A, B, C]), [])

    def test_a_missing_message_is_named(self):
        self.assertIn("missing", "".join(differences("x", [A, B], [A])))

    def test_a_doubled_message_is_named_with_its_count(self):
        self.assertIn("2 times", "".join(differences("x", [A, B], [A, B, A])))

    def test_what_nobody_said_is_unexpected(self):
        self.assertIn("unexpected", "".join(differences("x", [A], [A, B])))

    def test_the_same_words_of_another_are_missing_and_unexpected(self):
        self.assertEqual(len(differences("x", [A], [("dan", "one")])), 2)

    def test_swapped_messages_are_out_of_order(self):
        self.assertIn("out of order from message 1", differences("x", [A, B], [B, A])[0])

    def test_a_message_said_twice_may_be_seen_twice(self):
        self.assertEqual(differences("x", [A, A], [A, A]), [])


class OrderKept(unittest.TestCase):
    def test_ignores_what_only_one_side_has(self):
        self.assertEqual(order_kept("x", [A, B, C], [A, C]), [])

    def test_finds_what_was_overtaken(self):
        self.assertTrue(order_kept("x", [A, B, C], [C, A]))


class NameOf(unittest.TestCase):
    def test_drops_where_somebody_is_from_and_the_harness_number(self):
        for shown in ("carol", "Carol (ejabberd)", "carol7", "carol7@ejabberd.test", " carol "):
            self.assertEqual(name_of(shown), "carol")
