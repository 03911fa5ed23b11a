"""format.py ROOT: fails when clang-format 19 would change a C++ file (./dev fmt does change it)."""
import shutil
import subprocess
import sys

from tree import CXX, files

tool = shutil.which("clang-format-19") or sys.exit("format: clang-format-19 is missing")
paths = [str(path) for path in files(sys.argv[1], CXX)]
if paths:
    sys.exit(subprocess.run([tool, "--dry-run", "-Werror", *paths], check=False).returncode)
