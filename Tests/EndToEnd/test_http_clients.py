"""HTTP clients that people use: curl, hey, h2load and wrk. Tunnels and layer 4 have theirs in tests of their own."""

import hashlib
import pathlib
import re
import subprocess
import sys

import pytest

from EndToEnd.harness.ballast import wait_for_port
from EndToEnd.harness.waiting import free_port

ECHO = pathlib.Path(__file__).parent / "desync/echo.py"
CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop: { servers: [ "127.0.0.1:{server}" ], health: { none: {} }, retries: { attempts: 0 } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""


@pytest.fixture
def shop(ballast, tmp_path):
    """Ballast before a server that answers with the body it got."""
    port = free_port()
    server = subprocess.Popen([sys.executable, str(ECHO), str(port), str(tmp_path / "echo.log")])
    wait_for_port(port)
    yield ballast(CONFIGURATION, server=port)
    server.kill()
    server.wait()


@pytest.fixture
def large(tmp_path) -> pathlib.Path:
    file = tmp_path / "large"
    file.write_bytes(bytes(range(256)) * (5 << 12))
    return file


def _run(*words, data: bytes = b"") -> str:
    done = subprocess.run([str(word) for word in words], input=data, capture_output=True, timeout=40)
    assert done.returncode == 0, (words, done.stderr[-1000:])
    return done.stdout.decode("latin-1")


def _digest(data: bytes | str) -> str:
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode("latin-1")).hexdigest()


@pytest.mark.parametrize("words", [
    ["--data-binary", "@{file}"], ["--upload-file", "{file}"], ["--data-binary", "@{file}", "-H", "Transfer-Encoding: chunked"],
    ["--data-binary", "@{file}", "-H", "Expect:"], ["--data-binary", "@{file}", "-H", "Expect: 100-continue"], ["--http1.0", "--data-binary", "@{file}"],
], ids=["POST", "PUT", "chunks", "no Expect", "Expect", "HTTP 1.0"])
def test_curl_uploads_megabytes_and_gets_them_back(shop, large, words):
    words = [word.replace("{file}", str(large)) for word in words]
    assert _digest(_run("curl", "-sS", "--fail", *words, f"http://127.0.0.1:{shop.port}/")) == _digest(large.read_bytes())


def test_curl_uploads_what_has_no_known_length(shop):
    data = b"line\n" * 300_000
    assert _digest(_run("curl", "-sS", "--fail", "-T", "-", f"http://127.0.0.1:{shop.port}/", data=data)) == _digest(data)


def test_curl_keeps_its_connection_and_uses_it_again(shop):
    urls = [f"http://127.0.0.1:{shop.port}/{number}" for number in range(20)]
    told = _run("curl", "-sS", "--fail", "-w", "%{num_connects} %{http_code} ", "-d", "x", *urls)
    assert re.findall(r"(\d+) (\d+) ", told) == [("1", "200")] + [("0", "200")] * 19


def test_curl_asks_with_every_method(shop):
    for method in ("GET", "HEAD", "OPTIONS", "DELETE", "PATCH", "PROPFIND"):
        words = ["--head"] if method == "HEAD" else ["-X", method]
        assert _run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", *words, f"http://127.0.0.1:{shop.port}/a?b=c") == "200"
    assert _run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-X", "TRACE", f"http://127.0.0.1:{shop.port}/") == "405"


@pytest.mark.parametrize("words", [[], ["-disable-keepalive"], ["-m", "POST", "-d", "x" * 5000]], ids=["GET", "a connection each", "POST"])
def test_hey_gets_an_answer_to_everything(shop, words):
    told = _run("hey", "-n", 1000, "-c", 20, *words, f"http://127.0.0.1:{shop.port}/")
    assert re.search(r"\[200\]\s+1000 responses", told) and "Error distribution" not in told, told


def test_h2load_speaks_1_1_and_gets_an_answer_to_everything(shop):
    told = _run("h2load", "--h1", "-n", 1000, "-c", 10, "-m", 4, f"http://127.0.0.1:{shop.port}/")
    assert "1000 succeeded, 0 failed, 0 errored, 0 timeout" in told, told


def test_wrk_may_send_several_at_once(shop, tmp_path):
    script = tmp_path / "several.lua"
    script.write_text("""\
function init() local one = wrk.format("GET", "/a") .. wrk.format("POST", "/b", nil, "body") all = string.rep(one, 4) end
function request() return all end
""")
    told = _run("wrk", "-t1", "-c8", "-d1s", "-s", script, f"http://127.0.0.1:{shop.port}/")
    requests = int(re.search(r"(\d+) requests in", told).group(1))
    assert requests > 100 and "Socket errors" not in told and "Non-2xx" not in told, told
