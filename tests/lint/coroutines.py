"""coroutines.py ROOT BUILD: fails on the spellings in coroutines.query. BUILD holds compile_commands.json.

Only files that await are looked at. A missing clang-query, or a file that it cannot parse, is a failure."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

from tree import files, finish

HERE = pathlib.Path(__file__).parent
AWAITS = re.compile(r"\bco_(await|spawn)\b")
FOLDERS = ("core", "appservice", "bridges", "registrations", "sample")


def look_at(tool, build, path):
    done = subprocess.run([tool, "-p", build, "-f", str(HERE / "coroutines.query"), str(path)],
                          capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    if done.returncode != 0 or re.search(r"\berror:", said):
        return [f"{path}: clang-query failed:\n{said.strip()[-2000:]}"]
    return [line for line in said.splitlines() if "binds here" in line]


def complaints(root, build):
    tool = shutil.which("clang-query-19")
    if not tool:
        return ["clang-query-19 is missing (package clang-tools-19)"]
    if not (pathlib.Path(build) / "compile_commands.json").exists():
        return [f"{build} has no compile_commands.json"]
    chosen = [path for path in files(root, {".cpp"})
              if path.relative_to(root).parts[0] in FOLDERS
              and AWAITS.search(path.read_text(encoding="utf-8", errors="replace"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        looked = list(pool.map(lambda path: look_at(tool, build, path), chosen))
    print(f"{len(chosen)} files that await")
    return [line for lines in looked for line in lines]


if __name__ == "__main__":
    finish(complaints(sys.argv[1], sys.argv[2]))
