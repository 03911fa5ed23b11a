"""mail_cost.py --rialto PROGRAM [--megabytes N] [--mails N]: what mail costs Rialto, with a real Postfix and Synapse:
how much memory a large mail takes, each way, and how much CPU a small one. Prints figures; needs root."""
import argparse
import os
import sys
import time

from tests.harness import mail_stories
from tests.harness.mail import as_root, give_back
from tests.harness.mail_peers import MailPeers
from tests.harness.played import on_stage
from tests.harness.process import until

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid, what):
    """VmRSS or VmHWM in MB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(what)) / 1024


def forget_peak(pid):
    with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def measured(ground, what, does):
    pid = ground.rialto.process.pid
    forget_peak(pid)
    rss, cpu, began = memory(pid, "VmRSS"), cpu_seconds(pid), time.monotonic()
    does()
    took, spent = time.monotonic() - began, cpu_seconds(pid) - cpu
    print(f"{what}: memory {rss:.0f} MB, at most {memory(pid, 'VmHWM') - rss:.0f} MB more, "
          f"{memory(pid, 'VmRSS') - rss:.0f} MB more afterwards; {spent:.2f} s of CPU in {took:.1f} s", flush=True)
    return spent


def large(ground, megabytes):
    talk = ground.talk().begin()
    talk.say("begin")
    ground.dave.wait_text("begin")
    # As a mail, base64 makes it a third and more larger.
    data = os.urandom(int(megabytes * 1024 * 1024 / 1.37))
    mail = ground.dave.compose(talk.near, "See the file.")
    mail.add_attachment(data, maintype="application", subtype="x-demo", filename="large.bin")

    def comes():
        ground.dave.send(mail)
        until(lambda: any(e.get("content", {}).get("msgtype") == "m.file" for e in talk.client.events), 120, "the file")

    def goes():
        talk.client.send_file(talk.room, "large.bin", "application/x-demo", "m.file", data[:len(data) // 10 * 9])
        ground.dave.wait(lambda m: talk.near in str(m["From"]) and any(m.iter_attachments()), 120)
    measured(ground, f"a mail of {megabytes} MB in", comes)
    measured(ground, f"a mail of {megabytes * 0.9:.0f} MB out", goes)


def small(ground, count):
    talks = [ground.talk().begin() for _ in range((count + 49) // 50)]  # of one author 60 a minute are taken
    for talk in talks:
        talk.say("begin")
        ground.dave.wait(lambda m, of=talk: of.near in str(m["From"]))

    def come():
        for number in range(count):
            ground.dave.write(talks[number // 50].near, f"mail {number}")
        for talk in talks:
            until(lambda of=talk: len(of.heard()) >= min(50, count), 120, "the mails on Matrix", 0.5)

    def go():
        for number in range(count):
            talks[number % len(talks)].say(f"line {number}")
        until(lambda: sum(len(ground.mails_to_dave(talk)) for talk in talks) >= count + len(talks), 180,
              "the mails in the box", 0.5)
    for what, does in (("in", come), ("out", go)):
        spent = measured(ground, f"{count} small mails {what}", does)
        print(f"    {spent * 1000 / count:.2f} ms of CPU each, Matrix and the database included", flush=True)


def main():
    as_root("tests.harness.mail_cost")
    parser = argparse.ArgumentParser()
    parser.add_argument("--rialto", required=True)
    parser.add_argument("--megabytes", type=int, default=48)
    parser.add_argument("--mails", type=int, default=150)
    options = parser.parse_args()

    def play(stage):
        stage.start()
        ground = mail_stories.Ground(stage)
        small(ground, options.mails)
        large(ground, options.megabytes)
        ground.sweep()
    return on_stage("mail", options.rialto, (), play, MailPeers, afterwards=give_back)


if __name__ == "__main__":
    sys.exit(main())
