"""Programs of an unpacked Debian suite (packaging/unpack.sh), run under that suite's own libc."""
import pathlib

from tests.harness.process import Failed

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Suite:
    def __init__(self, name, *more_libraries):
        """`more_libraries`: folders in its usr/lib where a program keeps its own."""
        self.root = ROOT / "build" / "peers" / name
        if not (self.root / ".complete").exists():
            raise Failed(f"{self.root} is not there: run ./dev peers")
        self.usr = self.root / "usr"
        self.more_libraries = [self.usr / "lib" / folder for folder in more_libraries]
        self.libraries = next(self.usr.glob("lib/*-linux-gnu*"))
        self.loader = next(iter([*self.usr.glob("lib64/ld-linux*"), *self.usr.glob("lib/ld-linux*")]))

    def command(self, program, *arguments):
        """argv that runs one of its binaries whatever libc this machine has."""
        libraries = ":".join(str(folder) for folder in (self.libraries, *self.more_libraries))
        return [str(a) for a in (self.loader, "--library-path", libraries, program, *arguments)]

    def wrapper(self, path, program):
        """A script in place of a binary, for programs that start their own helpers by path."""
        words = " ".join(f"'{word}'" for word in self.command(program))
        path.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        path.chmod(0o755)
