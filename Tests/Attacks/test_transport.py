"""Row 50 and what it needs: PROXY headers from the wrong side, and hostile first messages of TLS clients.
Each is sent over a real socket, and nothing of it may reach the server behind."""

import concurrent.futures
import socket
import struct

import pytest

from Attacks.recorder import Recorder
from EndToEnd.harness.ballast import Ballast
from EndToEnd.harness.scripted import Link, Scripted
from EndToEnd.harness.waiting import free_port

CONFIGURATION = """\
listeners:
  trusting: { address: "127.0.0.1:{port}", service: shop, acceptProxyProtocol: { from: [ 127.0.0.0/8 ] } }
  wary: { address: "127.0.0.1:{wary}", service: shop, acceptProxyProtocol: { from: [ 203.0.113.0/24 ] } }
  plain: { address: "127.0.0.1:{plain}", service: shop }
  trusting-tcp: { address: "127.0.0.1:{trusting_tcp}", protocol: tcp, service: store, acceptProxyProtocol: { from: [ 127.0.0.1 ] } }
  wary-tcp: { address: "127.0.0.1:{wary_tcp}", protocol: tcp, service: store, acceptProxyProtocol: { from: [ 203.0.113.1 ] } }
  tls: { address: "127.0.0.1:{tls}", protocol: tls-passthrough, service: store }
services:
  shop: { servers: [ "127.0.0.1:{server}" ], health: { none: {} } }
  store: { protocol: tcp, servers: [ "127.0.0.1:{store}" ], health: { none: {} } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
REQUEST = b"GET /evil HTTP/1.1\r\nHost: shop\r\n\r\n"
IPV4 = socket.inet_aton("192.0.2.1") + socket.inet_aton("192.0.2.2") + struct.pack(">HH", 1, 2)


def binary(command: int, kind: int, body: bytes, size: int | None = None) -> bytes:
    return SIGNATURE + bytes([command, kind]) + struct.pack(">H", len(body) if size is None else size) + body


TEXT = b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"
GOOD = {"text": TEXT, "binary": binary(0x21, 0x11, IPV4)}
BAD = {
    "none at all": b"", "of lower case": TEXT.lower(), "of another protocol": TEXT.replace(b"TCP4", b"UDP4"),
    "with two spaces": TEXT.replace(b"TCP4 ", b"TCP4  "), "with a port too large": TEXT.replace(b" 2\r", b" 65536\r"),
    "with a negative port": TEXT.replace(b" 2\r", b" -2\r"), "with a name": TEXT.replace(b"192.0.2.1 ", b"localhost "),
    "with an address of the other family": TEXT.replace(b"TCP4", b"TCP6"), "with a bare LF": TEXT.replace(b"\r\n", b"\n"),
    "with a bare CR": TEXT.replace(b"\r\n", b"\r"), "without an end": b"PROXY UNKNOWN " + b"a" * 4000,
    "with NUL": TEXT.replace(b" 1 ", b"\0 1 "), "of version 3": binary(0x31, 0x11, IPV4), "of an unknown command": binary(0x22, 0x11, IPV4),
    "of an unknown family": binary(0x21, 0x51, IPV4), "of datagrams": binary(0x21, 0x12, IPV4), "too short": binary(0x21, 0x11, IPV4[:-1]),
    "of 64 KiB": binary(0x21, 0x11, IPV4 + b"\x04\xff\xf0" + b"a" * 65_000, 65_015), "with a value that is too long": binary(0x21, 0x11, IPV4 + b"\x04\x00\x09a"),
    "with half a value": binary(0x21, 0x11, IPV4 + b"\x04"), "with a wrong checksum": binary(0x21, 0x11, IPV4 + b"\x03\x00\x04abcd"),
    "with a broken signature": b"\r\n\r\n\0\r\nQUIT\r" + b"\x21\x11\x00\x0c" + IPV4,
}


class Transport:
    def __init__(self, folder) -> None:
        self.recorder, self.received = Recorder(), []
        self.store = Scripted(self._keep)
        names = {name: free_port() for name in ("wary", "plain", "trusting_tcp", "wary_tcp", "tls")}
        self.ballast = Ballast(folder, CONFIGURATION, server=self.recorder.port, store=self.store.port, **names).start()
        self.ports = names | {"trusting": self.ballast.port}
        self.pid = self.ballast.engine_pid()

    def _keep(self, link: Link, _: int) -> None:
        while data := link.socket.recv(65536):
            self.received.append(data)

    def is_closed(self, listener: str, data: bytes, slowly: bool = False, seconds: float = 5) -> bool:
        """Whether it was closed, and not behind an answer of the server's."""
        with socket.create_connection(("127.0.0.1", self.ports[listener]), 5) as link:
            link.settimeout(seconds)
            got = b""
            try:
                for piece in [data[i:i + 1] for i in range(len(data))] if slowly else [data]:
                    link.sendall(piece)
                while part := link.recv(65536):
                    got += part
            except (ConnectionResetError, BrokenPipeError):
                return True
            except TimeoutError:
                return False
            return b" 200 " not in got

    def stop(self) -> None:
        assert self.ballast.engine_pid() == self.pid, "the engine crashed"
        assert self.ballast.stop() == 0
        self.store.stop()
        self.recorder.stop()


