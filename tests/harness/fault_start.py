"""Stories of a start that cannot go well: each is said in a sentence that names the remedy."""
import socket

from tests.harness.fault_ground import expect
from tests.harness.fault_spare import Spare, refusal, run_again
from tests.harness.process import Failed, until


def wrong_secret(ground):
    with Spare(ground, secret="not the secret") as spare:
        return ground.told("refused the secret of component", log=spare.log)


def clients_port(ground):
    with Spare(ground, component_port=ground.server.c2s_port) as spare:
        return ground.told("is not a component port", log=spare.log)


def nothing_listens(ground):
    with Spare(ground, component_port=1) as spare:
        return ground.told("nothing listens on", log=spare.log)


def component_of_another_name(ground):
    with Spare(ground, component="stranger.test") as spare:
        told = ground.told("stranger.test", log=spare.log, seconds=10)
        expect("has no component" in told or "see that it has a component" in told, f"it names no remedy: {told}")
        return told


def registration_not_installed(ground):
    """Its tokens are ones that the homeserver was never told."""
    with Spare(ground) as spare:
        return ground.told("install the registration and restart it", log=spare.log)


def listener_taken(ground):
    """Another program has the address where the homeserver is to push."""
    ground.rialto.stop()
    port = int(ground.rialto.appservice_url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        status, said = refusal(ground)
    expect(status != 0 and str(port) in said, f"status {status}: {said}")
    return said


def same_component_twice(ground):
    """Whoever of both is told, somebody is told; and when the second is gone, the first goes on."""
    cast, mark = ground.cast("twice"), ground.mark()
    with Spare(ground) as spare:
        def said():
            text = spare.log.read_text() + ground.rialto.log.read_bytes()[mark:].decode(errors="replace")
            return [line for line in text.splitlines() if "already connected" in line or "another link" in line
                    or "another program" in line]
        lines = until(said, 30, "either Rialto to say that its component is taken")
    ground.rialto.process.wait_ready(ground.rialto.ready, 60)
    ground.crosses(cast, "alone again")
    return lines[0]


def second_waits(ground):
    second = run_again(ground)
    try:
        text = "waiting for another rialto to end"
        line = ground.told(text, log=second.log)
        ground.told(text, since=second.log.read_bytes().index(text.encode()) + len(text), seconds=14, log=second.log)
        expect(f"pid={ground.rialto.process.pid}" in line, f"it does not name the other: {line}")
        return line
    finally:
        second.kill()


def second_does_not_wait(ground):
    status, said = refusal(ground)
    expect(status == 75, f"status {status} instead of 75: {said}")
    expect("in use" in said, f"it does not say why: {said}")
    return said


def second_takes_over(ground):
    """A successor that waits goes on when the first ends, and nothing that was said meanwhile is lost."""
    cast = ground.cast("successor")
    second = run_again(ground)
    ground.told("waiting for another rialto", log=second.log)
    ground.rialto.kill()
    try:
        cast.actors["alice"].client.send(cast.room, "said to nobody")
        cast.actors["dan"].client.wait_body(cast.muc, "said to nobody", 40)
        return "taken over"
    finally:
        second.stop()


def _spoilt(ground, spoil, words):
    """Stops Rialto, spoils something, sees it refuse to start with 78 and these words, and mends it."""
    ground.rialto.stop()
    mend = spoil()
    try:
        status, said = refusal(ground)
    finally:
        mend()
    expect(status == 78, f"status {status} instead of 78: {said}")
    for word in words:
        expect(word in said, f"it does not say {word!r}: {said}")
    return said


def _opened(path):
    def spoil():
        path.chmod(0o644)
        return lambda: path.chmod(0o600)
    return spoil


def config_read_by_others(ground):
    return _spoilt(ground, _opened(ground.rialto.config), ["config.yaml", "chmod"])


def registration_read_by_others(ground):
    return _spoilt(ground, _opened(ground.rialto.registration), ["registration.yaml", "chmod"])


def database_read_by_others(ground):
    return _spoilt(ground, _opened(ground.rialto.dir / "rialto.db"), ["rialto.db", "chmod"])


def _rewritten(ground, old, new):
    def spoil():
        good = ground.rialto.config.read_text()
        if old not in good:
            raise Failed(f"no {old!r} in the configuration:\n{good}")
        ground.rialto.config.write_text(good.replace(old, new, 1))
        return lambda: ground.rialto.config.write_text(good)
    return spoil


def unknown_key(ground):
    return _spoilt(ground, _rewritten(ground, "server_name:", "servername:"),
                   ["config.yaml", "servername", "server_name"])


def unknown_network_key(ground):
    return _spoilt(ground, _rewritten(ground, "domain:", "domian:"), ["domian", "domain", ground.network])


STORIES = (wrong_secret, clients_port, nothing_listens, component_of_another_name, registration_not_installed,
           listener_taken, same_component_twice, second_waits, second_does_not_wait, second_takes_over,
           config_read_by_others, registration_read_by_others, database_read_by_others, unknown_key,
           unknown_network_key)
