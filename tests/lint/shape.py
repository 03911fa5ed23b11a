"""shape.py ROOT: fails when the house grows out of shape: long files, long functions, too few tests.

Lines are counted in C++ and Python. Functions are measured by universal-ctags; without it the lint fails."""
import json
import statistics
import subprocess
import sys

from tree import CODE, files, finish

FILE_MOST, FILE_P95, FILE_MEDIAN = 500, 350, 110
FUNCTION_MOST = 60
TESTS_PER_CODE = 1.0


def lines_of(path):
    with open(path, "rb") as stream:
        return sum(1 for _ in stream)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def functions(paths):
    """(path, name, lines) of every function that ctags sees."""
    ctags = ["ctags", "--output-format=json", "--fields=+ne", "--kinds-C++=f", "--kinds-Python=fm",
             "--language-force=auto", "-o", "-", "-L", "-"]
    done = subprocess.run(ctags, input="\n".join(map(str, paths)), capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        tag = json.loads(line)
        if "end" in tag:
            yield tag["path"], tag["name"], tag["end"] - tag["line"] + 1


def complaints(root):
    paths = files(root, CODE)
    sizes = {path: lines_of(path) for path in paths}
    found = [f"{path}: {size} lines, more than {FILE_MOST}" for path, size in sizes.items() if size > FILE_MOST]
    p95, median = percentile(sizes.values(), 0.95), statistics.median(sizes.values())
    if p95 > FILE_P95:
        found.append(f"one file in twenty has {p95} lines or more; the bound is {FILE_P95}")
    if median > FILE_MEDIAN:
        found.append(f"the median file has {median} lines; the bound is {FILE_MEDIAN}")
    for path, name, size in functions(paths):
        if size > FUNCTION_MOST:
            found.append(f"{path}: {name} has {size} lines, more than {FUNCTION_MOST}")
    tests = sum(size for path, size in sizes.items() if path.relative_to(root).parts[0] == "tests")
    code = sum(sizes.values()) - tests
    print(f"{len(sizes)} files, code {code}, tests {tests} lines, median {median}, p95 {p95}")
    if tests < TESTS_PER_CODE * code:
        found.append(f"{tests} lines of tests for {code} of code; at least {TESTS_PER_CODE} each")
    return found


if __name__ == "__main__":
    try:
        finish(complaints(sys.argv[1]))
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"shape: ctags: {error}")
