"""Servers that speak TLS: who they are, what is told of a failure and to whom, and that everything else goes on as without it."""

import hashlib
import os
import socket
import ssl
import subprocess
import threading

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.certificates import DAY, Authority
from EndToEnd.harness.tls_server import TLSServer
from EndToEnd.harness.waiting import free_port, wait_until

CONFIGURATION = """\
listeners:
  web: {{ address: "127.0.0.1:{{port}}" }}
routes: [ {{ {route} }} ]
services:
  shop:
    protocol: https
    servers: {servers}
    tls: {{ {tls} }}
    health: {{ none: {{}} }}
    {more}
{others}
admin: {{ address: "127.0.0.1:{{admin}}" }}
state: {{ path: "{{folder}}/state" }}
workers: 1
"""


def configuration(servers, tls: str, more: str = "", others: str = "", route: str = "service: shop") -> str:
    listed = "[ " + ", ".join(f'{{ name: {one.name}, address: "{one.address}" }}' for one in servers) + " ]"
    return CONFIGURATION.format(servers=listed, tls=tls, more=more, others=others, route=route)


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def pair(authority):
    """For 127.0.0.1 and shop.internal."""
    return authority.issue("shop.internal", "127.0.0.1")


@pytest.fixture
def servers():
    made: list[TLSServer] = []

    def make(pair, **options) -> TLSServer:
        made.append(TLSServer(pair.certificate, pair.key, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def events(running, kind: str) -> list[str]:
    return [event["message"] for event in running.get("/v1/events") if event["type"] == kind]


def failure(running) -> str:
    """The message of a try that failed."""
    return wait_until(lambda: "\n".join(events(running, "server-failed")), 5, "an event of the failure")


def test_requests_go_over_one_connection_whose_server_is_verified(ballast, servers, authority, pair):
    server = servers(pair)
    running = ballast(configuration([server], f'ca: "{authority.certificate}"'))
    for number in range(20):
        answer = request(running.port, "GET", f"/{number}")
        assert answer.status == 200 and answer.json()["path"] == f"/{number}"
    assert server.connections == 1
    # An address is no name that could be told.
    assert server.names == [None]
    body = os.urandom(3_000_000)
    answer = request(running.port, "POST", "/", body).json()
    assert (answer["length"], answer["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    answer = request(running.port, "GET", "/bytes/5000001")
    assert len(answer.body) == 5_000_001 and answer.body[-9:-1] == bytes(range(1, 9))
    assert server.connections == 1


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_sessions_are_resumed(ballast, servers, authority, pair, version):
    server = servers(pair, keeps=False, version=version)
    running = ballast(configuration([server], f'ca: "{authority.certificate}", serverName: shop.internal'))
    for _ in range(10):
        assert request(running.port, "GET", "/").status == 200
    assert (server.connections, server.resumed) == (10, 9)
    assert set(server.names) == {"shop.internal"}


@pytest.mark.parametrize("kind, words", [
    ("name", "certificate-name"), ("unknown", "certificate-untrusted"), ("expired", "certificate-expired"),
    ("begins", "certificate-not-yet-valid"), ("plain", "no TLS: "), ("old", "no TLS: ")])
def test_a_server_that_is_not_believed_gets_nothing_and_the_client_502(
        ballast, servers, authority, pair, tmp_path, scripted, kind, words):
    tls = f'ca: "{authority.certificate}", serverName: shop.internal'
    if kind == "name":
        server = servers(authority.issue("other.internal"))
    elif kind == "unknown":
        server = servers(Authority(tmp_path).issue("shop.internal"))
    elif kind == "expired":
        server = servers(authority.issue("shop.internal", file="expired", ends=-DAY / 2))
    elif kind == "begins":
        server = servers(authority.issue("shop.internal", file="future", begins=DAY))
    elif kind == "old":
        server = servers(pair, version=ssl.TLSVersion.TLSv1_2)
        tls += ', minVersion: "1.3"'
    else:
        # Row 30: what speaks before TLS, and what answers a hello with HTTP.
        listener = socket.create_server(("127.0.0.1", 0))

        def answer() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
                connection.close()

        threading.Thread(target=answer, daemon=True).start()

        class server:
            name, address, seen = "s", "127.0.0.1:%d" % listener.getsockname()[1], []

    running = ballast(configuration([server], tls))
    got = request(running.port, "GET", "/")
    assert (got.status, got.headers["x-ballast-reason"]) == (502, "connect-failure")
    assert server.seen == []
    assert words in failure(running)
    # Row 59: what went wrong between us and the server is nobody's matter outside.
    text = (str(got.headers) + got.text).lower()
    for word in ("certificate", "tls", "ssl", "expired", "127.0.0.1"):
        assert word not in text
    if kind == "plain":
        listener.close()


def test_who_does_not_verify_gets_an_answer(ballast, servers, tmp_path):
    server = servers(Authority(tmp_path).issue("other.internal"))
    running = ballast(configuration([server], "verify: false, serverName: any.internal"))
    assert request(running.port, "GET", "/").status == 200
    assert server.names == ["any.internal"]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_servers_may_ask_who_we_are(ballast, servers, authority, pair, version):
    own = authority.issue("ballast.internal", client=True)
    server = servers(pair, clients=authority.certificate, version=version)
    with_one = ballast(configuration(
        [server], f'ca: "{authority.certificate}", certificate: "{own.certificate}", key: "{own.key}"'))
    assert request(with_one.port, "GET", "/").json()["subject"] == "ballast.internal"
    without = ballast(configuration([server], f'ca: "{authority.certificate}"'))
    assert request(without.port, "GET", "/").status == 502
    # With TLS 1.3 the request is under way by then, and the server's reset may overtake its alert.
    words = failure(without)
    assert "refused" in words or version == ssl.TLSVersion.TLSv1_3 and "reset" in words


def test_a_server_that_says_nothing_of_tls_is_waited_for_as_long_as_for_a_connection(ballast, authority):
    listener = socket.create_server(("127.0.0.1", 0))

    class Silent:
        name, address = "s", "127.0.0.1:%d" % listener.getsockname()[1]

    running = ballast(configuration(
        [Silent], f'ca: "{authority.certificate}"', "timeouts: { connect: 300ms }\n    retries: { attempts: 0 }"))
    assert request(running.port, "GET", "/").status == 504
    assert "no TLS handshake in time" in failure(running)
    listener.close()


def test_an_end_that_nobody_announced_is_no_end(ballast, servers, authority, pair):
    server = servers(pair)
    running = ballast(configuration([server], f'ca: "{authority.certificate}"'))
    answer = request(running.port, "GET", "/until-close")
    assert answer.body == b"x" * 1000
    done = subprocess.run(
        ["curl", "-sS", "--max-time", "5", f"http://127.0.0.1:{running.port}/cut"], capture_output=True, text=True)
    # RFC 9112, section 9.8: it may be cut short, and the client must see that.
    assert done.returncode in (18, 56), done.stderr


def test_a_tunnel_goes_through(ballast, servers, authority, pair):
    server = servers(pair)
    running = ballast(configuration([server], f'ca: "{authority.certificate}"'))
    with socket.create_connection(("127.0.0.1", running.port), 10) as client:
        client.sendall(b"GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
        stream = client.makefile("rb")
        assert stream.readline() == b"HTTP/1.1 101 Switching Protocols\r\n"
        while stream.readline() != b"\r\n":
            pass
        for size in (1, 100, 70_000, 1_000_000):
            data = os.urandom(size)
            sender = threading.Thread(target=client.sendall, args=(data,))
            sender.start()
            assert stream.read(size) == data
            sender.join()
        client.shutdown(socket.SHUT_WR)
        assert stream.read() == b""


def test_hedges_and_mirrors_speak_tls_as_well(ballast, servers, authority, pair):
    slow, fast, shadow = servers(pair, name="slow"), servers(pair, name="fast"), servers(pair, name="shadow")
    tls = f'ca: "{authority.certificate}"'
    others = f'  shadow: {{ protocol: https, servers: [ "{shadow.address}" ], tls: {{ {tls} }}, health: {{ none: {{}} }} }}'
    running = ballast(configuration(
        [slow, fast], tls, "balance: first\n    retries: { hedge: 100ms }", others,
        "service: shop, mirror: { service: shadow }"))
    answer = request(running.port, "POST", "/slow/1", b"once").json()
    assert answer["server"] == "slow"
    answer = request(running.port, "GET", "/slow/0.5").json()
    assert answer["server"] == "fast" or len(fast.seen) == 1
    wait_until(lambda: len(shadow.seen) == 2, 10, "both copies")
    assert shadow.seen[0]["length"] == 4 and shadow.seen[0]["fields"]["x-ballast-mirror"] == "1"


def test_a_proxy_header_goes_ahead_of_tls(ballast, servers, authority, pair):
    server = servers(pair, proxy_header=True)
    running = ballast(configuration([server], f'ca: "{authority.certificate}"', "sendProxyProtocol: v1"))
    with socket.create_connection(("127.0.0.1", running.port), 10) as client:
        port = client.getsockname()[1]
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert b" 200 OK\r\n" in client.makefile("rb").read()
    assert server.headers == [f"PROXY TCP4 127.0.0.1 127.0.0.1 {port} {running.port}\r\n".encode()]


def test_a_reload_with_another_authority_leaves_no_old_connection_in_use(ballast, servers, authority, pair, tmp_path):
    server = servers(pair)
    good = configuration([server], f'ca: "{authority.certificate}"')
    running = ballast(good)
    assert request(running.port, "GET", "/").status == 200
    stranger = Authority(tmp_path / "..")
    running.write(configuration([server], f'ca: "{stranger.certificate}"'))
    running.reload()
    wait_until(lambda: events(running, "config-reloaded"), 5, "the reload")
    assert request(running.port, "GET", "/").status == 502
    running.write(good)
    running.reload()
    wait_until(lambda: len(events(running, "config-reloaded")) == 2, 5, "the reload")
    wait_until(lambda: request(running.port, "GET", "/").status == 200, 20, "the server is used again")


def test_nginx_behind_it(ballast, authority, pair, tmp_path):
    port = free_port()
    (tmp_path / "nginx.conf").write_text(f"""
daemon off; error_log stderr; pid {tmp_path}/nginx.pid;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {tmp_path}/body; proxy_temp_path {tmp_path}/proxy; fastcgi_temp_path {tmp_path}/f;
  uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;
  server {{
    listen 127.0.0.1:{port} ssl; server_name shop.internal;
    ssl_protocols TLSv1.3; ssl_certificate {pair.certificate}; ssl_certificate_key {pair.key};
    location / {{ return 200 "$ssl_server_name $ssl_protocol $connection_requests"; }}
  }}
}}
""")
    with subprocess.Popen(["nginx", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")], stderr=subprocess.DEVNULL) as nginx:
        class Server:
            name, address = "n", f"127.0.0.1:{port}"

        try:
            running = ballast(configuration([Server], f'ca: "{authority.certificate}", serverName: shop.internal'))
            first = wait_until(
                lambda: request(running.port, "GET", "/").text if request(running.port, "GET", "/").status == 200 else "", 10,
                "an answer of nginx")
            name, version, count = first.split()
            assert (name, version) == ("shop.internal", "TLSv1.3") and int(count) >= 1
            again = int(request(running.port, "GET", "/").text.split()[2])
            assert again > int(count)
        finally:
            nginx.terminate()
            nginx.wait(10)


def test_what_cannot_be_read_is_told_with_its_place(ballast):
    class Server:
        name, address = "s", "127.0.0.1:1"

    running = ballast(configuration([Server], 'ca: "missing.pem"'), start=False)
    done = running.run_command("check", str(running.file))
    assert done.returncode == 1
    assert "ballast.yaml:8:16: error: 'missing.pem': no such file or directory" in done.stdout + done.stderr
