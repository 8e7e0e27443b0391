"""HTTP written by hand: HTTP/1.1 requests byte by byte, HTTP/2 frames, and what comes back."""
import json
import socket
import struct
from urllib.parse import urlsplit

TIMEOUT = 15

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def connect(url, timeout=TIMEOUT):
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port), timeout)


def message(method, path, body=None, headers=()):
    """The bytes of a request; a header given with the value None is left out."""
    fields = {"Host": "localhost", "Accept": "application/json", "Connection": "close"}
    if body is not None:
        fields |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    fields |= dict(headers)
    lines = [f"{method} ".encode() + (path if isinstance(path, bytes) else path.encode()) + b" HTTP/1.1"]
    lines += [f"{name}: {value}".encode("latin-1") for name, value in fields.items() if value is not None]
    return b"\r\n".join(lines) + b"\r\n\r\n" + (body or b"")


def read_answer(connection):
    """-> (status, body); (0, b"") for a connection that ended without an answer."""
    data = b""
    while True:
        try:
            piece = connection.recv(1 << 16)
        except ConnectionResetError:
            break
        if not piece:
            break
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 "):
        return 0, data
    if b"transfer-encoding: chunked" in head.lower():
        body = unchunked(body)
    return int(head[9:12]), body


def unchunked(data):
    body = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        count = int(size, 16)
        body, data = body + data[:count], data[count + 2:]
    return body


def exchange(url, data):
    """Sends the bytes on a connection of their own; -> (status, decoded body)."""
    with connect(url) as connection:
        try:
            connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # The server need not read to the end what it refuses.
        status, body = read_answer(connection)
    try:
        return status, json.loads(body)
    except (ValueError, RecursionError):
        return status, body.decode("utf-8", "replace")


# HTTP/2

def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    """A header that no table knows or keeps."""
    return b"\x00" + length(len(name)) + name + length(len(value)) + value


def length(count):
    """An HPACK integer behind a 7-bit prefix, no Huffman."""
    if count < 127:
        return bytes([count])
    out, count = b"\x7f", count - 127
    while count >= 128:
        out, count = out + bytes([count % 128 | 128]), count // 128
    return out + bytes([count])


def request_fields(path=b"/version", method=b"GET"):
    pairs = [(b":method", method), (b":scheme", b"http"), (b":path", path), (b":authority", b"localhost")]
    return b"".join(literal(name, value) for name, value in pairs)


class HTTP2:
    """A connection with prior knowledge, its settings exchanged."""

    def __init__(self, url):
        self.socket = connect(url)
        self.socket.sendall(PREFACE + frame(SETTINGS))
        self.buffer = b""
        self.settings = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """-> whether the server still took it."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def read(self):
        """The next frame as (kind, flags, stream, payload); None at the end."""
        try:
            while len(self.buffer) < 9 or len(self.buffer) < 9 + int.from_bytes(self.buffer[:3]):
                piece = self.socket.recv(1 << 16)
                if not piece:
                    return None
                self.buffer += piece
        except ConnectionResetError:
            return None
        size = int.from_bytes(self.buffer[:3])
        head, payload, self.buffer = self.buffer[:9], self.buffer[9:9 + size], self.buffer[9 + size:]
        return head[3], head[4], int.from_bytes(head[5:9]) & 0x7FFFFFFF, payload

    def end(self):
        """Reads to the end; -> the code of GOAWAY or RST_STREAM that came last, None when there was none."""
        code = None
        while received := self.read():
            kind, _, _, payload = received
            if kind == GOAWAY:
                code = int.from_bytes(payload[4:8])
            elif kind == RST_STREAM:
                code = int.from_bytes(payload[:4])
        return code
