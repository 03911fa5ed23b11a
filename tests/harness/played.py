"""What every system test does around its own part: a directory of its own under build/, a stage, and a way out."""
import os
import signal
import sys
import time
import traceback

from tests.harness.process import Failed
from tests.harness.stage import Stage, claimed_directory


def on_stage(name, rialto, networks, play, *peers, afterwards=lambda directory: None):
    """play(stage) on a stage that is not started yet, and the status to end with. It gives back what failed, if
    anything."""
    def say(text):
        print(f"{name}: {text}", flush=True)

    os.umask(0o077)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    directory, _lock = claimed_directory(name)
    stage = Stage(directory, rialto, networks, say, *peers)
    try:
        failed = play(stage)
        say(f"failed: {failed}" if failed else f"passed in {time.monotonic() - began:.0f} s")
        return 1 if failed else 0
    except Failed as failure:
        say(f"FAILED: {failure}\nlogs are in {directory}; Rialto's last words:\n{stage.rialto.process.tail(30)}")
        return 1
    finally:
        stage.stop()
        afterwards(directory)


def tell(ground, story):
    """Plays a story, says in a line how it went; whether it went well."""
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


def tell_all(stories, ground_for):
    """The names of those that failed, "" for none."""
    failed = [story.__name__ for story in stories if not tell(ground_for(), story)]
    print(f"{len(stories) - len(failed)} of {len(stories)} stories went well", flush=True)
    return " ".join(failed)
