"""mail.py --rialto PROGRAM [STORY...]: a Matrix user and somebody with ordinary mail talk, through a real Postfix and a
real Synapse. Each story prints one line: ok or FAILED, its name, how long it took, and what was seen. Needs root."""
import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback

from tests.harness import mail_stories
from tests.harness.mail_peers import MailPeers
from tests.harness.process import Failed
from tests.harness.stage import Stage, claimed_directory


def tell(ground, story):
    began = time.monotonic()
    try:
        said = story(ground) or ""
        ground.sweep()
    except Exception as failure:  # a story that is broken itself must not keep the others from being told
        where = "" if isinstance(failure, Failed) else traceback.format_exc()
        print(f"FAILED  {story.__name__}: {failure}\n{where}", flush=True)
        ground.sweep()
        return False
    print(f"ok      {story.__name__} ({time.monotonic() - began:.1f} s): {said}", flush=True)
    return True


def as_root(module="tests.harness.mail"):
    """Postfix wants root: whoever is not begins anew with sudo, and has what was written when it ends."""
    if os.geteuid() == 0:
        return
    if not shutil.which("sudo"):
        sys.exit("FAILED  Postfix must be started by root, and there is no sudo")
    os.execvp("sudo", ["sudo", "-n", "--preserve-env=PATH,PYTHONDONTWRITEBYTECODE", sys.executable, "-m",
                       module, *sys.argv[1:]])


def give_back(directory):
    owner = os.environ.get("SUDO_UID"), os.environ.get("SUDO_GID")
    if all(owner):
        subprocess.run(["chown", "-R", ":".join(owner), directory, f"{directory}.lock"], check=False)


def main():
    as_root()
    parser = argparse.ArgumentParser()
    parser.add_argument("--rialto", required=True)
    parser.add_argument("stories", nargs="*")
    options = parser.parse_args()
    os.umask(0o077)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    stories = [story for story in mail_stories.STORIES
               if not options.stories or any(name in story.__name__ for name in options.stories)]
    if not stories:
        parser.error("there is no such story")
    directory, _lock = claimed_directory("mail")
    stage = None
    try:
        stage = Stage(directory, options.rialto, (), lambda text: print(f"-- {text}", flush=True), MailPeers)
        stage.start()
        ground = mail_stories.Ground(stage)
        failed = [story.__name__ for story in stories if not tell(ground, story)]
        print(f"{len(stories) - len(failed)} of {len(stories)} stories went well"
              + (f"; failed: {' '.join(failed)}" if failed else ""))
        return 1 if failed else 0
    except Failed as failure:
        print(f"FAILED  {failure}\nlogs are in {directory}")
        return 1
    finally:
        if stage:
            stage.stop()
        give_back(directory)


if __name__ == "__main__":
    sys.exit(main())
