"""long_fuzz.py BUILD --seconds N: each libFuzzer target of a fuzz build for so long, from its corpus."""
import argparse
import pathlib
import subprocess
import sys

from tests.harness.unpacked import ROOT


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=120)
    options = parser.parse_args()
    failed, targets = [], sorted((options.build / "tests" / "fuzz").glob("*_fuzz"))
    for target in targets:
        found = options.build / "found" / target.name
        found.mkdir(parents=True, exist_ok=True)  # new inputs go here; a finding's file is named by libFuzzer
        corpus = ROOT / "tests" / "fuzz" / "corpus" / target.name.removesuffix("_fuzz")
        command = [target.resolve(), f"-max_total_time={options.seconds}", "-print_final_stats=1", "-rss_limit_mb=2048",
                   found.resolve(), *([corpus] if corpus.is_dir() else [])]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, cwd=found)
        print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {target.name}, {options.seconds} s", flush=True)
        if done.returncode != 0:
            print("\n".join(done.stderr.splitlines()[-40:]))
            failed.append(target.name)
    return 1 if failed or not targets else 0


if __name__ == "__main__":
    sys.exit(main())
