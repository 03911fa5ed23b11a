"""long_fuzz.py BUILD --seconds N: each libFuzzer target of a fuzz build for so long, from its corpus; one a processor."""
import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys

from tests.harness.unpacked import ROOT


def hunt(build, target, seconds):
    """True when nothing was found."""
    found = build / "found" / target.name
    found.mkdir(parents=True, exist_ok=True)  # new inputs go here; a finding's file is named by libFuzzer
    corpus = ROOT / "tests" / "fuzz" / "corpus" / target.name.removesuffix("_fuzz")
    command = [target.resolve(), f"-max_total_time={seconds}", "-print_final_stats=1", "-rss_limit_mb=2048",
               found.resolve(), *([corpus] if corpus.is_dir() else [])]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, cwd=found)
    said = done.stderr.splitlines()
    runs = next((line.split()[-1] for line in said if "number_of_executed_units" in line), "no")
    print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {target.name}, {seconds} s, {runs} runs", flush=True)
    if done.returncode != 0:
        print("\n".join(said[-40:]), flush=True)
    return done.returncode == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=120)
    options = parser.parse_args()
    targets = sorted((options.build / "tests" / "fuzz").glob("*_fuzz"))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as processors:
        clean = list(processors.map(lambda target: hunt(options.build, target, options.seconds), targets))
    return 0 if clean and all(clean) else 1


if __name__ == "__main__":
    sys.exit(main())
