"""./dev demo: real servers, one Rialto, people talking across; docs in README.md. --once checks itself and ends."""
import argparse
import json
import os
import queue
import secrets
import signal
import sys
import time

from tests.harness.control import Control, answer
from tests.harness.conversation import Conversation
from tests.harness.conversation_mail import MailConversation
from tests.harness.mail_peers import DemoPeers
from tests.harness.peers import PEOPLE, Peers
from tests.harness.process import Failed
from tests.harness.rooted import why_no_mail
from tests.harness.stage import Stage, claimed_directory

BEGAN = time.monotonic()


def say(text):
    print(f"demo: {text}", flush=True)


class Stopped(Exception):
    """A signal asked us to end."""


def _stop(number, _frame):
    raise Stopped(signal.Signals(number).name)


def mail_description(peers):
    """Who submits mail logs in (STARTTLS; the certificate vouches for itself); SMTP takes it from anybody here."""
    mail = peers.mail
    return {"domain": mail.domain, "bridge_domain": mail.bridge, "host": "127.0.0.1", "smtp_port": mail.vouched_port,
            "submission_port": mail.submission_port, "imap_port": peers.imap.port,
            "certificate": str(mail.certificate),
            "users": [{"address": f"{user}@{mail.domain}", "password": peers.passwords[user]}
                      for user in PEOPLE["mail"]]}


def description(stage, control):
    """demo.json: what a script needs to take part."""
    peers, rialto = stage.peers, stage.rialto
    matrix = [{"mxid": peers.people[user].mxid, "password": peers.passwords[user],
               "access_token": peers.people[user].token} for user in PEOPLE["matrix"]]
    xmpp = {name: {"network": name, "domain": server.domain, "host": "127.0.0.1", "c2s_port": server.c2s_port,
                   "muc": server.muc, "component": server.component, "upload": server.upload,
                   "users": [{"jid": f"{user}@{server.domain}", "password": peers.passwords[user]}
                             for user in PEOPLE[name]]}
            for name, server in peers.xmpp.items()}
    return {
        "homeserver": {"url": peers.synapse.url, "server_name": peers.synapse.server_name, "users": matrix},
        "xmpp": xmpp,
        **({"mail": mail_description(peers)} if peers.mail else {}),
        "rialto": {"config": str(rialto.config), "registration": str(rialto.registration),
                   "database": str(next(iter(sorted(rialto.dir.glob("*.db"))), rialto.dir / "rialto.db")),
                   "pid": rialto.process.pid, "appservice_url": rialto.appservice_url, "admin_url": rialto.admin_url,
                   "media_url": rialto.media_url,
                   "metrics_url": rialto.admin_url + "/metrics", "bot": rialto.bot, "prefix": "_rialto_",
                   "alias_prefix": "#_rialto_", "log": str(rialto.log)},
        "commands": {f"restart_{name}": control.command(name) for name in (*peers.servers(), "rialto")},
    }


def write_description(stage, control):
    """Whole or not at all: a script may read it at any time."""
    path = stage.dir / "demo.json"
    draft = path.with_suffix(".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(description(stage, control), out, indent=1)
    draft.rename(path)
    return path


def introduce(stage):
    peers = stage.peers
    say(f"Matrix: {peers.synapse.url} (server name {peers.synapse.server_name})")
    for user in PEOPLE["matrix"]:
        say(f"    {peers.people[user].mxid}  password {peers.passwords[user]}")
    for name, server in peers.xmpp.items():
        say(f"{name}: 127.0.0.1:{server.c2s_port} (domain {server.domain}, no TLS), rooms at {server.muc}")
        for user in PEOPLE[name]:
            say(f"    {user}@{server.domain}  password {peers.passwords[user]}")
    if peers.mail:
        mail = peers.mail
        say(f"mail: SMTP 127.0.0.1:{mail.vouched_port}, IMAP :{peers.imap.port} (no TLS), submission :"
            f"{mail.submission_port} (STARTTLS); alice is alice@{mail.bridge}")
        for user in PEOPLE["mail"]:
            say(f"    {user}@{mail.domain}  password {peers.passwords[user]}")
    say(f"Rialto: pid {stage.rialto.process.pid}, admin {stage.rialto.admin_url}, log {stage.rialto.log}")


def stay(stage, control):
    """Until a signal: keeps everything up, and restarts what it is told to."""
    while True:
        try:
            what, link = control.orders.get(timeout=1)
        except queue.Empty:
            if not stage.rialto.process.alive():
                raise Failed(f"rialto ended by itself:\n{stage.rialto.process.tail()}") from None
            continue
        try:
            say(f"restarting {what}")
            stage.restart(what)
            write_description(stage, control)
            answer(link, "ok")
        except (Failed, KeyError) as failure:
            answer(link, f"failed: {failure}".splitlines()[0])


def play(stage, options):
    control = Control(secrets.token_hex(8))
    stage.start()
    path = write_description(stage, control)
    conversation = Conversation(stage, say)
    conversation.open()
    conversation.talk()
    if options.once:
        conversation.burst()
    conversation.one_to_one()
    by_mail = MailConversation(stage, say) if stage.peers.mail else None
    if by_mail:
        by_mail.talk()
        if options.once:
            by_mail.burst()
    conversation.verify()
    if by_mail:
        by_mail.verify()
    if options.once:
        return
    introduce(stage)
    say(f"for scripts: {path}")
    if options.keep or sys.stdout.isatty():
        say("up until Ctrl-C" if not options.keep else f"up until pid {os.getpid()} is killed")
        stay(stage, control)
    say("no terminal to wait at (--keep stays up all the same)")


def main():
    parser = argparse.ArgumentParser(prog="./dev demo")
    parser.add_argument("--rialto", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--once", action="store_true", help="verify, then end with a status")
    parser.add_argument("--keep", action="store_true", help="stay up without a terminal until killed")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    os.umask(0o077)
    stage = None
    try:
        directory, _lock = claimed_directory("demo")
        without = why_no_mail(directory / "postfix")
        if without:
            say(f"without mail: {without}")
        stage = Stage(directory, options.rialto, say=say, peers=Peers if without else DemoPeers)
        play(stage, options)
        say(f"done in {time.monotonic() - BEGAN:.0f} s")
        return 0
    except Stopped as why:
        say(f"stopping ({why})")
        return 0 if not options.once else 1
    except Failed as failure:
        say(f"FAILED: {failure}")
        if stage:
            say(f"logs are in {stage.dir}; Rialto's last words:\n{stage.rialto.process.tail()}")
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # the way out is not to be interrupted
        if stage:
            stage.stop()


if __name__ == "__main__":
    sys.exit(main())
