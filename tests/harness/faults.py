"""faults.py --rialto PROGRAM --network NAME [STORY...]: what goes wrong in real life, against the real servers.

Each story prints one line: ok or FAILED, its name, how long it took, and what a human was told."""
import argparse
import os
import signal
import sys
import time
import traceback

from tests.harness import fault_input, fault_links, fault_rooms, fault_start
from tests.harness.fault_ground import Ground
from tests.harness.process import Failed
from tests.harness.stage import Stage, claimed_directory

STORIES = (*fault_start.STORIES, *fault_rooms.STORIES, *fault_input.STORIES, *fault_links.STORIES)


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
    said = " ".join(str(said).split())
    print(f"ok      {story.__name__} ({time.monotonic() - began:.1f} s): {said[:300]}", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rialto", required=True)
    parser.add_argument("--network", required=True, choices=("prosody", "ejabberd"))
    parser.add_argument("stories", nargs="*")
    options = parser.parse_args()
    os.umask(0o077)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    directory, _lock = claimed_directory("faults")
    stage = Stage(directory, options.rialto, (options.network,), lambda text: print(f"-- {text}", flush=True))
    chosen = [s for s in STORIES if not options.stories or any(name in s.__name__ for name in options.stories)]
    chosen = [s for s in chosen if getattr(s, "only", options.network) == options.network]
    try:
        stage.start()
        failed = [story.__name__ for story in chosen if not tell(Ground(stage, options.network), story)]
        print(f"{len(chosen) - len(failed)} of {len(chosen)} stories went well on {options.network}"
              + (f"; failed: {' '.join(failed)}" if failed else ""))
        return 1 if failed else 0
    except Failed as failure:
        print(f"FAILED  {failure}\nlogs are in {directory}; Rialto's last words:\n{stage.rialto.process.tail(30)}")
        return 1
    finally:
        stage.stop()


if __name__ == "__main__":
    sys.exit(main())
