"""Answers that are compressed on their way: what clients make of them, and what caches are told."""

import gzip
import json
import random
import subprocess
import threading
import zlib

import pytest

from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import Link, Scripted, connect
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
routes:
  - { match: { path: "/secret/*" }, service: shop, compression: false }
  - { service: shop }
services:
  shop: { servers: [ "127.0.0.1:{server}" ], health: { none: {} } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
compression: {compression}
log: { access: { path: access.log } }
"""
TEXT = "".join(f"<p class=\"line\">{number} of the text</p>\n" for number in range(4000)).encode()


class Unpacker:
    """Takes a compressed answer piece by piece."""

    def __init__(self, encoding: str) -> None:
        if encoding == "gzip":
            self.take = zlib.decompressobj(31).decompress
        elif encoding == "br":
            import brotli

            self.take = brotli.Decompressor().process
        else:
            import zstandard

            assert encoding == "zstd"
            self.take = zstandard.ZstdDecompressor().decompressobj().decompress


def unpack(encoding: str, data: bytes) -> bytes:
    if encoding == "br":
        import brotli

        # Unlike the piecemeal one it tells an end that is missing.
        return brotli.decompress(data)
    return gzip.decompress(data) if encoding == "gzip" else Unpacker(encoding).take(data)


class Reply:
    def __init__(self, raw: bytes) -> None:
        head, _, self.raw = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.fields = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines[1:])]

    def __getitem__(self, name: str) -> str | None:
        found = [value for key, value in self.fields if key == name]
        return ", ".join(found) if found else None

    @property
    def content(self) -> bytes:
        """Without its framing; an error where that is broken."""
        if self["transfer-encoding"] != "chunked":
            return self.raw
        content, rest = b"", self.raw
        while True:
            size, _, rest = rest.partition(b"\r\n")
            count = int(size, 16)
            content, end, rest = content + rest[:count], rest[count:count + 2], rest[count + 2:]
            assert end == b"\r\n"
            if count == 0:
                assert rest == b""
                return content


def ask(port: int, path: str = "/", accept: str | None = "gzip", *fields: str, method: str = "GET", version: str = "1.1") -> Reply:
    lines = [f"{method} {path} HTTP/{version}", "Host: shop", "Connection: close", *fields]
    if accept is not None:
        lines.append(f"Accept-Encoding: {accept}")
    client = connect(port)
    client.send("\r\n".join(lines).encode() + b"\r\n\r\n")
    return Reply(client.rest())


@pytest.fixture
def shop(ballast):
    """`shop(script, compression)`: the script gets the link and each request's head, until it ends."""
    made = []

    def make(script, compression: str = "true"):
        def serve(link: Link, number: int) -> None:
            while True:
                script(link, link.head())

        server = Scripted(serve)
        made.append(server)
        running = ballast(CONFIGURATION, server=server.port, compression=compression)
        made.append(running)
        return running

    yield make
    for one in made:
        if isinstance(one, Scripted):
            one.stop()
        else:
            wait_until(lambda: Metrics(one.metrics()).sum("ballast_server_inflight") == 0, 5, "no request under way")


def answer(content: bytes, *fields: str, status: str = "200 OK", type_: str = "text/html") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {type_}", f"Content-Length: {len(content)}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def text(link: Link, head: bytes) -> None:
    link.send(answer(b"" if head.startswith(b"HEAD") else TEXT, 'ETag: "v1"', "Accept-Ranges: bytes")
              .replace(b"Content-Length: 0", b"Content-Length: %d" % len(TEXT)))


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_a_client_gets_what_it_takes_and_what_it_unpacks_is_the_original(shop, encoding):
    running = shop(text)
    reply = ask(running.port, "/", f"deflate, {encoding}")
    assert (reply.status, reply["content-encoding"], reply["vary"]) == (200, encoding, "Accept-Encoding")
    assert (reply["content-length"], reply["accept-ranges"]) == (None, None)
    assert reply["etag"] == f'W/"v1+{encoding}"'
    assert unpack(encoding, reply.content) == TEXT and len(reply.raw) < len(TEXT) / 4
    plain = ask(running.port, "/", None)
    assert (plain.content, plain["content-encoding"], plain["vary"]) == (TEXT, None, "Accept-Encoding")
    assert (plain["etag"], plain["accept-ranges"]) == ('"v1"', "bytes")
    metrics = Metrics(running.metrics())
    assert metrics.problems == []
    assert metrics.sum("ballast_compressed_answers_total", encoding=encoding) == 1
    assert metrics.sum("ballast_compression_input_bytes_total", encoding=encoding) == len(TEXT)
    assert metrics.sum("ballast_compression_output_bytes_total", encoding=encoding) == len(reply.content)
    log = running.folder / "access.log"
    wait_until(lambda: log.exists() and log.read_text().count("\n") == 2, 5, "two lines")
    first, second = (json.loads(line) for line in log.read_text().splitlines())
    assert (first["encoding"], first["serverBytes"], first["answerBytes"]) == (encoding, len(TEXT), len(reply.content))
    assert "encoding" not in second and second["answerBytes"] == len(TEXT)


def test_curl_unpacks_what_it_asks_for(shop, tmp_path):
    running = shop(text)
    for options in ([], ["--http1.0"]):
        done = subprocess.run(
            ["curl", "-sS", "--compressed", *options, "-D", str(tmp_path / "head"), f"http://127.0.0.1:{running.port}/"],
            capture_output=True, timeout=20, check=True)
        assert done.stdout == TEXT
        assert "Content-Encoding: " in (tmp_path / "head").read_text()


def test_an_old_client_gets_an_answer_that_ends_with_its_connection(shop):
    running = shop(text)
    reply = ask(running.port, "/", "gzip", "X: y", version="1.0")
    assert (reply["transfer-encoding"], reply["connection"]) == (None, "close")
    assert gzip.decompress(reply.raw) == TEXT


def test_head_has_the_fields_of_get_and_no_body(shop):
    running = shop(text)
    client = connect(running.port)
    client.send(b"HEAD / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n")
    head = Reply(client.head())
    assert (head["content-encoding"], head["etag"], head["vary"]) == ("br", 'W/"v1+br"', "Accept-Encoding")
    assert (head["content-length"], head["transfer-encoding"], head["accept-ranges"]) == (None, None, None)
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert Reply(client.rest()).content == TEXT


def test_questions_about_a_copy_work_for_every_copy(shop):
    seen = []

    def script(link: Link, head: bytes) -> None:
        lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if ": " in line)
        seen.append(lines)
        if lines.get("If-None-Match") == '"v1"':
            link.send(b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n')
        elif "If-Match" in lines and lines["If-Match"] != '"v1"':
            link.send(answer(b"", status="412 Precondition Failed"))
        else:
            link.send(answer(TEXT, 'ETag: "v1"'))

    running = shop(script)
    for accept in ("gzip", "br", "zstd", "identity"):
        tag = ask(running.port, "/", accept)["etag"]
        again = ask(running.port, "/", accept, f"If-None-Match: {tag}")
        assert (again.status, again["etag"], again.raw) == (304, tag, b"")
        changed = ask(running.port, "/", accept, f"If-Match: {tag}", method="PUT")
        assert changed.status == 200
        assert ask(running.port, "/", accept, 'If-Match: W/"v0+gzip"', method="PUT").status == 412
    # Parts of the content as it is are no parts of a compressed copy.
    ask(running.port, "/", "gzip", "Range: bytes=1-2", 'If-Range: W/"v1+gzip"')
    assert seen[-1]["If-Range"] == 'W/"v1+gzip"'


UNFIT = {
    "encoded already": answer(TEXT, "Content-Encoding: br"), "no-transform": answer(TEXT, "Cache-Control: no-transform"),
    "an image": answer(TEXT, type_="image/png"), "small": answer(b"small"), "empty": answer(b""),
    "a part": answer(TEXT, "Content-Range: bytes 0-9/10", status="206 Partial Content"),
    "no content": b"HTTP/1.1 204 No Content\r\nContent-Type: text/html\r\n\r\n",
    "an error": answer(TEXT, status="404 Not Found"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_what_does_not_fit_stays_as_it_is(shop, name):
    running = shop(lambda link, head: link.send(UNFIT[name]))
    got, expected = ask(running.port, "/", "gzip, br, zstd"), Reply(UNFIT[name])
    assert (got.status, got["content-encoding"], got["vary"]) == (expected.status, expected["content-encoding"], None)
    assert got.content == expected.raw


def test_a_route_may_say_no(shop):
    running = shop(text)
    got = ask(running.port, "/secret/", "gzip")
    assert (got.content, got["content-encoding"], got["vary"]) == (TEXT, None, None)


def test_a_reload_turns_it_on_and_off(shop):
    running = shop(text, "false")
    assert ask(running.port)["content-encoding"] is None

    def is_on() -> bool:
        return ask(running.port)["content-encoding"] == "gzip"

    running.write(CONFIGURATION, compression="{ encodings: [ gzip ], levels: { gzip: 1 } }")
    running.reload()
    wait_until(is_on, 5, "compressed answers")
    running.write(CONFIGURATION, compression="false")
    running.reload()
    wait_until(lambda: not is_on(), 5, "plain answers")


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_events_come_when_they_are_sent_and_not_later(shop, encoding):
    go_on = threading.Semaphore(0)

    def script(link: Link, head: bytes) -> None:
        link.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for number in range(20):
            event = b"data: %d\n\n" % number
            # A chunk's end may come later than the chunk.
            link.send(b"%x\r\n%s" % (len(event), event))
            if number % 2 == 0:
                link.send(b"\r\n")
            assert go_on.acquire(timeout=10)
            if number % 2 == 1:
                link.send(b"\r\n")
        link.send(b"0\r\n\r\n")

    running = shop(script)
    client = connect(running.port)
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: %s\r\n\r\n" % encoding.encode())
    assert Reply(client.head())["content-encoding"] == encoding
    unpacker, content = Unpacker(encoding), b""
    for number in range(20):
        while not content.endswith(b"data: %d\n\n" % number):
            size = int(client.until(b"\r\n"), 16)
            content += unpacker.take(client.exactly(size))
            client.exactly(2)
        go_on.release()
    assert content == b"".join(b"data: %d\n\n" % number for number in range(20))


def test_bodies_in_any_pieces_from_a_server_that_says_no_length(shop):
    source = random.Random(7)
    bodies = {}

    def script(link: Link, head: bytes) -> None:
        path = head.split(b" ")[1]
        rest = bodies[path]
        link.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
        while rest:
            count = source.randrange(1, 40000)
            piece, rest = rest[:count], rest[count:]
            link.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        link.send(b"0\r\n\r\n")

    running = shop(script)
    for number in range(30):
        path = b"/%d" % number
        size = source.choice([0, 1, 1000, 65536, 300000])
        bodies[path] = bytes(source.choices(b"abc <>\n", k=size)) if number % 2 else source.randbytes(size)
        encoding = source.choice(["gzip", "br", "zstd"])
        reply = ask(running.port, path.decode(), encoding)
        assert reply["content-encoding"] == encoding
        assert unpack(encoding, reply.content) == bodies[path]


def test_pipelined_requests_get_their_answers_in_order(shop):
    def script(link: Link, head: bytes) -> None:
        link.send(answer(head.split(b" ")[1] * 1000))

    running = shop(script)
    client = connect(running.port)
    client.send(b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n" % number for number in range(20)))
    for number in range(20):
        assert b"Content-Encoding: gzip" in client.head()
        packed = b""
        while size := int(client.until(b"\r\n"), 16):
            packed += client.exactly(size)
            client.exactly(2)
        client.exactly(2)
        assert gzip.decompress(packed) == b"/%d" % number * 1000


@pytest.mark.parametrize("framing", ["Content-Length: 1000000", "Transfer-Encoding: chunked"])
def test_an_answer_that_breaks_off_never_looks_whole(shop, framing):
    def script(link: Link, head: bytes) -> None:
        part = TEXT[:50000] if "Length" in framing else b"c350\r\n" + TEXT[:50000] + b"\r\n"
        link.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n%s\r\n\r\n%s" % (framing.encode(), part))
        link.close()

    running = shop(script)
    client = connect(running.port)
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
    with pytest.raises(OSError):
        client.rest()
    assert not client.kept.endswith(b"0\r\n\r\n")


def test_clients_that_leave_or_read_nothing_hold_no_memory_and_no_encoder(shop):
    noise = random.Random(1).randbytes(1 << 20)

    def script(link: Link, head: bytes) -> None:
        link.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % (200 << 20))
        for _ in range(200):
            link.send(noise)

    running = shop(script)

    def memory() -> int:
        for line in open(f"/proc/{running.engine_pid()}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) << 10
        raise AssertionError

    # More than may be compressed at a time: the others get it as it is.
    before = memory()
    clients = [connect(running.port) for _ in range(140)]
    for client in clients:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
    heads = [client.head() for client in clients]
    packed = [head for head in heads if b"Content-Encoding: gzip" in head]
    assert len(packed) == 128 and all(b"Vary: Accept-Encoding" in head for head in heads)
    assert Metrics(running.metrics()).sum("ballast_compression_skipped_total") == 12
    assert memory() - before < 140 * (2 << 20)
    for client in clients:
        client.reset()
    wait_until(lambda: Metrics(running.metrics()).sum("ballast_connections") == 0, 10, "no client")
    # Each place is free again.
    client = connect(running.port)
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
    assert b"Content-Encoding: gzip" in client.head()
    client.reset()


def test_a_huge_answer_passes_in_constant_memory(shop):
    pages = 100
    page = (TEXT * 8)[:1 << 20]

    def script(link: Link, head: bytes) -> None:
        link.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % (pages << 20))
        for _ in range(pages):
            link.send(page)

    running = shop(script)
    client = connect(running.port)
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: zstd\r\nConnection: close\r\n\r\n")
    client.socket.settimeout(60)
    reply = Reply(client.rest())
    assert unpack("zstd", reply.content) == page * pages
    peak = next(line for line in open(f"/proc/{running.engine_pid()}/status") if line.startswith("VmHWM"))
    assert int(peak.split()[1]) < 200 << 10, peak
