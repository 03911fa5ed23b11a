"""Stories of an XMPP server that is broken or hostile itself: what it sends goes straight into Rialto's parser. What
is too much costs only itself; what is no XML ends the link, with a sentence that says why, and the next link works."""
import socket
import threading
import xml.etree.ElementTree as ElementTree

from tests.harness.component import HEADER
from tests.harness.fault_ground import expect
from tests.harness.fault_spare import Spare
from tests.harness.process import until

PING = "<iq from='x@{0}' to='{0}' type='get' id='{1}'><ping xmlns='urn:xmpp:ping'/></iq>"
HEAD = "<message from='x@far.test' to='alice_matrix.test@{0}' type='chat' id='giant'>"
ENTITIES = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10))

GIANTS = {  # what one stanza may be too much of: it is skipped, and said
    "10 MB body": lambda: HEAD + "<body>" + "x" * 10_000_000 + "</body></message>",
    "10 MB of markup": lambda: HEAD + "<body>" + "&lt;" * 2_500_000 + "</body></message>",
    "depth 100,000": lambda: HEAD + "<a>" * 100_000 + "</a>" * 100_000 + "</message>",
    "1,000,000 siblings": lambda: HEAD + "<a/>" * 1_000_000 + "</message>",
    "20,000 attributes": lambda: HEAD + "<a " + " ".join(f"a{n}='1'" for n in range(20_000)) + "/></message>",
    "stream in a message": lambda: HEAD + "<stream:stream/></message>",
    "comment": lambda: HEAD + "<body>a<!-- <x> -->b</body></message>",
}
POISON = {  # what no XMPP stream may hold (RFC 6120 §11.1), or no XML
    "document type": "<!DOCTYPE x [<!ENTITY a 'a'>]>",
    "entity bomb": f"<!DOCTYPE x [<!ENTITY e0 'ha'>{ENTITIES}]><message><body>&e9;</body></message>",
    "external entity": "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><message><body>&a;</body></message>",
    "unknown entity": "<message><body>&nbsp;</body></message>",
    "processing instruction": "<?xml-stylesheet href='x'?><message/>",
    "NUL": "<message><body>a\0b</body></message>",
    "U+FFFE": "<message><body>\ufffe</body></message>",
    "C0 by reference": "<message><body>&#1;</body></message>",
    "bad UTF-8": b"<message><body>\xff\xfe</body></message>",
    "a surrogate": b"<message><body>\xed\xa0\x80</body></message>",
    "crossed tags": "<message><body></message></body>",
    "HTML": "<html><p>Bad gateway<br></html>",
}


class HostileServer:
    """Speaks XEP-0114 to one component at a time, sends its stanzas to itself back, and says whatever it likes."""

    def __init__(self, domain):
        self.domain, self.heard, self.changed = domain, [], threading.Condition()
        self.link, self.links = None, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True, name="hostile server").start()

    def _serve(self):
        while True:
            try:
                link, _ = self.listener.accept()
                self._talk(link)
            except (OSError, ElementTree.ParseError):
                if self.listener.fileno() < 0:
                    return

    def _talk(self, link):
        parser, depth = ElementTree.XMLPullParser(["start", "end"]), 0
        while data := link.recv(65536):
            parser.feed(data)
            for kind, element in parser.read_events():
                depth += 1 if kind == "start" else -1
                if kind == "start" and depth == 1:
                    link.sendall(HEADER.replace(">", f" from='{self.domain}' id='s1'>").encode())
                elif kind == "end" and depth == 1:
                    self._stanza(link, element)

    def _stanza(self, link, stanza):
        if stanza.tag.endswith("}handshake"):
            link.sendall(b"<handshake/>")
            with self.changed:
                self.link, self.links = link, self.links + 1
                self.changed.notify_all()
        elif stanza.get("to", "").partition("/")[0].rpartition("@")[2] == self.domain:
            link.sendall(ElementTree.tostring(stanza))
        with self.changed:
            self.heard.append(stanza)
            self.changed.notify_all()

    def linked(self, count):
        with self.changed:
            found = self.changed.wait_for(lambda: self.links >= count, 60)
        expect(found, f"no link {count} within 60 s")

    def say(self, text):
        self.link.sendall(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))

    def answered(self, name, seconds=60):
        with self.changed:
            return self.changed.wait_for(lambda: any(s.get("id") == name for s in self.heard), seconds)

    def close(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)  # a close alone would wait for accept()
        except OSError:
            pass
        self.listener.close()
        if self.link:
            self.link.close()


def hostile_giants(ground):
    """Straight into the parser: each is skipped and said, the link stays, and memory stays where it was."""
    server = HostileServer(ground.server.component)
    try:
        with Spare(ground, component_port=server.port) as spare:
            ground.told("link up", log=spare.log)
            server.linked(1)  # it may note it later than rialto
            for number, (name, make) in enumerate(GIANTS.items()):
                server.say(make().replace("{0}", server.domain))
                server.say(PING.format(server.domain, f"after-{number}"))
                expect(server.answered(f"after-{number}"), f"no answer after {name}:\n{spare.rialto.process.tail(5)}")
            peak = spare.peak_memory()
            expect("link down" not in spare.log.read_text(), f"the link went down:\n{spare.rialto.process.tail(5)}")
            expect(peak < 200_000, f"{peak} kB were used")
            return f"the link stayed up; at most {peak} kB of memory"
    finally:
        server.close()


def _poisoned(ground, poison):
    """Each on a link of its own, one after the other: name -> why Rialto ended that link."""
    server, told = HostileServer(ground.server.component), {}
    try:
        with Spare(ground, component_port=server.port) as spare:
            for number, (name, text) in enumerate(poison):
                server.linked(number + 1)
                until(lambda n=number: spare.log.read_text().count("link up") > n, 30, f"link {number + 1} to be up")
                mark = spare.log.stat().st_size
                server.say(text)
                line = ground.told("link down", mark, 30, spare.log)
                told[name] = line.partition("why=")[2].partition("again_in")[0]
                expect(spare.rialto.process.alive(), f"{name} ended rialto")
    finally:
        server.close()
    return told


def hostile_poison(ground):
    """What may not be in a stream ends it, with a sentence; Rialto comes back each time and works."""
    poison, told = list(POISON.items()), {}
    for at in range(0, len(poison), 4):  # links that end at once are tried again at ever longer intervals
        told.update(_poisoned(ground, poison[at:at + 4]))
    expect(all("broke: " in why for why in told.values()), f"some links ended without a reason: {told}")
    return f"{len(told)} links ended, each with a reason, as: {told['entity bomb']}"


STORIES = (hostile_giants, hostile_poison)
