"""handover.py --rialto PROGRAM --network NAME: while people talk on both sides, a new Rialto is started and the old one
stopped, three times over. Nothing may be lost, doubled or out of order, and each old one must end by itself."""
import argparse
import sys
import threading
import time

from tests.harness.load import Room
from tests.harness.played import on_stage
from tests.harness.process import Failed

TIMES = 3
SPEAKERS = 2      # on each side
PAUSE = 0.1       # between two lines of one person
STOPS_WITHIN = 10


def say(text):
    print(f"handover: {text}", flush=True)


class Talk:
    """People who talk until they are told to end."""

    def __init__(self, room):
        self.room, self.ended = room, threading.Event()
        names = [*list(room.near)[:SPEAKERS], *list(room.far)[:SPEAKERS]]
        self.threads = [threading.Thread(target=self.speak, args=(name,), daemon=True) for name in names]
        for thread in self.threads:
            thread.start()

    def speak(self, name):
        line = 0
        while not self.ended.wait(PAUSE):
            text = f"{name} says {line}"
            self.room.book.say(name, text)
            self.room.actors[name].say(text)
            line += 1

    def end(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()


def hand_over(rialto, number):
    fresh, old = rialto.successor(number), rialto.process
    began = time.monotonic()
    status = old.stop(STOPS_WITHIN)
    stopped = time.monotonic()
    if status != 0:
        raise Failed(f"the old Rialto ended with {status} instead of 0:\n{old.tail()}")
    rialto.replace(fresh, 30)
    say(f"{number}: the old one ended after {stopped - began:.2f} s, the new one was ready "
        f"{time.monotonic() - stopped:.2f} s later")


def run(stage, network):
    stage.start()
    room = Room(stage, network)
    talk = Talk(room)
    try:
        for number in range(1, TIMES + 1):
            time.sleep(2)  # of traffic
            hand_over(stage.rialto, number)
        time.sleep(2)
    finally:
        talk.end()
    found = room.settle_and_compare()
    if found:
        more = f"\n... and {len(found) - 40} more" if len(found) > 40 else ""
        raise Failed(f"{len(found)} differences:\n" + "\n".join(found[:40]) + more)
    say(f"{len(room.book.said)} messages, each exactly once and in order on both sides")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rialto", required=True)
    parser.add_argument("--network", default="prosody", choices=("prosody", "ejabberd"))
    options = parser.parse_args()
    return on_stage("handover", options.rialto, (options.network,), lambda stage: run(stage, options.network))


if __name__ == "__main__":
    sys.exit(main())
