"""What passes to servers of HTTP/2 beside a request and its answer: fields behind a body, and other protocols."""

import socket

import h2.config
import h2.connection
import h2.events
import pytest

from EndToEnd.harness.framed import CONFIGURATION, GET, cut_after, shop
from EndToEnd.harness.frames import FrameServer, Streams, answers
from EndToEnd.harness.scripted import connect

__all__ = ["shop"]
UPGRADE = (b"GET /chat HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")


def test_a_websocket_becomes_a_stream_where_the_server_offers_that(shop):
    def agree(streams: Streams, stream: int, head: dict[str, str]) -> None:
        streams.head(stream, [(":status", "200"), ("x-server", "a")])
        streams.echoes.add(stream)

    # SETTINGS_ENABLE_CONNECT_PROTOCOL.
    running, server = shop(agree, waits=False, settings={8: 1})
    link = connect(running.port)
    link.send(UPGRADE)
    answer = link.head().lower()
    assert answer.startswith(b"http/1.1 101 ") and b"\r\nupgrade: websocket\r\n" in answer
    # The example of RFC 6455 section 1.3.
    assert b"\r\nsec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n" in answer
    for word in (b"hello", b"x" * 100_000, b"bye"):
        link.send(word)
        assert link.exactly(len(word)) == word
    (head,) = server.heads
    assert (head[":method"], head[":protocol"], head[":path"]) == ("CONNECT", "websocket", "/chat")
    assert "sec-websocket-key" not in head and head["sec-websocket-version"] == "13"
    link.socket.shutdown(socket.SHUT_WR)
    assert link.rest() == b""
    link.close()


def test_a_websocket_gets_a_reason_where_the_server_does_not(shop):
    running, server = shop(answers(b"no"))
    link = connect(running.port)
    link.send(UPGRADE)
    answer = link.head()
    assert answer.startswith(b"HTTP/1.1 502 ") and b"X-Ballast-Reason: no-upgrade" in answer
    assert not server.heads
    link.close()


def trailing(*fields: tuple[str, str]):
    def request(streams: Streams, stream: int, head: dict[str, str]) -> None:
        streams.head(stream, [(":status", "200")])
        streams.data(stream, b"body")
        streams.head(stream, list(fields), end=True)

    return request


def test_trailers_reach_a_client_that_takes_them(shop):
    running, server = shop(trailing(("x-sum", "42"), ("set-cookie", "evil=1"), ("authorization", "evil"), ("x-end", "")))
    asking = GET.replace(b"\r\n\r\n", b"\r\nTE: trailers\r\nConnection: TE, close\r\n\r\n")
    link = connect(running.port)
    link.send(asking)
    assert link.rest().endswith(b"4\r\nbody\r\n0\r\nx-sum: 42\r\nx-end: \r\n\r\n")
    link.close()
    link = connect(running.port)
    link.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert link.rest().endswith(b"4\r\nbody\r\n0\r\n\r\n")
    link.close()
    assert [head.get("te") for head in server.heads] == ["trailers", None]


@pytest.mark.parametrize("field", [("x-a", "b\r\nSet-Cookie: evil=1"), ("X-Upper", "1"), (":status", "200"), ("a b", "c"),
                                   ("connection", "close")], ids=str)
def test_trailers_that_could_not_be_written_cut_the_client(shop, field):
    running, _ = shop(trailing(field))
    received = cut_after(running.port)
    assert b"evil" not in received and not received.endswith(b"0\r\n\r\n")


def test_trailers_pass_from_a_client_of_http_2_to_a_server_and_back(ballast):
    server = FrameServer(trailing(("x-sum", "42")))
    running = ballast(CONFIGURATION.replace('{port}" }', '{port}", http2: true }'),
                      servers=f'"127.0.0.1:{server.port}"', more="")
    link = connect(running.port)
    client = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    client.initiate_connection()
    client.send_headers(1, [(":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "shop")])
    client.send_data(1, b"sent")
    client.send_headers(1, [("x-mine", "7"), ("host", "evil")], end_stream=True)
    link.send(client.data_to_send())
    events: list = []
    while not any(isinstance(event, h2.events.StreamEnded) for event in events):
        events += client.receive_data(link.socket.recv(65536))
    (found,) = [event.headers for event in events if isinstance(event, h2.events.TrailersReceived)]
    assert dict(found) == {"x-sum": "42"}
    assert b"".join(event.data for event in events if isinstance(event, h2.events.DataReceived)) == b"body"
    streams = server.connections[0]
    assert list(streams.trailers.values()) == [{"x-mine": "7"}] and bytes(*streams.bodies.values()) == b"sent"
    link.close()
    running.stop()
    server.stop()
