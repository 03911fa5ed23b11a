"""An XMPP client stream on loopback: connect, SASL PLAIN, bind, and a thread that reads stanzas into a list."""
import base64
import itertools
import socket
import threading
import time
import xml.etree.ElementTree as ElementTree

from tests.harness.process import Failed
from tests.harness.stanza_xml import Xml, child, el, shown, tag, text_of

STANZAS = (tag("client", "message"), tag("client", "presence"), tag("client", "iq"))


class XmppStream:
    def __init__(self, jid, password, port, resource="harness"):
        self.jid, self.password, self.port, self.resource = jid, password, port, resource
        self.user, self.domain = jid.split("@")
        self.full = f"{jid}/{resource}"
        self.changed = threading.Condition()
        self.stanzas = []
        self.socket = self.parser = None
        self.up = False
        self.ids = itertools.count(1)
        self.session = f"{time.time_ns():x}"

    def next_id(self):
        return f"{self.user}-{self.session}-{next(self.ids)}"

    # -- stream

    def connect(self, patience=30):
        """Logs in; a server that is not there yet is tried again."""
        deadline = time.monotonic() + patience
        while True:
            try:
                return self._connect()
            except (OSError, EOFError) as error:
                if time.monotonic() > deadline:
                    raise Failed(f"{self.jid} cannot log in: {error!r}") from error
                time.sleep(0.2)

    def _connect(self):
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self._open()
        plain = base64.b64encode(f"\0{self.user}\0{self.password}".encode()).decode()
        self.send(el("auth", {"mechanism": "PLAIN"}, plain, ns="sasl"))
        if self._next().tag != tag("sasl", "success"):
            raise Failed(f"{self.jid}: login refused")
        self._open()
        bind = el("bind", None, el("resource", None, self.resource), ns="bind")
        self.send(el("iq", {"type": "set", "id": "bind"}, bind))
        answer = self._next()
        if answer.get("type") != "result":
            raise Failed(f"{self.jid}: no resource: {shown(answer)}")
        self.full = answer.find(f".//{tag('bind', 'jid')}").text
        self.socket.settimeout(None)
        self.up = True
        threading.Thread(target=self._read, args=(self.socket, self.parser, self.pending), daemon=True,
                         name=f"xmpp {self.user}").start()
        self.send(el("presence"))
        return self

    def _open(self):
        self.parser = ElementTree.XMLPullParser(["start", "end"])
        self.depth, self.root, self.pending = 0, None, []
        self.send(Xml(f"<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' to='{self.domain}' "
                      "xmlns:stream='http://etherx.jabber.org/streams'>"))
        features = self._next()
        if features.tag != tag("stream", "features"):
            raise Failed(f"{self.jid}: {shown(features)}")

    def _feed(self, data):
        """Whole children of the stream that these bytes complete."""
        self.parser.feed(data)
        for kind, element in self.parser.read_events():
            self.depth += 1 if kind == "start" else -1
            if self.depth == 1 and kind == "start":
                self.root = element
            elif self.depth == 1:
                self.root.clear()  # else the stream is kept for ever
                yield element

    def _next(self):
        while not self.pending:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError("stream closed")
            self.pending += self._feed(data)
        return self.pending.pop(0)

    def _read(self, mine, parser, early):
        for stanza in early:
            self._take(stanza)
        try:
            while True:
                data = mine.recv(65536)
                if not data or parser is not self.parser:
                    break
                for stanza in self._feed(data):
                    self._take(stanza)
        except (OSError, ElementTree.ParseError):
            pass
        with self.changed:
            if parser is self.parser:
                self.up = False
            self.changed.notify_all()

    def _take(self, stanza):
        if stanza.tag == tag("client", "iq") and stanza.get("type") in ("get", "set"):
            self._answer(stanza)
        if stanza.tag in STANZAS:
            with self.changed:
                self.stanzas.append(stanza)
                self.changed.notify_all()

    def _answer(self, iq):
        """Like a real client: a ping is answered, everything else refused."""
        to = {"to": iq.get("from"), "id": iq.get("id")}
        if child(iq, "ping", "ping") is not None:
            self.send(el("iq", {**to, "type": "result"}))
        else:
            refusal = el("error", {"type": "cancel"}, el("service-unavailable", ns="stanzas"))
            self.send(el("iq", {**to, "type": "error"}, refusal))

    def send(self, xml):
        try:
            self.socket.sendall(xml.encode())
        except OSError as error:
            self.up = False
            raise Failed(f"{self.jid}: the link is down: {error}") from error

    def drop(self):
        """Lets the link go without a word, as a phone in a tunnel."""
        if self.socket:
            self.socket.close()
        self.up = False

    def close(self):
        if self.up:
            try:
                self.send(Xml("</stream:stream>"))
                self.socket.shutdown(socket.SHUT_RDWR)
            except (OSError, Failed):
                pass
        self.drop()

    # -- waiting

    def mark(self):
        with self.changed:
            return len(self.stanzas)

    def wait_for(self, predicate, seconds=20, what="a stanza", start=0):
        """The first stanza at or after index `start` that fits."""
        deadline = time.monotonic() + seconds
        with self.changed:
            seen = start
            while True:
                while seen < len(self.stanzas):
                    if predicate(self.stanzas[seen]):
                        return self.stanzas[seen]
                    seen += 1
                left = deadline - time.monotonic()
                if left <= 0 or not self.changed.wait(left):
                    raise Failed(f"{self.jid} did not see {what} within {seconds} s; saw:\n{self.recent()}")

    def recent(self, count=8):
        return "\n".join(shown(stanza)[:400] for stanza in self.stanzas[-count:])

    def ask(self, xml_child, to=None, kind="get", seconds=20):
        """An iq and its answer."""
        name = self.next_id()
        self.send(el("iq", {"type": kind, "id": name, "to": to}, xml_child))
        return self.wait_for(lambda s: s.get("id") == name and s.get("type") in ("result", "error"), seconds,
                             f"the answer of {to or 'the server'}")

    def error_of(self, stanza):
        error = child(stanza, "client", "error")
        if error is None:
            return None
        return text_of(error, "stanzas", "text") or ", ".join(e.tag.split("}")[1] for e in error)
