"""HTTP/2 over TLS, agreed on by ALPN: programs, a library, and a browser."""

import concurrent.futures
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading

import httpx
import pytest
import websockets.sync.server
from playwright.sync_api import sync_playwright

from Attacks.case import Reply
from Attacks.recorder import Recorder
from EndToEnd.harness.ballast import Ballast
from EndToEnd.harness.certificates import Authority
from EndToEnd.harness.waiting import free_port, wait_until
from HTTP2.frames import GOAWAY, Link, get, headers

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}", tls: { certificates: [ {pair} ] } }
  old: { address: "127.0.0.1:{old}", tls: { certificates: [ {pair} ] }, http2: false }
services:
  shop:
    servers: [ "127.0.0.1:{server}" ]
    health: { none: {} }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
log: { access: { path: "{folder}/access.log", format: combined } }
workers: 1
"""
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    recorder = Recorder()
    old, folder = free_port(), tmp_path_factory.mktemp("tls")
    pair = Authority(folder).issue("shop.example", "127.0.0.1")
    running = Ballast(folder, CONFIGURATION, server=recorder.port, old=old, pair=pair.listed).start()
    running.recorder, running.old = recorder, old
    yield running
    code = running.stop()
    recorder.stop()
    assert code == 0, running.output()


@pytest.fixture(autouse=True)
def answers_as_ever(shop):
    shop.recorder.begin(Reply())


def connect(port: int, *protocols: str) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), 10), server_hostname="shop.example")


@pytest.mark.parametrize(
    "offered, agreed", [(("h2", "http/1.1"), "h2"), (("http/1.1", "h2"), "h2"), (("h2",), "h2"), (("http/1.1",), "http/1.1"), ((), None)])
def test_what_is_spoken_is_agreed_on(shop, offered, agreed):
    with connect(shop.port, *offered) as link:
        assert link.selected_alpn_protocol() == agreed


def test_http2_can_be_switched_off(shop):
    with connect(shop.old, "h2", "http/1.1") as link:
        assert link.selected_alpn_protocol() == "http/1.1"


def test_a_request(shop):
    with Link(shop.port, link=connect(shop.port, "h2")) as link:
        link.send(headers(1, get("/secret")))
        assert link.answer(1)[":status"] == "200"
        assert link.body(1) == b"ok"
        link.lives()
    (request,) = shop.recorder.requests
    assert request.field("x-forwarded-proto") == ["https"]


def test_many_streams_and_large_answers(shop):
    body = os.urandom(300_000)
    shop.recorder.begin(Reply(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body))
    with httpx.Client(http2=True, verify=False) as client:
        for n in range(10):
            answer = client.post(f"https://127.0.0.1:{shop.port}/{n}", content=body)
            assert (answer.http_version, answer.content == body) == ("HTTP/2", True)
    assert [one.body == body for one in shop.recorder.requests] == [True] * 10


def test_curl_and_h2load(shop):
    found = subprocess.run(
        ["curl", "-sSk", "--http2", "-w", " %{http_version}", f"https://127.0.0.1:{shop.port}/"], capture_output=True, text=True,
        timeout=20)
    assert found.stdout == "ok 2", found.stderr
    found = subprocess.run(
        ["h2load", "-n", "1000", "-c", "4", "-m", "50", f"https://127.0.0.1:{shop.port}/"], capture_output=True, text=True, timeout=50)
    assert re.search(r"1000 succeeded, 0 failed, 0 errored", found.stdout), found.stdout


def test_a_mistake_is_told_before_the_end(shop):
    with Link(shop.port, link=connect(shop.port, "h2")) as link:
        link.send(headers(2))
        assert link.ended().kind == GOAWAY


def browse(visit) -> None:
    """`visit(page)` in a browser, and in a thread of its own: the browser of the dashboard's tests may have a loop in
    this one."""

    def run() -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            visit(browser.new_context(ignore_https_errors=True).new_page())
            browser.close()

    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        thread.submit(run).result(50)


def test_a_browser(shop):
    shop.recorder.begin(Reply(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 44\r\n\r\n<title>shop</title><script src=a.js></script"))

    def look(page) -> None:
        answer = page.goto(f"https://127.0.0.1:{shop.port}/")
        assert answer is not None and answer.status == 200
        assert page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"

    browse(look)


def test_a_browsers_websocket_is_a_stream(tmp_path):
    """Chromium opens it on the connection of the page, by an extended CONNECT (RFC 8441)."""

    def page_or_socket(connection, request):
        if "Upgrade" in request.headers:
            return None
        answer = connection.respond(200, "<title>shop</title>")
        del answer.headers["Content-Type"]
        answer.headers["Content-Type"] = "text/html"
        return answer

    def echo(connection) -> None:
        for message in connection:
            connection.send(message)

    def talk(page) -> None:
        page.goto(f"https://127.0.0.1:{running.port}/")
        said = page.evaluate("""() => new Promise((resolve, reject) => {
          const link = new WebSocket(location.href.replace("https", "wss") + "chat");
          link.onopen = () => link.send("hello");
          link.onmessage = (event) => { resolve(event.data); link.close(); };
          link.onerror = () => reject("it did not open");
        })""")
        assert said == "hello"

    folder = tmp_path
    pair = Authority(folder).issue("shop.example", "127.0.0.1")
    with websockets.sync.server.serve(echo, "127.0.0.1", 0, process_request=page_or_socket) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.socket.getsockname()[1]
        running = Ballast(folder, CONFIGURATION, server=port, old=free_port(), pair=pair.listed).start()
        try:
            browse(talk)
            wait_until(lambda: "/chat HTTP/2.0" in (folder / "access.log").read_text(), 10, "a line of the tunnel")
        finally:
            running.stop()
        server.shutdown()