@pytest.fixture(scope="module")
def transport(tmp_path_factory):
    running = Transport(tmp_path_factory.mktemp("transport"))
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def nothing_arrives(transport):
    yield
    assert not transport.received and not transport.recorder.requests


@pytest.mark.parametrize("listener", ["trusting", "trusting_tcp"])
@pytest.mark.parametrize("name", BAD)
def test_a_trusted_peer_must_send_a_header(transport, listener, name):
    assert transport.is_closed(listener, BAD[name] + REQUEST)


@pytest.mark.parametrize("slowly", [False, True], ids=["at once", "byte by byte"])
@pytest.mark.parametrize("listener", ["wary", "plain", "wary_tcp"])
@pytest.mark.parametrize("name", GOOD)
def test_nobody_else_may(transport, name, listener, slowly):
    assert transport.is_closed(listener, GOOD[name] + REQUEST, slowly)


def records(message: bytes, size: int = 16_384) -> bytes:
    parts = [message[start:start + size] for start in range(0, len(message), size)]
    return b"".join(b"\x16\x03\x01" + struct.pack(">H", len(part)) + part for part in parts)


def hello(extensions: bytes = b"", session: bytes = b"", suites: bytes = b"\x13\x01") -> bytes:
    body = b"\x03\x03" + bytes(32) + bytes([len(session)]) + session + struct.pack(">H", len(suites)) + suites + b"\x01\x00"
    body += struct.pack(">H", len(extensions)) + extensions
    return b"\x01" + struct.pack(">I", len(body))[1:] + body


def name(text: bytes) -> bytes:
    entry = b"\x00" + struct.pack(">H", len(text)) + text
    entries = struct.pack(">H", len(entry)) + entry
    return b"\x00\x00" + struct.pack(">H", len(entries)) + entries


HELLOS = {
    "HTTP": REQUEST, "SSH": b"SSH-2.0-OpenSSH_9.2\r\n", "an alert": b"\x15\x03\x01\x00\x02\x02\x28", "version 2": b"\x80\x2e\x01\x00\x02" + bytes(40),
    "a PROXY line": TEXT + records(hello(name(b"a.example"))), "a server's hello": records(b"\x02" + hello()[1:]), "zeros": bytes(64),
    "an empty record": b"\x16\x03\x01\x00\x00" + records(hello()), "a record too large": b"\x16\x03\x01\x40\x01" + bytes(16_385),
    "a name twice": records(hello(name(b"a.example") + name(b"b.example"))), "a name with NUL": records(hello(name(b"a.example\x00.b.example"))),
    "a name with a slash": records(hello(name(b"a/../b"))), "an empty name": records(hello(name(b""))), "a name of 300 bytes": records(hello(name(b"a" * 300))),
    "a name that is not ASCII": records(hello(name("bücher.example".encode()))), "a length beyond the end": records(hello(b"\x00\x00\x00\xff\x00")),
    "half an extension": records(hello(b"\x00\x00\x00")), "a session of 33 bytes": records(hello(session=bytes(33))),
    "an odd number of bytes of suites": records(hello(suites=b"\x13\x01\x13")), "no suites": records(hello(suites=b"")),
    "79 records of a byte": records(hello(session=bytes(32)), 1), "a message of 16 MiB": b"\x16\x03\x01\x40\x00\x01\xff\xff\xff" + bytes(16_380) + records(bytes(40_000)),
    "bytes behind its end": records(hello()[:3] + bytes([hello()[3] + 1]) + hello()[4:] + b"\x00"),
}


@pytest.mark.parametrize("kind", HELLOS)
def test_what_is_no_right_hello_is_closed(transport, kind):
    assert transport.is_closed("tls", HELLOS[kind])


def test_who_says_too_little_is_closed_in_time(transport):
    halves = [("tls", records(hello(name(b"a.example")))[:40]), ("tls", b""), ("trusting_tcp", TEXT[:20]), ("trusting", SIGNATURE), ("trusting", b"")]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        assert all(pool.map(lambda half: transport.is_closed(*half, seconds=15), halves))
