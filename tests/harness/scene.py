"""scene.py --rialto PROGRAM --network NAME [--fakes DIR] [SCENE...]: plays the scenes of tests/scenario.

Each is played unchanged against real servers and, with --fakes, against the fakes of tests/fakes: where these
behave differently, a scene fails on one of them. Prints one line a scene; the status tells whether all passed."""
import argparse
import os
import pathlib
import signal
import sys
import time

from tests.harness.fakes import fake_peers
from tests.harness.process import Failed
from tests.harness.scene_run import Run
from tests.harness.scene_stage import Cast
from tests.harness.scene_text import parse
from tests.harness.stage import Stage, claimed_directory

SCENES = pathlib.Path(__file__).resolve().parent.parent / "scenario"


def play(stage, network, scene):
    cast = Cast(stage, network, scene)
    try:
        Run(scene, cast).play()
    finally:
        cast.close()


def play_all(stage, network, scenes):
    failed = []
    for scene in scenes:
        began = time.monotonic()
        try:
            play(stage, network, scene)
            print(f"ok      {scene.name} ({time.monotonic() - began:.1f} s)", flush=True)
        except Failed as failure:
            failed.append(scene.name)
            print(f"FAILED  {scene.name}: {failure}", flush=True)
            if not stage.rialto.process.alive():
                print(f"rialto has ended:\n{stage.rialto.process.tail(30)}")
                stage.rialto.start()
    print(f"{len(scenes) - len(failed)} of {len(scenes)} scenes passed on {network}"
          + (f"; failed: {' '.join(failed)}" if failed else ""))
    return not failed


def chosen(names, network, uploads):
    paths = sorted(SCENES.glob("*.scene"))
    scenes = [parse(path.stem, path.read_text(encoding="utf-8")) for path in paths
              if not names or any(name in path.stem for name in names)]
    return [scene for scene in scenes if scene.only in (None, network) and not (uploads and scene.links)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rialto", required=True)
    parser.add_argument("--network", required=True, choices=("prosody", "ejabberd"))
    parser.add_argument("--fakes", help="directory of the fake servers' programs")
    parser.add_argument("--uploads", action="store_true", help="Rialto has no public address for files")
    parser.add_argument("scenes", nargs="*")
    options = parser.parse_args()
    os.umask(0o077)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    scenes = chosen(options.scenes, options.network, options.uploads)
    directory, _lock = claimed_directory("scenes")
    more = {}
    if options.fakes:
        more["peers"] = fake_peers(pathlib.Path(options.fakes).resolve())
    stage = Stage(directory, options.rialto, (options.network,), lambda text: print(f"-- {text}", flush=True), **more)
    stage.rialto.links = not options.uploads
    try:
        stage.start()
        return 0 if play_all(stage, options.network, scenes) else 1
    except Failed as failure:
        print(f"FAILED  {failure}\nlogs are in {directory}; Rialto's last words:\n{stage.rialto.process.tail(30)}")
        return 1
    finally:
        stage.stop()


if __name__ == "__main__":
    sys.exit(main())
