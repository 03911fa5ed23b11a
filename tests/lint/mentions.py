"""mentions.py ROOT: fails when a file names a place that only its author's machine has."""
import re
import sys

from tree import files, finish

# Spelt in pieces, or the lint would find itself.
PLACES = re.compile("|".join([
    r"(?<![\w.$}/])/(?:" + "|".join(["work", "home", "Users"]) + r")/[\w.]",
    r"\bshared" + r"/(?:notes|peers|sketch|model|prototypes|openapi|DESIGN)",
]))
BINARY = {".png", ".ico", ".gz", ".db"}


def complaints(root):
    found = []
    for path in files(root):
        if path.suffix in BINARY:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if PLACES.search(line):
                found.append(f"{path}:{number}: {line.strip()}")
    return found


if __name__ == "__main__":
    finish(complaints(sys.argv[1]))
