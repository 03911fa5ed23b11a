"""operator_view.py --rialto PROGRAM --fakes DIR: what an operator is shown. The homeserver stops pushing, silently: the
canary must turn /health/ready red, say why, and recover. And `rialto queue`, while one runs and while none does."""
import argparse
import json
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

from tests.harness.fakes import fake_peers
from tests.harness.played import on_stage
from tests.harness.process import Failed, until

CANARY = "\ncanary:\n  every: 1s\n  limit: 5s\n"


def say(text):
    print(f"operator: {text}", flush=True)


def readiness(rialto):
    """(status, {component: reason of those that are not ready})"""
    try:
        with urllib.request.urlopen(rialto.admin_url + "/health/ready", timeout=5) as answer:
            status, body = answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        status, body = refused.code, json.load(refused)
    return status, {part["name"]: part["reason"] for part in body["components"] if not part["ready"]}


def queue(rialto, *arguments):
    return command(rialto, "queue", *arguments)


def command(rialto, *arguments):
    done = subprocess.run([str(rialto.program), *arguments, "--config", str(rialto.config)], text=True,
                          capture_output=True, stdin=subprocess.DEVNULL, cwd=rialto.dir, timeout=30, check=False)
    return done.returncode, done.stdout, done.stderr


def expect(true, what):
    if not true:
        raise Failed(str(what))


def canary_dies_and_lives(stage):
    rialto, homeserver = stage.rialto, stage.peers.synapse
    until(lambda: "rialto_canary_seconds_count" in rialto.metrics()
          and "rialto_canary_seconds_count 0" not in rialto.metrics(), 20, "the canary to come round once")
    time.sleep(6)
    expect(readiness(rialto)[0] == 200, f"not ready though all is well: {readiness(rialto)}")
    homeserver.order("fault", on="push", fault={"how": "status", "status": 502, "times": 1000000})
    began = time.monotonic()
    until(lambda: "canary" in readiness(rialto)[1], 20, "the canary to die")
    status, reasons = readiness(rialto)
    expect(status == 503, f"status {status}")
    code, out, err = command(rialto, "status")
    expect(code == 69 and "canary: NOT READY: " in out, f"{out}{err}")
    say(f"red after {time.monotonic() - began:.0f} s: {reasons['canary']}")
    homeserver.order("no_faults")
    until(lambda: readiness(rialto)[0] == 200, 60, "the canary to recover")
    say(f"green again after {time.monotonic() - began:.0f} s")


def queue_is_shown(stage, network):
    rialto, alice = stage.rialto, stage.peers.matrix("alice")
    dan = stage.peers.xmpp_person("dan")
    muc = f"queue@{stage.peers.xmpp[network].muc}"
    dan.join(muc)
    room = alice.create_shared_room("Queue", rialto.bot)
    stage.bridge(alice, room, network, muc)
    expect("Nothing waits" in queue(rialto, "list")[1], "something waits in an idle bridge")
    stage.peers.xmpp[network].kill()
    until(lambda: network in readiness(rialto)[1], 20, "the link to be down")
    alice.send(room, "say nothing of this")
    line = until(lambda: next((text for text in queue(rialto, "list")[1].splitlines() if muc in text), None), 20,
                 "the message to be listed")
    expect("1 message," in line and "link down" in line, line)
    seq = line.split("(")[1].split(")")[0]
    code, out, _ = queue(rialto, "show", seq)
    expect(code == 0 and alice.mxid in out and "say nothing" not in out, f"show: {out}")
    expect("say nothing of this" in queue(rialto, "show", seq, "--body")[1], "the words are not shown")
    code, out, _ = queue(rialto, "drop", seq)
    expect(code == 0, f"drop: {out}")
    alice.wait_for(lambda e: e["sender"] == rialto.bot and "out of the bridge's queue" in
                   e["content"].get("body", ""), 20, "alice to be told that it was dropped")
    code, out, err = command(rialto, "status")
    expect(code == 69 and f"{network}: NOT READY" in out and "1 could not be delivered" in out, f"{out}{err}")
    listed = json.loads(queue(rialto, "list", "--json")[1])
    expect([d["seq"] for d in listed["dead"]] == [int(seq)], f"dead letters: {listed['dead']}")
    rialto.stop()
    expect(command(rialto, "status")[0] == 69, "status: it is ready though none runs")
    code, out, err = queue(rialto, "list")
    expect(code == 0 and "no Rialto runs" in err and f"{seq}  message of {alice.mxid}" in out, f"{out}{err}")
    expect(queue(rialto, "retry", seq)[0] == 75, "it was retried though no Rialto runs")
    stage.peers.xmpp[network].start()
    dan.drop()
    dan.connect()
    dan.join(muc)
    rialto.start(60)
    code, out, err = queue(rialto, "retry", seq)
    expect(code == 0, f"retry: {out}{err}")
    dan.wait_body(muc, "say nothing of this", 30)
    expect(json.loads(queue(rialto, "list", "--json")[1])["dead"] == [], "it is still dead")
    say("the queue was shown, dropped from, read without a Rialto, and replayed")


def run(stage, network):
    configure = stage.rialto.configure

    def with_canary():
        configure()
        with open(stage.rialto.config, "a", encoding="utf-8") as config:
            config.write(CANARY)
    stage.rialto.configure = with_canary
    stage.start()
    canary_dies_and_lives(stage)
    queue_is_shown(stage, network)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rialto", required=True)
    parser.add_argument("--network", default="prosody")
    parser.add_argument("--fakes", required=True)
    options = parser.parse_args()
    return on_stage("operator", options.rialto, (options.network,), lambda stage: run(stage, options.network),
                    fake_peers(pathlib.Path(options.fakes)))


if __name__ == "__main__":
    sys.exit(main())
