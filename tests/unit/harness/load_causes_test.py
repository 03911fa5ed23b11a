import contextlib
import pathlib
import sqlite3
import tempfile
import unittest

from tests.harness.load_causes import NEVER_PUSHED, causes


class Causes(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.database = pathlib.Path(self.folder.name) / "rialto.db"
        with contextlib.closing(sqlite3.connect(self.database)) as link:
            link.execute("create table item(bound, stage, matrix_id, why)")
            link.executemany("insert into item values(?, ?, ?, ?)", [
                (0, 3, "$sent", None), (0, 4, "$dead", "banned"), (1, 3, "$far", None), (1, 1, None, None)])
            link.commit()

    def tearDown(self):
        self.folder.cleanup()

    def test_what_rialto_had_is_told_from_what_it_never_got(self):
        ids = {"a": "$sent", "b": "$dead", "c": "$lost", "d": "$far"}
        sent, dead, lost, far, unknown = causes(["a", "b", "c", "d", "e"], ids, self.database)
        self.assertIn("journal, sent", sent)
        self.assertIn("journal, dead: banned", dead)
        self.assertIn(NEVER_PUSHED, lost)
        self.assertIn(NEVER_PUSHED, far, "an event that Rialto itself sent is no message that was pushed to it")
        self.assertIn("not seen on Matrix either", unknown)


if __name__ == "__main__":
    unittest.main()
