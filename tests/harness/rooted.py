"""Postfix for who is not root, by sudo: a helper that is root starts and ends it as it is told, and ends it too when
nobody is there any more to tell it."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

from tests.harness.postfix import Postfix
from tests.harness.process import Failed

SUDO = ["sudo", "-n", "--preserve-env=PATH,PYTHONDONTWRITEBYTECODE"]


def why_no_mail(directory):
    """"" when Postfix can be run below that folder."""
    if os.getuid() == 0:
        return ""
    if not shutil.which("sudo") or subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode:
        return "Postfix must be started by root, and sudo -n does not"
    closed = next((path for path in pathlib.Path(directory).resolve().parents if not path.stat().st_mode & 0o001), None)
    return f"Postfix's programs, which are not you, cannot enter {closed}" if closed else ""


class RootedPostfix(Postfix):
    """The same to who uses it; `self.process` is the helper's."""

    def __init__(self, directory, ports, users):
        super().__init__(directory, ports, users)
        self.ports, self.helper = ports, None

    def _tell(self, word):
        self.helper.stdin.write(word + "\n")
        self.helper.stdin.flush()
        said = self.helper.stdout.readline().strip()
        word, _, more = said.partition(" ")
        if word != "ok":
            raise Failed(f"postfix, by sudo: {said or 'no answer'}")
        return json.loads(more) if more else None

    def start(self):
        if self.helper is None:
            self.helper = subprocess.Popen([*SUDO, sys.executable, "-m", "tests.harness.rooted"], text=True,
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
            self._tell(json.dumps({"directory": str(self.dir), "ports": self.ports, "users": self.users,
                                   "password": self.password}))
        self._tell("start")

    def taken(self):
        return self._tell("taken")

    def stop(self):
        if self.helper:
            self._tell("stop")

    def kill(self):
        if self.helper:
            self._tell("kill")

    def close(self):
        """For good: its files are then their user's again."""
        if self.helper:
            self.helper.stdin.close()
            self.helper.wait(60)
            self.helper = None


def give_back(directory):
    owner = os.environ.get("SUDO_UID"), os.environ.get("SUDO_GID")
    if all(owner):
        subprocess.run(["chown", "-R", ":".join(owner), directory], check=False)


def main():
    os.umask(0o077)
    server = None
    try:
        for line in sys.stdin:
            try:
                answer = None
                if server is None:
                    told = json.loads(line)
                    server = Postfix(pathlib.Path(told["directory"]), told["ports"], told["users"])
                    server.password = told["password"]
                else:
                    does = {"start": server.start, "stop": server.stop, "kill": server.kill, "taken": server.taken}
                    answer = does[line.strip()]()
                print("ok" if answer is None else "ok " + json.dumps(answer), flush=True)
            except Failed as failure:
                print(" ".join(str(failure).split()), flush=True)
    finally:
        if server:
            server.stop()
            give_back(server.dir)


if __name__ == "__main__":
    main()
