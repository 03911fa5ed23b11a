"""A component of somebody else on the same server (XEP-0114): says whatever it likes, under any name of its domain."""
import hashlib
import re
import socket
import threading
import time
import xml.etree.ElementTree as ElementTree

from tests.harness.process import Failed
from tests.harness.stanza_xml import NS

HEADER = "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>"


class Stranger:
    def __init__(self, server):
        self.domain, self.heard, self.cut = server.stranger, b"", False
        self.socket = socket.create_connection(("127.0.0.1", server.component_port), timeout=10)
        self.socket.sendall(("<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
                             f"xmlns:stream='http://etherx.jabber.org/streams' to='{self.domain}'>").encode())
        stream_id = self._until(rb"\bid=['\"]([^'\"]+)['\"]")
        proof = hashlib.sha1((stream_id + server.secret).encode()).hexdigest()
        self.socket.sendall(f"<handshake>{proof}</handshake>".encode())
        self._until(rb"(<handshake)")
        self.socket.settimeout(None)
        threading.Thread(target=self._read, daemon=True, name="stranger").start()

    def _until(self, pattern):
        while True:
            found = re.search(pattern, self.heard)
            if found:
                return found[1].decode()
            data = self.socket.recv(65536)
            if not data:
                raise Failed(f"{self.domain} was not let in: {self.heard[-300:]!r}")
            self.heard += data

    def _read(self):
        try:
            while True:
                data = self.socket.recv(65536)
                if not data:
                    break
                self.heard += data
                self._take(data)
        except (OSError, ElementTree.ParseError):
            pass
        self.cut = True

    def _take(self, data):
        """What came after the handshake: for those who listen."""

    def send(self, xml):
        self.socket.sendall(xml if isinstance(xml, bytes) else xml.encode())

    def wait(self, text, seconds=20):
        deadline = time.monotonic() + seconds
        while text.encode() not in self.heard:
            if self.cut or time.monotonic() > deadline:
                raise Failed(f"{self.domain} was not answered with {text!r}: {self.heard[-500:]!r}")
            time.sleep(0.05)

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)  # a close alone would wait for the reader
        except OSError:
            pass
        self.socket.close()


class RoomService(Stranger):
    """A room service of that component, each of whose rooms has romeo in it: may be slow, refuse, or be lied about."""

    def __init__(self, server):
        self.join_delay, self.join_refusal = 0, None
        self.before_disco = lambda iq: None
        self.asked = self.joins = 0
        self.timers, self.nicks = [], {}  # room -> (the bridge's address, its nick)
        self.parser = ElementTree.XMLPullParser(["start", "end"])
        self.parser.feed(HEADER)
        self.depth = 0
        super().__init__(server)

    def _take(self, data):
        self.parser.feed(data)
        for kind, element in self.parser.read_events():
            self.depth += 1 if kind == "start" else -1
            if self.depth == 1 and kind == "end":
                self._stanza(element)

    def _stanza(self, stanza):
        name = stanza.tag.rpartition("}")[2]
        if name == "iq" and stanza.get("type") in ("get", "set"):
            self._iq(stanza)
        elif name == "presence" and stanza.get("type") is None:
            self.joins += 1
            timer = threading.Timer(self.join_delay, self._answer_join, (stanza,))
            timer.daemon = True
            self.timers.append(timer)
            timer.start()

    def _iq(self, iq):
        if iq.find(f"{{{NS['info']}}}query") is not None:
            self.asked += 1
            self.before_disco(iq)
            self.result(iq, f"<query xmlns='{NS['info']}'><identity category='conference' type='text' name='Garden'/>"
                            f"<feature var='{NS['muc']}'/></query>")
        else:
            self.result(iq, "")

    def result(self, iq, payload, sender=None):
        self.send(f"<iq type='result' from='{sender or iq.get('to')}' to='{iq.get('from')}' id='{iq.get('id')}'>"
                  f"{payload}</iq>")

    def _answer_join(self, presence):
        to, who = presence.get("to"), presence.get("from")
        room, _, nick = to.partition("/")
        if self.join_refusal:
            self.send(f"<presence type='error' from='{to}' to='{who}'><error type='auth'><{self.join_refusal} "
                      f"xmlns='{NS['stanzas']}'/></error></presence>")
            return
        self.nicks[room] = (who, nick)
        item = f"<x xmlns='{NS['user']}'><item affiliation='none' role='participant'/>"
        self.send(f"<presence from='{room}/romeo' to='{who}'>{item}</x></presence>"
                  f"<presence from='{to}' to='{who}'>{item}<status code='110'/></x></presence>"
                  f"<message from='{room}' to='{who}' type='groupchat'><subject/></message>")

    def say(self, local, nick, text):
        room = f"{local}@{self.domain}"
        self.send(f"<message from='{room}/{nick}' to='{self.nicks[room][0]}' type='groupchat' id='{time.time_ns()}'>"
                  f"<body>{text}</body></message>")

    def close(self):
        for timer in self.timers:
            timer.cancel()
        super().close()
