"""A second Rialto with a directory of its own, set up wrongly on purpose; and the first one's files, spoilt."""
import pathlib
import subprocess
import types

from tests.harness.process import Failed, Process, free_ports
from tests.harness.rialto import Rialto


class Spare:
    """`with Spare(ground, secret="wrong") as spare:`; what it says is in spare.log."""

    def __init__(self, ground, **changed):
        server = {"component_port": ground.server.component_port, "component": ground.server.component,
                  "http_port": ground.server.http_port,
                  "secret": ground.server.secret, "muc": ground.server.muc, **changed}
        listen, admin, media = free_ports(3)
        peers = types.SimpleNamespace(
            appservice_port=listen, admin_port=admin, media_port=media, synapse=ground.synapse,
            mail=None, mail_networks=lambda _home: [],
            xmpp={ground.network: types.SimpleNamespace(**server)})
        folder = ground.stage.dir / f"spare-{listen}"
        folder.mkdir(mode=0o700)
        self.rialto = Rialto(ground.rialto.program, folder, peers)
        self.rialto.configure()
        self.log = self.rialto.log

    def __enter__(self):
        self.rialto.process.start()
        return self

    def peak_memory(self):
        """In kB, as the kernel counts it."""
        status = pathlib.Path(f"/proc/{self.rialto.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))

    def __exit__(self, *_):
        self.rialto.kill()


def run_again(ground, *more):
    """Another process of the same configuration, not waited for."""
    rialto = ground.rialto
    log = rialto.dir / "second.log"
    log.unlink(missing_ok=True)
    again = Process("second rialto", [rialto.program, "run", "--config", rialto.config, *more], log, cwd=rialto.dir)
    again.start()
    return again


def refusal(ground):
    """(status, what it says) of a Rialto that is expected not to start at all."""
    rialto = ground.rialto
    try:
        done = subprocess.run([str(rialto.program), "run", "--no-wait", "--config", str(rialto.config)], text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, cwd=rialto.dir, timeout=20, check=False)
    except subprocess.TimeoutExpired as late:
        raise Failed("rialto started though it should refuse") from late
    return done.returncode, done.stdout + done.stderr
