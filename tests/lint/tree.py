"""The files that are ours, for every lint. No git: a bare machine may have none."""
import pathlib
import sys

CODE = {".cpp", ".hpp", ".py"}
CXX = {".cpp", ".hpp"}
SKIPPED = {"build", ".git", ".cache", "__pycache__", "corpus"}


def files(root, suffixes=None):
    """Every file of the project under root, sorted; all of them or those with one of the suffixes."""
    found = []
    for path in sorted(pathlib.Path(root).iterdir()):
        if path.name in SKIPPED:
            continue
        if path.is_dir() and not path.is_symlink():
            found += files(path, suffixes)
        elif path.is_file() and (suffixes is None or path.suffix in suffixes):
            found.append(path)
    return found


def finish(complaints):
    """Prints what is wrong and ends the lint with the status that ctest reads."""
    print("\n".join(complaints) or "ok")
    sys.exit(1 if complaints else 0)
