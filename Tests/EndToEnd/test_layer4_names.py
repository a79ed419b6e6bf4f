"""Layer 4 and who is who: TLS by the name that is asked for, PROXY headers, unix sockets."""

import pathlib
import socket
import stat
import struct
import threading

import pytest

from EndToEnd.harness.ballast import wait_for_port
from EndToEnd.harness.scripted import Link, Scripted, connect, ok
from EndToEnd.harness.layer4 import REST, Certificate, TLSServer, echo, is_reset, line_of, lines, tls
from EndToEnd.harness.waiting import free_port, wait_until

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"

# MARK: TLS that is passed through

PASS = """\
listeners:
  secure: { address: "127.0.0.1:{port}", protocol: tls-passthrough, service: other }
routes:
  - { listeners: [ secure ], match: { host: a.example }, service: a }
  - { listeners: [ secure ], match: { host: a.example, alpn: [ special ] }, service: b }
  - { listeners: [ secure ], match: { host: b.example }, service: b }
  - { listeners: [ secure ], match: { host: "*.b.example" }, service: a }
services:
  a: { protocol: tcp, servers: [ "127.0.0.1:{a}" ], health: { none: {} } }
  b: { protocol: tcp, servers: [ "127.0.0.1:{b}" ], health: { none: {} } }
  other: { protocol: tcp, servers: [ "127.0.0.1:{other}" ], health: { none: {} } }
""" + REST


def test_tls_goes_to_the_server_of_its_name_undecrypted(ballast, stopped, tmp_path):
    servers = {name: stopped(TLSServer(Certificate(tmp_path, f"{name}.example"), "special")) for name in ("a", "b", "other")}
    for server in servers.values():
        wait_for_port(server.port)
    running = ballast(PASS, **{name: server.port for name, server in servers.items()})
    assert tls(running.port, "a.example") == ("a.example", "olleh")
    assert tls(running.port, "B.Example") == ("b.example", "olleh")
    assert tls(running.port, "c.example") == ("other.example", "olleh")
    assert tls(running.port, None) == ("other.example", "olleh")
    assert tls(running.port, "a.example", alpn="special") == ("b.example", "olleh")
    assert tls(running.port, "x.y.b.example") == ("a.example", "olleh")
    named = [line.get("serverName") for line in wait_until(lambda: len(lines(running)) >= 6 and lines(running), 5, "six lines")]
    # Each worker writes its own lines.
    assert sorted(map(str, named)) == ["None", "a.example", "a.example", "b.example", "c.example", "x.y.b.example"]


def test_what_is_no_hello_reaches_nobody(ballast, scripted):
    server = scripted(echo)
    running = ballast(PASS, a=server.port, b=server.port, other=server.port)
    for data in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00", SIGNATURE, b"\x80\x2e\x01"):
        link = connect(running.port)
        link.send(data)
        assert is_reset(link)
    assert {line["reason"] for line in wait_until(lambda: len(lines(running)) == 4 and lines(running), 5, "four lines")} == {"bad-client-hello"}
    assert not server.links


# MARK: PROXY headers

HEADED = """\
listeners:
  web: { address: "127.0.0.1:{port}", service: shop, acceptProxyProtocol: { from: [ {trusted} ] } }
  db: { address: "127.0.0.1:{db}", protocol: tcp, service: store, acceptProxyProtocol: { from: [ {trusted} ] } }
services:
  shop: { servers: [ "127.0.0.1:{server}" ], health: { http: {} }, {send} }
  store: { protocol: tcp, servers: [ "127.0.0.1:{server}" ], health: { none: {} }, {send} }
""" + REST
LINE = b"PROXY TCP4 203.0.113.9 198.51.100.1 40000 443\r\n"
BINARY = SIGNATURE + b"\x21\x11" + struct.pack(">H", 12) + socket.inet_aton("203.0.113.9") + socket.inet_aton("198.51.100.1") + struct.pack(">HH", 40000, 443)


class Recording:
    """Takes a PROXY header if there is one, then answers HTTP or echoes; keeps all headers."""

    def __init__(self) -> None:
        self.headers: list[bytes] = []
        self.heads: list[bytes] = []

    def __call__(self, link: Link, _: int) -> None:
        start = link.exactly(1)
        if start == b"P":
            start += link.until(b"\r\n")
        elif start == b"\r":
            start += link.exactly(15)
            start += link.exactly(struct.unpack(">H", start[14:16])[0])
        else:
            link.kept = start + link.kept
            start = b""
        self.headers.append(start)
        while True:
            first = link.exactly(4)
            if first == b"echo":
                link.send(first)
                continue
            self.heads.append(first + link.head())
            link.send(ok(b"hi"))


