"""A component of somebody else on the same server (XEP-0114): says whatever it likes, under any name of its domain."""
import hashlib
import re
import socket
import threading
import time

from tests.harness.process import Failed


class Stranger:
    def __init__(self, server):
        self.domain, self.heard = server.stranger, b""
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
                    return
                self.heard += data
        except OSError:
            pass

    def send(self, xml):
        self.socket.sendall(xml if isinstance(xml, bytes) else xml.encode())

    def wait(self, text, seconds=20):
        deadline = time.monotonic() + seconds
        while text.encode() not in self.heard:
            if time.monotonic() > deadline:
                raise Failed(f"{self.domain} was not answered with {text!r}: {self.heard[-500:]!r}")
            time.sleep(0.05)

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)  # a close alone would wait for the reader
        except OSError:
            pass
        self.socket.close()
