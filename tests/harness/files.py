"""Files that people of a scene send: the name decides every byte, so that whoever sees the name knows the content."""
import http.client
import random
import struct
import urllib.error
import urllib.parse
import urllib.request
import zlib

from tests.harness.process import Failed


def png(seed, width=24, height=16):
    """A picture that any viewer opens."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    luck = random.Random(seed)
    rows = b"".join(b"\0" + luck.randbytes(3 * width) for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def content_of(name):
    if name.startswith("fake"):
        return b"<html><script>alert(1)</script>" + name.encode()
    if name.endswith(".png"):
        return png(name)
    if name.endswith(".ogg"):
        return b"OggS\0\2" + bytes(22) + b"OpusHead" + random.Random(name).randbytes(900)
    if name.startswith("large"):
        return b"\0" + random.Random(name).randbytes(3_000_000)
    return b"\0\1" + random.Random(name).randbytes(2_000)


def kind_of(name):
    """What the bytes are: MIME type and Matrix msgtype."""
    ending = name.rpartition(".")[2]
    if name.startswith("fake"):
        return "image/png", "m.file"
    return {"png": ("image/png", "m.image"), "ogg": ("audio/ogg", "m.audio")}.get(
        ending, ("application/octet-stream", "m.file"))


def get(url, headers=None):
    """(status, headers, bytes) of a URL, followed nowhere."""
    request = urllib.request.Request(url, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read()


def put(url, data, headers):
    """An upload, its body as one piece."""
    at = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=20)
    connection.request("PUT", at.path + (f"?{at.query}" if at.query else ""), data, headers)
    status = connection.getresponse().status
    connection.close()
    if status not in (200, 201):
        raise Failed(f"PUT {url}: {status}")
