import unittest

from tests.harness.process import Failed
from tests.harness.scene_run import line_of
from tests.harness.scene_text import parse, step_of, unquoted


class Sentences(unittest.TestCase):
    def test_a_plain_sentence(self):
        step = step_of(3, 'carol sees "hello, \\"you\\"" from alice')
        self.assertEqual((step.verb, step.actor, step.arguments), ("see", "carol", ['hello, "you"', "alice"]))

    def test_reactions_are_one_or_more_keys(self):
        self.assertEqual(step_of(1, 'alice reacts 👍 to "x"').arguments, ["👍", "x"])
        self.assertEqual(step_of(1, 'dan sees reactions 👍 🎉 of alice on "x"').arguments, ["👍 🎉", "alice", "x"])
        self.assertEqual(step_of(1, 'dan sees reactions nothing of alice on "x"').arguments[0], "nothing")

    def test_the_longer_sentence_is_not_taken_for_the_shorter(self):
        self.assertEqual(step_of(1, 'alice says "x" as html "<b>x</b>"').verb, "say_html")
        self.assertEqual(step_of(1, 'alice sees dan leave because "x"').verb, "see_leave_because")

    def test_an_unknown_sentence_names_its_line(self):
        with self.assertRaisesRegex(Failed, "line 7"):
            step_of(7, "alice dances")

    def test_escapes(self):
        self.assertEqual(unquoted('a\\nb \\u{1f600} \\"'), 'a\nb \U0001f600 "')


class Scenes(unittest.TestCase):
    def test_heads_and_steps(self):
        scene = parse("x", '# About it.\nplace: chat\ncast: alice carol\n\nalice says "hi"\n')
        self.assertEqual((scene.place, scene.cast, scene.about, len(scene.steps)),
                         ("chat", ["alice", "carol"], "About it.", 1))

    def test_a_scene_without_steps_is_refused(self):
        with self.assertRaises(Failed):
            parse("x", "cast: alice\n")

    def test_a_long_line_has_its_length_and_no_two_equal_parts(self):
        for letters in (1, 7, 6000):
            self.assertEqual(len(line_of(letters)), letters)
        self.assertEqual(len(set(line_of(6000).split())), 1000)
