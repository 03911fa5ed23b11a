"""Child processes that never outlive us, and ports that are free.

Start children from the main thread only: the kernel ends them when the thread that made them ends."""
import ctypes
import os
import pathlib
import random
import signal
import socket
import subprocess
import time

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Failed(Exception):
    """Something that was expected did not happen; the text is for a human."""


def _die_with_parent():
    os.setsid()  # a Ctrl-C in the terminal is ours to handle, in order
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_ports(count):
    """Loopback ports below the ephemeral range, so that no outgoing connection takes one before its server does."""
    held, chooser = [], random.SystemRandom()
    while len(held) < count:
        probe = socket.socket()
        try:
            probe.bind(("127.0.0.1", chooser.randrange(15000, 32000)))
            held.append(probe)
        except OSError:
            probe.close()
    ports = [probe.getsockname()[1] for probe in held]
    for probe in held:
        probe.close()
    return ports


def listens(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def until(check, seconds, what, every=0.05):
    """Polls what can only be polled (a port, a health page); for all else there are conditions to wait on."""
    deadline = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(every)


class Process:
    """One program, started again as often as is wished, its output appended to one file."""

    def __init__(self, name, argv, log, env=None, cwd=None):
        self.name, self.argv, self.log, self.cwd = name, [str(a) for a in argv], pathlib.Path(log), cwd
        self.env = {**os.environ, **(env or {})}
        self.child = None

    @property
    def pid(self):
        return self.child.pid if self.child else None

    def start(self):
        with open(self.log, "ab") as out:
            self.child = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self.env,
                                          cwd=self.cwd, preexec_fn=_die_with_parent)

    def alive(self):
        return self.child is not None and self.child.poll() is None

    def wait_ready(self, ready, seconds):
        def up_or_dead():
            if not self.alive():
                raise Failed(f"{self.name} ended with status {self.child.returncode}:\n{self.tail()}")
            return ready()
        until(up_or_dead, seconds, f"{self.name} to be ready\n{self.tail()}")

    def tail(self, lines=15):
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def _signal(self, number):
        try:
            os.killpg(self.child.pid, number)  # its helpers too: a group of its own
        except ProcessLookupError:
            pass

    def stop(self, seconds=20):
        """SIGTERM, then SIGKILL; the exit status, or None when it had to be killed."""
        if not self.alive():
            return self.child.returncode if self.child else 0
        os.kill(self.child.pid, signal.SIGTERM)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            self.kill()

    def stall(self):
        """Alive, and silent: its sockets stay open."""
        self._signal(signal.SIGSTOP)

    def go_on(self):
        self._signal(signal.SIGCONT)

    def kill(self):
        """As a crash would."""
        if self.child:
            self._signal(signal.SIGKILL)
            self.child.wait()
