"""mail.py --rialto PROGRAM [--mailbox] [STORY...]: a Matrix user and somebody with ordinary mail talk, through a real
Postfix and a real Synapse; with --mailbox by a mailbox that Rialto follows on a real Dovecot. Each story prints one line: ok or FAILED, its name, how long it took, and what was seen. Needs root."""
import argparse
import os
import shutil
import subprocess
import sys

from tests.harness import imap_stories, mail_room_stories, mail_stories
from tests.harness.mail_peers import MailboxPeers, MailPeers
from tests.harness.played import on_stage, tell_all


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
    parser.add_argument("--mailbox", action="store_true")
    parser.add_argument("stories", nargs="*")
    options = parser.parse_args()
    told = imap_stories.STORIES if options.mailbox else (*mail_stories.STORIES, *mail_room_stories.STORIES)
    stories = [story for story in told
               if not options.stories or any(name in story.__name__ for name in options.stories)]
    if not stories:
        parser.error("there is no such story")

    def play(stage):
        stage.start()
        ground = imap_stories.BoxGround(stage) if options.mailbox else mail_stories.Ground(stage)
        return tell_all(stories, lambda: ground)
    peers = MailboxPeers if options.mailbox else MailPeers
    return on_stage("mail", options.rialto, (), play, peers, afterwards=give_back)


if __name__ == "__main__":
    sys.exit(main())
