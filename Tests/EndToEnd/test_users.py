"""Who may do what on the admin side, over the wire: roles, tokens, sessions, and those who are none of them."""

import concurrent.futures
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys

import pytest

from EndToEnd.harness.ballast import Answer, binary, request
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop: { servers: [ "{a}" ], health: { none: {} } }
admin: { address: "127.0.0.1:{admin}", socket: "{folder}/admin.sock" }
state: { path: "{folder}/state" }
workers: 1
"""
ALWAYS = CONFIGURATION.replace("admin.sock\"", "admin.sock\", signIn: always")
PASSWORD = "correct horse battery"
ROLES = ("nobody", "metrics", "viewer", "operator", "admin")


def call(
    running, method: str, path: str, body: object = None, headers: dict[str, str] | None = None,
    source: str = "127.0.0.1",
) -> Answer:
    """One request; only the head of an answer that has no end."""
    connection = http.client.HTTPConnection("127.0.0.1", running.admin, timeout=60, source_address=(source, 0))
    try:
        data = None if body is None else json.dumps(body).encode()
        connection.request(method, path, body=data, headers=headers or {})
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        endless = found.get("content-type") == "text/event-stream"
        return Answer(answer.status, found, b"" if endless else answer.read())
    finally:
        connection.close()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def sign_in(running, name: str = "ann", password: str = PASSWORD, source: str = "127.0.0.1") -> Answer:
    return call(running, "POST", "/v1/session", {"name": name, "password": password}, source=source)


def cookie_of(answer: Answer) -> dict[str, str]:
    return {"Cookie": answer.headers["set-cookie"].split(";")[0]}


def code(answer: Answer) -> str:
    return answer.json()["error"]["code"]


@pytest.fixture
def running(ballast, servers):
    (a,) = servers("a")
    found = ballast(CONFIGURATION, a=a.address)
    added = call(found, "POST", "/v1/users", {"name": "ann", "role": "admin", "password": PASSWORD})
    assert added.status == 201, added.text
    return found


def tokens(running, session: dict[str, str], suffix: str = "") -> dict[str, dict[str, str]]:
    """What each of the roles shows."""
    shown: dict[str, dict[str, str]] = {"nobody": {}}
    for role in ROLES[1:]:
        made = call(running, "POST", "/v1/tokens", {"name": role + suffix, "scope": role}, session)
        assert made.status == 201, made.text
        shown[role] = bearer(made.json()["token"])
    return shown


def session(running) -> dict[str, str]:
    signed = sign_in(running)
    assert signed.status == 200, signed.text
    return cookie_of(signed) | {"X-Ballast-CSRF": signed.json()["csrf"]}


# Who may call what, as the OpenAPI document of the endpoint table names it.
MAY = {
    "open": set(ROLES), "metrics": set(ROLES) - {"nobody"}, "signed-in": set(ROLES) - {"nobody"},
    "viewer": {"viewer", "operator", "admin"}, "operator": {"operator", "admin"}, "admin": {"admin"},
}


def test_every_role_at_every_endpoint(running):
    known = session(running)
    shown, leaving = tokens(running, known), tokens(running, known, "-leaving")
    document = call(running, "GET", "/v1/openapi.json", None, shown["viewer"]).json()
    cells = [
        (operation["operationId"], method.upper(), path, operation["x-ballast-role"])
        for path, methods in document["paths"].items() for method, operation in methods.items()]
    assert len(cells) > 60
    # What replaces the engine comes last.
    cells.sort(key=lambda cell: cell[0] == "orderUpgrade")
    wrong = []
    for operation, method, path, needs in cells:
        target = "/".join("0" if part.startswith("{") else part for part in path.split("/"))
        for role in ROLES:
            body = None if method == "GET" else {}
            # Signing out takes the token back that asks.
            headers = (leaving if operation == "signOut" else shown)[role]
            status = call(running, method, target, body, headers).status
            if role in MAY[needs]:
                # 400, 404, 409: it was let in, and what it asked for makes no sense. An open sign-in knows nobody.
                right = status not in (401, 403)
            else:
                right = status == (401 if role == "nobody" else 403)
            if not right:
                wrong.append(f"{method} {path} ({needs}) for {role}: {status}")
    assert not wrong, "\n".join(wrong)
    assert call(running, "GET", "/v1/services", None, leaving["viewer"]).status == 401

    def is_upgraded() -> bool:
        try:
            answer = call(running, "GET", "/v1/upgrade", None, shown["viewer"])
        except (OSError, http.client.HTTPException):
            return False
        return answer.status == 200 and answer.json()["state"] == "done"

    wait_until(is_upgraded, 30, "the next engine, which knows the tokens")


def test_one_machine_needs_no_setup_until_it_has_users(ballast, servers):
    (a,) = servers("a")
    running = ballast(CONFIGURATION, a=a.address)
    status = running.get("/v1/session")
    assert (status["required"], status["signedIn"], status["role"], status["means"]) == (False, True, "admin", "local")
    # Ballast itself would say so, were it the proxy.
    for header in ("Via", "X-Forwarded-For", "Forwarded", "X-Real-IP"):
        assert call(running, "GET", "/v1/services", None, {header: "203.0.113.7"}).status == 401
    # Somebody has to be able to do the rest.
    first = call(running, "POST", "/v1/users", {"name": "bob", "role": "viewer", "password": PASSWORD})
    assert first.status == 409 and "admin" in first.text
    assert call(running, "POST", "/v1/users", {"name": "Ann", "role": "admin", "password": PASSWORD}).status == 201
    assert call(running, "GET", "/v1/services").status == 401
    assert "bearer" in call(running, "GET", "/v1/services").headers["www-authenticate"].lower()
    for path in ("/", "/dashboard.js", "/healthz", "/readyz"):
        assert call(running, "GET", path).status == 200
    assert PASSWORD not in running.output()


def test_a_stranger_may_not_fill_the_memory(running):
    # The head alone: what is refused is not read, and the end of the connection would overtake the answer.
    connection = http.client.HTTPConnection("127.0.0.1", running.admin, timeout=20)
    connection.putrequest("POST", "/v1/plan")
    connection.putheader("Content-Length", "100000")
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
    known = session(running)
    assert call(running, "POST", "/v1/plan", {"files": [{"name": "a.yaml", "text": "#" * 100_000}]}, known).status != 413


def test_a_stolen_cookie_without_the_csrf_token_changes_nothing(running):
    signed = sign_in(running)
    cookie, token = cookie_of(signed), signed.json()["csrf"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in signed.headers["set-cookie"].split(";")}
    server = running_servers(running, cookie)[0]
    path = f"/v1/servers/shop/{server['name']}"
    for forged in ({}, {"X-Ballast-CSRF": ""}, {"X-Ballast-CSRF": token[:-1]}, {"X-Ballast-CSRF": "0" * 64}):
        refused = call(running, "PUT", path, {"state": "draining"}, cookie | forged)
        assert refused.status == 403 and code(refused) == "csrf"
    assert running_servers(running, cookie)[0]["state"] == "ready"
    # A page of another site sends the cookie where SameSite is not known, and may even know the token.
    for foreign in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                    {"Sec-Fetch-Site": "same-site"}, {"Host": f"evil.example:{running.admin}"}):
        refused = call(running, "PUT", path, {"state": "draining"}, cookie | {"X-Ballast-CSRF": token} | foreign)
        assert refused.status == 403 and code(refused) == "forbidden", foreign
    assert call(running, "GET", "/v1/servers", None, cookie | {"Host": "rebound.example"}).status == 403
    assert call(running, "PUT", path, {"state": "draining"}, cookie | {"X-Ballast-CSRF": token}).status == 200
    assert running_servers(running, cookie)[0]["state"] == "draining"


def running_servers(running, headers: dict[str, str]) -> list[dict]:
    return call(running, "GET", "/v1/servers", None, headers).json()


def test_guessing_is_slowed_down_and_others_are_not(running):
    for _ in range(5):
        wrong = sign_in(running, password="not the password")
        assert wrong.status == 401

    def is_slow() -> bool:
        guess = sign_in(running, password="not the password")
        assert guess.status in (401, 429)
        return guess.status == 429 and int(guess.headers["retry-after"]) >= 4

    wait_until(is_slow, 30, "a wait of four seconds, after those of one and two")
    assert sign_in(running, password=PASSWORD).status == 429
    # Whoever it is that is asked for, and known or not.
    assert sign_in(running, "nobody-like-that", "not the password").status == 429
    assert sign_in(running, source="127.0.0.2").status == 200
    events = call(running, "GET", "/v1/events?limit=100", None, session_from(running, "127.0.0.2"))
    failed = [event for event in events.json() if event["type"] == "sign-in-failed"]
    assert failed and "not the password" not in events.text


def session_from(running, source: str) -> dict[str, str]:
    return cookie_of(sign_in(running, source=source))


def test_a_crowd_that_signs_in_takes_neither_the_memory_nor_the_loop(running):
    pid = call(running, "GET", "/v1/status", None, session(running)).json()["pid"]

    def resident() -> int:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])

    before, peak = resident(), 0
    with concurrent.futures.ThreadPoolExecutor(40) as crowd:
        guesses = [
            crowd.submit(sign_in, running, f"user-{number}", "not the password", f"127.0.1.{number + 1}")
            for number in range(40)]
        while not all(guess.done() for guess in guesses):
            # The loop answers meanwhile, and what is balanced goes on.
            assert call(running, "GET", "/healthz").status == 200
            assert request(running.port, "GET", "/").status == 200
            peak = max(peak, resident())
    statuses = [guess.result().status for guess in guesses]
    assert set(statuses) <= {401, 503} and statuses.count(401) >= 1
    assert statuses.count(503) >= 1, "at most eight wait for their turn"
    # 32 MiB a hash, one at a time; forty at once would be 1.25 GiB.
    assert peak - before < 128 * 1024, f"{before} KiB, then {peak} KiB"


def test_sessions_and_tokens_survive_the_engine_and_end_when_they_are_told_to(running):
    known = session(running)
    made = call(running, "POST", "/v1/tokens", {"name": "ci", "scope": "operator"}, known).json()
    assert made["token"].startswith("blt_") and made["status"]["owner"] == "ann"
    pid = call(running, "GET", "/v1/status", None, known).json()["pid"]
    os.kill(pid, signal.SIGKILL)

    def is_back() -> bool:
        try:
            status = call(running, "GET", "/v1/status", None, known)
        except (OSError, http.client.HTTPException):
            return False
        return status.status == 200 and status.json()["pid"] != pid

    wait_until(is_back, 15, "the next engine")
    assert call(running, "GET", "/v1/services", None, bearer(made["token"])).status == 200
    # Neither secrets nor what they are known by are told.
    listed = call(running, "GET", "/v1/tokens", None, known)
    assert made["token"] not in listed.text and "digest" not in listed.text
    database = b"".join(path.read_bytes() for path in (running.folder / "state").glob("ballast.db*"))
    for secret in (made["token"], PASSWORD, known["Cookie"].split("=")[1]):
        assert secret.encode() not in database
    assert call(running, "DELETE", "/v1/tokens/ci", None, known).status == 200
    assert call(running, "GET", "/v1/services", None, bearer(made["token"])).status == 401
    assert call(running, "DELETE", "/v1/session", None, known).status == 200
    assert call(running, "GET", "/v1/services", None, known).status == 401


def test_a_stream_ends_with_what_let_it_in(running):
    known = session(running)
    made = call(running, "POST", "/v1/tokens", {"name": "screen", "scope": "viewer"}, known).json()
    connection = http.client.HTTPConnection("127.0.0.1", running.admin, timeout=20)
    connection.request("GET", "/v1/events?follow", headers=bearer(made["token"]))
    stream = connection.getresponse()
    assert stream.status == 200
    assert call(running, "DELETE", "/v1/tokens/screen", None, known).status == 200
    try:
        while stream.read(1):
            pass
    except http.client.IncompleteRead:
        pass
    connection.close()


def test_a_user_that_is_changed_is_let_in_as_the_change_says(running):
    known = session(running)
    assert call(running, "POST", "/v1/users", {"name": "bob", "role": "operator", "password": PASSWORD}, known).status == 201
    bob = sign_in(running, "bob")
    cookie = cookie_of(bob)
    assert call(running, "PUT", "/v1/users/bob", {"role": "viewer"}, known).json()["sessions"] == 0
    assert call(running, "GET", "/v1/services", None, cookie).status == 401
    # One's own password: the present one is asked for.
    again = sign_in(running, "bob")
    cookie = cookie_of(again) | {"X-Ballast-CSRF": again.json()["csrf"]}
    wrong = call(running, "PUT", "/v1/session/password", {"current": "not the password", "password": "another horse"}, cookie)
    assert wrong.status == 403
    changed = call(running, "PUT", "/v1/session/password", {"current": PASSWORD, "password": "another horse"}, cookie)
    assert changed.status == 200 and changed.json()["sessions"] == 1
    assert sign_in(running, "bob").status == 401 and sign_in(running, "bob", "another horse").status == 200
    assert call(running, "PUT", "/v1/users/bob", {"disabled": True}, known).status == 200
    assert sign_in(running, "bob", "another horse").status == 401
    assert call(running, "DELETE", "/v1/users/ann", None, known).status == 409
    assert call(running, "DELETE", "/v1/users/bob", None, known).status == 200


def test_the_first_run_where_everybody_signs_in(ballast, servers):
    (a,) = servers("a")
    running = ballast(ALWAYS, a=a.address)
    assert call(running, "GET", "/v1/services").status == 401
    assert call(running, "GET", "/v1/session").json()["setup"] is True
    file = running.folder / "state/first-run-token"
    token = file.read_text().strip()
    assert file.stat().st_mode & 0o777 == 0o600 and str(file) in running.output() and token not in running.output()
    assert call(running, "GET", "/v1/services", None, bearer(token)).status == 403
    user = {"name": "ann", "role": "admin", "password": PASSWORD}
    assert call(running, "POST", "/v1/users", user, bearer(token + "0")).status == 401
    assert call(running, "POST", "/v1/users", user, bearer(token)).status == 201
    assert not file.exists()
    assert call(running, "POST", "/v1/users", user | {"name": "eve"}, bearer(token)).status == 401
    assert sign_in(running).status == 200


def test_a_lost_state_opens_nothing(running):
    running.stop()
    for path in (running.folder / "state").glob("ballast.db*"):
        path.unlink()
    running.start()
    status = call(running, "GET", "/v1/session").json()
    assert (status["required"], status["signedIn"], status["setup"]) == (True, False, True)
    assert call(running, "GET", "/v1/services").status == 401


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_the_socket_knows_root_and_nobody_else(running):
    path = str(running.folder / "admin.sock")
    whoami = running.run_command("whoami", "--socket", path, "-o", "json")
    assert whoami.returncode == 0, whoami.stderr
    status = json.loads(whoami.stdout)
    assert (status["role"], status["means"]) == ("admin", "socket")
    # Whatever the file's mode says: what counts is who the kernel says it is.
    os.chmod(path, 0o666)
    for folder in [running.folder, *running.folder.parents][:-2]:
        if folder.stat().st_uid == os.getuid():
            folder.chmod(folder.stat().st_mode | 0o011)
    script = (
        "import os, socket, sys; os.setuid(65533); s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]);"
        "s.sendall(b'GET /v1/services HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n'); print(s.recv(12).decode())")
    other = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, timeout=20)
    assert other.stdout.strip() == "HTTP/1.1 401", other.stderr


def test_the_commands(running, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "password").write_text(PASSWORD + "\n")
    environment = {**os.environ, "HOME": str(home), "BALLAST_ADMIN": f"http://127.0.0.1:{running.admin}"}
    environment.pop("XDG_CONFIG_HOME", None)

    def command(*words: str, **more: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [binary(), *words], capture_output=True, text=True, timeout=90, env={**environment, **more},
            stdin=subprocess.DEVNULL)

    refused = command("get", "services")
    assert refused.returncode == 1 and "ballast login" in refused.stderr and "--socket" in refused.stderr
    assert command("whoami").returncode == 1
    assert command("login", "ann").returncode == 2, "without a terminal it needs --password-file"
    signed = command("login", "ann", "--password-file", str(home / "password"))
    assert signed.returncode == 0, signed.stderr
    kept = home / ".config/ballast/tokens.json"
    assert kept.stat().st_mode & 0o777 == 0o600 and "blt_" not in signed.stdout
    assert command("get", "services").returncode == 0
    assert "ann, admin" in command("whoami").stdout
    added = command("user", "add", "bob", "--role", "operator", "--password-file", str(home / "password"))
    assert added.returncode == 0, added.stderr
    assert json.loads(command("user", "list", "-o", "json").stdout)[1]["name"] == "bob"
    assert command("user", "set", "bob", "--role", "viewer").returncode == 0
    made = command("token", "add", "scraper", "--scope", "metrics", "--for", "1h")
    assert made.returncode == 0 and made.stdout.startswith("blt_")
    assert "scraper" in command("token", "list", "-o", "name").stdout.split()
    assert command("get", "services", BALLAST_TOKEN=made.stdout.strip()).returncode == 1
    (home / "token").write_text(made.stdout)
    assert command("whoami", "--token-file", str(home / "token")).stdout.startswith("ann, metrics")
    assert call(running, "GET", "/metrics", None, bearer(made.stdout.strip())).status == 200
    assert command("token", "remove", "scraper").returncode == 0
    assert command("user", "remove", "bob").returncode == 0
    (home / "next").write_text("another horse entirely\n")
    changed = command("user", "password", "--current-file", str(home / "password"), "--password-file", str(home / "next"))
    assert changed.returncode == 0, changed.stderr
    assert command("logout").returncode == 0
    assert json.loads(kept.read_text()) == {}
    assert command("get", "services").returncode == 1
