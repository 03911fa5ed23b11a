import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent

# A Debian in a folder: what is installed, what apt knows, what apt-get was asked.
STUBS = {
    "dpkg-query": 'grep -qx "${@: -1}" installed && echo -n installed',
    "apt-cache": 'grep -qx "$2" known && echo "  Candidate: 1.0" || echo "  Candidate: (none)"',
    "apt-get": 'echo "$*" >>asked; case "$*" in *update*) cp known.new known 2>/dev/null || true;; '
               '*) [ ! -e conflict ] || { echo "E: would remove libboost1.74-dev"; exit 100; };; esac',
    "id": 'cat uid', "sudo": 'echo sudo >>asked; exec "$@"',
}
DEPENDENCIES = """# a comment
build  g++
build  liboost-new | libboost-dev   # why
test   python3
"""


class Need(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.dir = pathlib.Path(self.place.name)
        for folder in ("bin", "packaging", "build"):
            (self.dir / folder).mkdir()
        for name, body in STUBS.items():
            path = self.dir / "bin" / name
            path.write_text(f"#!/bin/bash\n{body}\n")
            path.chmod(0o755)
        self.write("packaging/dependencies", DEPENDENCIES)
        self.write("os-release", "ID=debian\nVERSION_ID=12\n")
        self.write("installed", "")
        self.write("known", "g++\nliboost-new\nlibboost-dev\npython3\n")
        self.write("uid", "0\n")

    def tearDown(self):
        self.place.cleanup()

    def write(self, name, text):
        (self.dir / name).write_text(text)

    def need(self, *groups):
        script = f". '{ROOT}/packaging/install.sh'; need {' '.join(groups)}"
        env = {**os.environ, "PATH": f"{self.dir}/bin:{os.environ['PATH']}", "OS_RELEASE": f"{self.dir}/os-release"}
        env.pop("RIALTO_DEPENDENCIES_PRESENT", None)
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=self.dir, env=env, text=True,
                              capture_output=True, check=False)
        asked = self.dir / "asked"
        return done.returncode, done.stdout + done.stderr, asked.read_text() if asked.exists() else ""

    def test_installs_only_what_is_missing_of_the_groups_asked_for(self):
        self.write("installed", "g++\n")
        code, _, asked = self.need("build")
        self.assertEqual(code, 0)
        self.assertIn("install liboost-new\n", asked)
        self.assertNotIn("python3", asked)
        self.assertNotIn("g++", asked)
        self.assertIn("--no-remove --no-install-recommends", asked)

    def test_asks_apt_nothing_when_all_is_there(self):
        self.write("installed", "g++\nliboost-new\npython3\n")
        self.assertEqual(self.need("build", "test"), (0, "", ""))

    def test_takes_the_first_alternative_that_this_debian_has(self):
        self.write("known", "g++\nlibboost-dev\n")
        self.write("os-release", "ID=debian\nVERSION_ID=13\n")
        self.assertIn("g++ libboost-dev\n", self.need("build")[2])

    def test_another_boost_of_debian_12_does_not_count(self):
        self.write("installed", "g++\nlibboost-dev\n")
        self.assertIn("install liboost-new\n", self.need("build")[2])

    def test_updates_the_lists_first_when_apt_knows_nothing(self):
        (self.dir / "known").rename(self.dir / "known.new")
        self.write("known", "")
        code, _, asked = self.need("test")
        self.assertEqual(code, 0)
        self.assertIn("update\n", asked.splitlines()[0] + "\n")
        self.assertIn("install python3", asked)

    def test_never_removes_but_says_what_is_in_the_way(self):
        self.write("conflict", "")
        code, said, _ = self.need("build")
        self.assertNotEqual(code, 0)
        self.assertIn("would remove libboost1.74-dev", said)
        self.assertIn("remove that yourself", said)

    def test_elsewhere_it_says_what_is_missing_and_stops(self):
        self.write("os-release", "ID=ubuntu\nVERSION_ID=24.04\n")
        code, said, asked = self.need("build", "test")
        self.assertNotEqual(code, 0)
        self.assertIn("python3", said)
        self.assertEqual(asked, "")

    def test_others_than_root_go_through_sudo(self):
        self.write("uid", "1000\n")
        self.assertIn("sudo", self.need("test")[2])


if __name__ == "__main__":
    unittest.main()
