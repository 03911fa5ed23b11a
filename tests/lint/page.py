"""page.py ROOT [BUILD | --write]: fails when the listing that ends docs/WRITING-A-BACKEND.md is not
bridges/echo/echo.cpp, or when that is longer than a newcomer reads in one go. --write (./dev fmt) copies it."""
import pathlib
import re
import sys

from tree import finish

MOST_LINES = 60
LISTING = re.compile(r"(?<=^```cpp\n).*?(?=^```$)", re.M | re.S)


def last_listing(text):
    found = list(LISTING.finditer(text))
    return found[-1] if found else None


def complaints(page, source):
    text, code = page.read_text(encoding="utf-8"), source.read_text(encoding="utf-8")
    found = []
    shown = last_listing(text)
    if shown is None or text[shown.end():].strip() != "```":
        found.append(f"{page}: does not end with a listing in C++")
    elif shown.group() != code:
        found.append(f"{page}: its last listing is not {source} (./dev fmt copies it)")
    if len(code.splitlines()) > MOST_LINES:
        found.append(f"{source}: more than {MOST_LINES} lines")
    return found


def write(page, source):
    text = page.read_text(encoding="utf-8")
    shown = last_listing(text)
    if shown is not None:
        page.write_text(text[:shown.start()] + source.read_text(encoding="utf-8") + text[shown.end():],
                        encoding="utf-8")


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    both = (root / "docs/WRITING-A-BACKEND.md", root / "bridges/echo/echo.cpp")
    missing = [f"{path}: is missing" for path in both if not path.exists()]
    if not missing and "--write" in sys.argv[2:]:
        write(*both)
    finish(missing or complaints(*both))