@pytest.mark.parametrize("header", [LINE, BINARY], ids=["text", "binary"])
def test_the_client_is_who_the_header_says(ballast, scripted, header):
    recording = Recording()
    running = ballast(HEADED, trusted="127.0.0.0/8", db=free_port(), server=scripted(recording).port, send="slowStart: 0s")
    running.wait_for_healthy("shop", 1)
    link = connect(running.port)
    # Byte by byte, with the request right behind.
    for byte in header:
        link.send(bytes([byte]))
    link.send(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
    assert link.answer() == (200, b"hi")
    link.send(b"GET /2 HTTP/1.1\r\nHost: shop\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n")
    assert link.answer() == (200, b"hi")
    for head in recording.heads[-2:]:
        assert b"X-Forwarded-For: 203.0.113.9\r\n" in head and b"6.6.6.6" not in head
    assert line_of(running)["client"] == "203.0.113.9"
    link.close()


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_servers_are_told_who_the_client_is(ballast, scripted, version):
    recording = Recording()
    running = ballast(HEADED, trusted="127.0.0.1", db=free_port(), server=scripted(recording).port, send=f"sendProxyProtocol: {version}")
    wanted = {"v1": LINE, "v2": BINARY}[version]
    stream = connect(running.names["db"])
    stream.send({"v1": BINARY, "v2": LINE}[version] + b"echo")
    assert stream.exactly(4) == b"echo"
    assert wanted in recording.headers
    stream.close()
    # The checks speak for themselves, and pass.
    running.wait_for_healthy("shop", 1)
    own = {"v1": b"PROXY UNKNOWN\r\n", "v2": SIGNATURE + b"\x20\0\0\0"}[version]
    assert own in recording.headers
    # Two clients of HTTP never share a connection.
    before = recording.headers.count(wanted)
    for _ in range(2):
        link = connect(running.port)
        link.send(LINE + b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
        assert link.answer() == (200, b"hi")
        link.close()
    assert recording.headers.count(wanted) == before + 2


def test_a_balancer_that_checks_is_no_client(ballast, scripted):
    running = ballast(HEADED, trusted="127.0.0.1", db=free_port(), server=scripted(Recording()).port, send="slowStart: 0s")
    running.wait_for_healthy("shop", 1)
    link = connect(running.port)
    link.send(SIGNATURE + b"\x20\0\0\0" + b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
    assert link.answer() == (200, b"hi")
    assert line_of(running)["client"] == "127.0.0.1"
    link.close()


# MARK: Unix sockets

UNIX = """\
listeners:
  web: { address: "unix:{folder}/web.sock", service: shop, mode: "{mode}" }
  db: { address: "unix:{folder}/db.sock", protocol: tcp, service: store }
services:
  shop: { servers: [ "unix:{server}" ], health: { none: {} } }
  store: { protocol: tcp, servers: [ "unix:{server}" ], health: { none: {} } }
""" + REST


class UnixServer(Scripted):
    def __init__(self, script, path: pathlib.Path) -> None:
        self.path = path
        self.script, self.links, self.failures = script, [], []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()


def over(path: pathlib.Path) -> Link:
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(10)
    link.connect(str(path))
    return Link(link)


def test_unix_sockets_serve_on_both_sides(ballast, stopped, tmp_path):
    server = stopped(UnixServer(Recording(), tmp_path / "server.sock"))
    running = ballast(UNIX, start=False, server=server.path, mode="0600")
    web, db = running.folder / "web.sock", running.folder / "db.sock"
    # The file of one that ended without tidying up.
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(web))
    stale.close()
    running.start()
    assert stat.S_IMODE(web.stat().st_mode) == 0o600 and stat.S_IMODE(db.stat().st_mode) == 0o660
    link = over(web)
    link.send(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
    assert link.answer() == (200, b"hi")
    stream = over(db)
    stream.send(b"echo")
    assert stream.exactly(4) == b"echo"
    assert line_of(running)["client"] == "unix"
    # Other permissions are given to the file that is there, and a stream goes on.
    running.write(UNIX, mode="0666")
    running.reload()
    wait_until(lambda: stat.S_IMODE(web.stat().st_mode) == 0o666, 5, "the new permissions")
    stream.send(b"echo")
    assert stream.exactly(4) == b"echo"
    other = over(web)
    other.send(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
    assert other.answer() == (200, b"hi")
    for one in (link, stream, other):
        one.close()
    assert running.stop() == 0
    assert not web.exists() and not db.exists()


def test_a_socket_that_somebody_listens_at_is_not_taken(ballast, stopped, tmp_path):
    running = ballast(UNIX, start=False, server=tmp_path / "none.sock", mode="0600")
    other = stopped(UnixServer(echo, running.folder / "web.sock"))
    running.start(wait=False)
    assert running.process.wait(15) != 0
    assert "is in use" in running.output()
    running.process = None
    assert other.path.exists()
