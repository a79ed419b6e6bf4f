"""The admin side where others reach it: TLS is required, unless it is waived."""

import http.client
import json
import os
import socket
import ssl
import subprocess

import pytest

from EndToEnd.harness.ballast import binary
from EndToEnd.harness.certificates import Authority
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop: { servers: [ "{a}" ], health: { none: {} } }
admin: { address: "0.0.0.0:{admin}"{more} }
state: { path: "{folder}/state" }
workers: 1
"""
PASSWORD = "correct horse battery"


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def checked(tmp_path):
    """What `ballast check` says of a configuration."""

    def check(more: str, address: str = "0.0.0.0:9901") -> subprocess.CompletedProcess:
        file = tmp_path / "checked.yaml"
        file.write_text(
            CONFIGURATION.replace("{more}", more).replace("0.0.0.0:{admin}", address).replace("{a}", "127.0.0.1:1")
            .replace("{port}", "9902").replace("{folder}", str(tmp_path)))
        return subprocess.run([binary(), "check", str(file)], capture_output=True, text=True, timeout=20)

    return check


def test_an_address_that_others_reach_needs_tls_or_a_waiver(checked):
    refused = checked("")
    assert refused.returncode == 1 and ":5:" in refused.stderr + refused.stdout
    assert "plain: true" in refused.stderr + refused.stdout
    assert checked("", "10.1.2.3:9901").returncode == 1 and checked("", "[::]:9901").returncode == 1
    for more, address in ((", plain: true", "0.0.0.0:9901"), (", tls: { selfSigned: true }", "0.0.0.0:9901"),
                          ("", "127.0.0.2:9901"), ("", "[::1]:9901")):
        found = checked(more, address)
        assert found.returncode == 0, found.stdout + found.stderr
    assert checked(", plain: true, tls: { selfSigned: true }").returncode == 1


def https(running, authority, method: str, path: str, body: object = None, headers: dict[str, str] | None = None):
    context = ssl.create_default_context(cafile=str(authority.certificate))
    connection = http.client.HTTPSConnection("localhost", running.admin, timeout=20, context=context)
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers or {})
        answer = connection.getresponse()
        return answer.status, answer.getheader("Set-Cookie"), answer.read()
    finally:
        connection.close()


@pytest.fixture
def secured(ballast, servers, authority):
    (a,) = servers("a")
    pair = authority.issue("localhost", "127.0.0.1")
    found = ballast(
        CONFIGURATION, start=False, a=a.address, more=f", tls: {{ certificates: [ {pair.listed} ] }}")
    found.start(wait=False)
    wait_until(lambda: "ready:" in found.output(), 15, found.output())
    return found


def test_the_admin_side_speaks_tls_and_asks_who_it_is(secured, authority):
    running = secured
    assert "dashboard: https://" in running.output()
    assert https(running, authority, "GET", "/healthz")[0] == 200
    assert https(running, authority, "GET", "/v1/services")[0] == 401
    token = (running.folder / "state/first-run-token").read_text().strip()
    status, _, body = https(
        running, authority, "POST", "/v1/users", {"name": "ann", "role": "admin", "password": PASSWORD},
        {"Authorization": f"Bearer {token}"})
    assert status == 201, body
    status, cookie, body = https(running, authority, "POST", "/v1/session", {"name": "ann", "password": PASSWORD})
    assert status == 200 and cookie.startswith("__Host-ballast_session_") and "Secure" in cookie
    shown = {"Cookie": cookie.split(";")[0]}
    # More than a record each way, and several requests on one connection.
    context = ssl.create_default_context(cafile=str(authority.certificate))
    connection = http.client.HTTPSConnection("127.0.0.1", running.admin, timeout=20, context=context)
    for _ in range(3):
        connection.request("GET", "/v1/openapi.json", headers=shown)
        answer = connection.getresponse()
        assert answer.status == 200 and len(answer.read()) > 16_384
        connection.request(
            "POST", "/v1/plan", json.dumps({"files": [{"name": "x.yaml", "text": "#" * 300_000}]}),
            shown | {"X-Ballast-CSRF": json.loads(body)["csrf"]})
        answer = connection.getresponse()
        assert answer.status in (200, 422), answer.read()
        answer.read()
    connection.close()


def test_requests_without_tls_are_told_of_it_and_get_nothing(secured):
    with socket.create_connection(("127.0.0.1", secured.admin), 10) as client:
        client.sendall(b"GET /v1/services HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = b""
        while piece := client.recv(4096):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 400 ") and b"https://" in answer and b"shop" not in answer
    with socket.create_connection(("127.0.0.1", secured.admin), 10) as client:
        client.sendall(b"\x00" * 64)
        try:
            while client.recv(4096):
                pass
        except ConnectionResetError:
            pass


def test_a_command_signs_in_over_tls(secured, authority, tmp_path):
    running = secured
    (tmp_path / "password").write_text(PASSWORD + "\n")
    environment = {
        **os.environ, "HOME": str(tmp_path), "BALLAST_ADMIN": f"https://localhost:{running.admin}",
        "BALLAST_CA": str(authority.certificate)}
    environment.pop("XDG_CONFIG_HOME", None)

    def command(*words: str, **more: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [binary(), *words], capture_output=True, text=True, timeout=90, env={**environment, **more},
            stdin=subprocess.DEVNULL)

    password = ("--password-file", str(tmp_path / "password"))
    first = ("--token-file", str(running.folder / "state/first-run-token"))
    added = command("user", "add", "ann", "--role", "admin", *password, *first)
    assert added.returncode == 0, added.stderr
    assert command("login", "ann", *password).returncode == 0
    assert command("get", "services", "-o", "name").stdout == "shop\n"
    stranger = command("get", "services", BALLAST_CA="/etc/ssl/certs/ca-certificates.crt")
    assert stranger.returncode == 4, "a certificate that nobody vouches for is not believed"
    plain = command("login", "ann", *password, "--admin", "http://192.0.2.1:9900")
    assert plain.returncode == 1 and "--plain" in plain.stderr
