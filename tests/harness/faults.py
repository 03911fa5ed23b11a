"""faults.py --rialto PROGRAM --network NAME [--group NAME] [STORY...]: what goes wrong in real life,
against the real servers.

Each story prints one line: ok or FAILED, its name, how long it took, and what a human was told."""
import argparse
import os
import signal
import sys
import time
import traceback

from tests.harness import (fault_hostile, fault_links, fault_pushes, fault_recovery, fault_rooms, fault_start,
                           fault_strangers, fault_words)
from tests.harness.fault_ground import Ground
from tests.harness.process import Failed
from tests.harness.stage import Stage, claimed_directory

# One ctest entry each (tests/system/CMakeLists.txt).
GROUPS = {
    "start": fault_start.STORIES,
    "rooms": fault_rooms.STORIES,
    "input": (*fault_words.STORIES, *fault_pushes.STORIES),
    "strangers": (*fault_strangers.STORIES, *fault_hostile.STORIES),
    "links": fault_links.STORIES,
    "recovery": fault_recovery.STORIES,
}


def chosen(network, group, names):
    """The stories of a group (or of all), or those whose name has one of these in it."""
    stories = GROUPS[group] if group else [story for stories in GROUPS.values() for story in stories]
    return [story for story in stories if getattr(story, "only", network) == network
            and (not names or any(name in story.__name__ for name in names))]



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
    parser.add_argument("--group", choices=GROUPS)
    parser.add_argument("stories", nargs="*")
    options = parser.parse_args()
    os.umask(0o077)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    stories = chosen(options.network, options.group, options.stories)
    if not stories:
        parser.error("there is no such story")
    directory, _lock = claimed_directory("faults")
    stage = Stage(directory, options.rialto, (options.network,), lambda text: print(f"-- {text}", flush=True))
    try:
        stage.start()
        failed = [story.__name__ for story in stories if not tell(Ground(stage, options.network), story)]
        print(f"{len(stories) - len(failed)} of {len(stories)} stories went well on {options.network}"
              + (f"; failed: {' '.join(failed)}" if failed else ""))
        return 1 if failed else 0
    except Failed as failure:
        print(f"FAILED  {failure}\nlogs are in {directory}; Rialto's last words:\n{stage.rialto.process.tail(30)}")
        return 1
    finally:
        stage.stop()


if __name__ == "__main__":
    sys.exit(main())
