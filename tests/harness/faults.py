"""faults.py --rialto PROGRAM --network NAME [--group NAME] [STORY...]: what goes wrong in real life,
against the real servers.

Each story prints one line: ok or FAILED, its name, how long it took, and what a human was told."""
import argparse
import sys

from tests.harness import (fault_hostile, fault_links, fault_pushes, fault_recovery, fault_rooms, fault_stalls,
                           fault_start, fault_strangers, fault_words)
from tests.harness.fault_ground import Ground
from tests.harness.played import on_stage, tell_all

# One ctest entry each (tests/system/CMakeLists.txt).
GROUPS = {
    "start": fault_start.STORIES,
    "rooms": fault_rooms.STORIES,
    "input": (*fault_words.STORIES, *fault_pushes.STORIES),
    "strangers": (*fault_strangers.STORIES, *fault_hostile.STORIES),
    "links": fault_links.STORIES,
    "recovery": fault_recovery.STORIES,
    "stalls": fault_stalls.STORIES,
}


def chosen(network, group, names):
    """The stories of a group (or of all), or those whose name has one of these in it."""
    stories = GROUPS[group] if group else [story for stories in GROUPS.values() for story in stories]
    return [story for story in stories if getattr(story, "only", network) == network
            and (not names or any(name in story.__name__ for name in names))]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rialto", required=True)
    parser.add_argument("--network", required=True, choices=("prosody", "ejabberd"))
    parser.add_argument("--group", choices=GROUPS)
    parser.add_argument("stories", nargs="*")
    options = parser.parse_args()
    stories = chosen(options.network, options.group, options.stories)
    if not stories:
        parser.error("there is no such story")

    def play(stage):
        stage.start()
        return tell_all(stories, lambda: Ground(stage, options.network))
    return on_stage("faults", options.rialto, (options.network,), play)


if __name__ == "__main__":
    sys.exit(main())
