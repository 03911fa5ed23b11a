"""coverage.py BUILD: line coverage of the pure files, after the tests of a coverage build ran; 90 % at least each.

Pure is what neither awaits nor touches a socket, a database, a thread: there every line can be reached by a test."""
import json
import pathlib
import re
import subprocess
import sys

from tests.harness.unpacked import ROOT

LEAST = 90.0
IMPURE = re.compile(r"\bco_(await|return|spawn)\b|boost/(asio|beast)|<(sqlite3|curl/|spdlog/|thread|gloox/component)")
FOLDERS = ("core", "appservice", "bridges", "registrations")


def is_pure(path):
    text = path.read_text(encoding="utf-8")
    header = path.with_suffix(".hpp")
    return path.suffix == ".cpp" and path.name != "main.cpp" and not IMPURE.search(
        text + (header.read_text(encoding="utf-8") if header.exists() else ""))


def measured(build):
    """path -> per cent of lines, over all test programs together."""
    profiles = sorted(str(path) for path in (build / "profile").glob("*.profraw"))
    data = build / "all.profdata"
    subprocess.run(["llvm-profdata-19", "merge", "-sparse", *profiles, "-o", str(data)], check=True)
    programs = [path for path in (build / "tests").rglob("*") if path.is_file() and path.stat().st_mode & 0o111
                and (path.name.startswith(("unit_", "replay_")) or "contract" in path.name)]
    more = [word for program in programs[1:] for word in ("-object", str(program))]
    done = subprocess.run(["llvm-cov-19", "export", "-summary-only", f"-instr-profile={data}", str(programs[0]), *more],
                          check=True, capture_output=True, text=True)
    return {row["filename"]: row["summary"]["lines"]["percent"] for row in json.loads(done.stdout)["data"][0]["files"]}


def main(build):
    percent, low = measured(pathlib.Path(build)), []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.cpp")):
            if is_pure(path):
                value = percent.get(str(path), 0.0)
                print(f"{value:6.1f} %  {path.relative_to(ROOT)}{'' if value >= LEAST else '   <- too low'}")
                low += [path] if value < LEAST else []
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
