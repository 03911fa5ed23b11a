import pathlib
import subprocess
import sys
import tempfile
import unittest

from tests.harness.control import Control, answer
from tests.harness.process import Failed, Process, free_ports, listens

SERVER = ("import socket,sys,time\ns=socket.create_server(('127.0.0.1',int(sys.argv[1])))\nprint('up',flush=True)\n"
          "while True: s.accept()")


class Processes(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.log = pathlib.Path(self.place.name) / "log"

    def tearDown(self):
        self.place.cleanup()

    def process(self, code, *arguments):
        return Process("it", [sys.executable, "-c", code, *arguments], self.log)

    def test_is_started_stopped_and_started_again(self):
        port = free_ports(1)[0]
        it = self.process(SERVER, port)
        for _ in range(2):
            it.start()
            it.wait_ready(lambda: listens(port), 20)
            it.stop()
            self.assertFalse(it.alive())
            self.assertFalse(listens(port))
        self.assertEqual(it.tail(), "up\nup")

    def test_one_that_does_not_listen_to_sigterm_is_killed(self):
        it = self.process("import signal,time\nsignal.signal(15,signal.SIG_IGN)\n"
                          "print('deaf',flush=True)\ntime.sleep(99)")
        it.start()
        it.wait_ready(lambda: "deaf" in it.tail(), 20)
        self.assertIsNone(it.stop(seconds=0.2))
        self.assertFalse(it.alive())

    def test_one_that_dies_at_start_is_reported_with_its_last_words(self):
        it = self.process("import sys; sys.exit('no such port')")
        it.start()
        with self.assertRaisesRegex(Failed, "(?s)status 1.*no such port"):
            it.wait_ready(lambda: False, 20)

    def test_it_does_not_outlive_whoever_started_it(self):
        script = ("import sys; sys.path.insert(0, sys.argv[1])\nfrom tests.harness.process import Process\n"
                  "p = Process('x', ['sleep', '99'], sys.argv[2]); p.start(); print(p.pid, flush=True)\n"
                  "import os; os._exit(0)")
        root = str(pathlib.Path(__file__).resolve().parent.parent.parent.parent)
        done = subprocess.run([sys.executable, "-c", script, root, str(self.log)], capture_output=True, text=True,
                              check=True)
        state = pathlib.Path(f"/proc/{done.stdout.strip()}/stat")
        for _ in range(200):
            if not state.exists() or state.read_text().split()[2] == "Z":
                return
            subprocess.run(["sleep", "0.02"], check=True)
        self.fail("it lives on")


class Controls(unittest.TestCase):
    def order(self, control, token):
        command = control.command("prosody").replace(control.token, token)
        return subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE, text=True)

    def test_a_shell_line_waits_for_the_answer(self):
        control = Control("t0ken")
        child = self.order(control, "t0ken")
        what, link = control.orders.get(timeout=20)
        self.assertEqual(what, "prosody")
        answer(link, "ok")
        self.assertEqual((child.communicate()[0].strip(), child.returncode), ("ok", 0))

    def test_nobody_else_may_order(self):
        control = Control("t0ken")
        child = self.order(control, "wr0ng")
        child.communicate()
        self.assertEqual(child.returncode, 1)
        self.assertTrue(control.orders.empty())
