"""Checks over TLS, by commands and by agents, with real servers, real certificates and real programs."""

import http.server
import json
import os
import socket
import ssl
import stat
import subprocess
import threading

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.waiting import free_port, wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}", service: shop }
services:
  shop:
    servers: {list}
    slowStart: 0s
    health: {health}
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 2
"""
PACE = "interval: 200ms, timeout: 2s"


def _written(servers) -> str:
    return "[ " + ", ".join(f'{{ name: {one.name}, address: "{one.address}" }}' for one in servers) + " ]"


def _health(running, name: str) -> str:
    return running.server("shop", name)["health"]


def _wait_for(running, name: str, health: str, seconds: float = 10) -> str:
    """The last check's detail, once the server is in that health and has had a check."""

    def reached() -> str | None:
        server = running.server("shop", name)
        return server["lastCheck"]["detail"] if server["health"] == health and "lastCheck" in server else None

    return wait_until(reached, seconds, f"{name} {health}; it is {running.server('shop', name)}")


# Certificates.


class Authority:
    """A certificate authority of the test, and what it signs."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.file = folder / "ca.pem"
        self._openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem")

    def sign(self, name: str, alternative: str, expired: bool = False) -> tuple[str, str]:
        """The files of a certificate and its key."""
        self._openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr")
        (self.folder / f"{name}.ext").write_text(f"subjectAltName={alternative}\n")
        self._openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "-1" if expired else "1", "-extfile", f"{name}.ext", "-out", f"{name}.pem")
        return str(self.folder / f"{name}.pem"), str(self.folder / f"{name}.key")

    def _openssl(self, *words: str) -> None:
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


class Secure:
    """An HTTPS server; it keeps the Host headers and the names asked for (SNI) that it saw."""

    def __init__(self, name: str, files: tuple[str, str]) -> None:
        self.name = name
        self.hosts, self.names = [], []
        self.status, self.body = 200, b"all is fine"
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.hosts.append(self.headers["Host"])
                if self.path == "/moved":
                    self.send_response(302)
                    self.send_header("Location", "/healthz")
                    self.end_headers()
                    return
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *words) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *words: None
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*files)
        self.context.sni_callback = lambda _, name, __: self.names.append(name)
        self.server.socket = self.context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_port
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def secure():
    made: list[Secure] = []

    def make(name: str, files: tuple[str, str]) -> Secure:
        made.append(Secure(name, files))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_an_https_check_says_what_is_wrong_with_a_certificate(ballast, authority, secure, agent):
    good = secure("good", authority.sign("good", "DNS:good,IP:127.0.0.1"))
    expired = secure("expired", authority.sign("expired", "IP:127.0.0.1", expired=True))
    wrong = secure("wrong", authority.sign("wrong", "DNS:elsewhere.example"))
    # Says something else than TLS, and at once.
    plain = agent("HTTP/1.1 400 Bad Request\r\n\r\n")
    running = ballast(
        CONFIGURATION, list=_written([good, expired, wrong, plain]),
        health=f"{{ https: {{ path: /healthz, ca: {authority.file} }}, {PACE} }}")
    assert _wait_for(running, "good", "healthy") == "200"
    assert _wait_for(running, "expired", "unhealthy") == "certificate has expired"
    detail = _wait_for(running, "wrong", "unhealthy")
    assert detail.startswith("name mismatch") and "127.0.0.1" in detail
    assert _wait_for(running, "plain", "unhealthy").startswith("the TLS handshake failed")
    assert good.hosts[0] == good.address
    # A server that is answered by its own failure is seen at once, and comes back.
    good.status = 503
    assert _wait_for(running, "good", "unhealthy") == "status 503, expected 200-299"
    good.status = 200
    _wait_for(running, "good", "healthy")


def test_an_unknown_authority_is_refused_unless_nothing_is_verified(ballast, authority, secure):
    one = secure("one", authority.sign("unknown", "IP:127.0.0.1"))
    running = ballast(CONFIGURATION, list=_written([one]), health=f"{{ https: {{}}, {PACE} }}")
    detail = _wait_for(running, "one", "unhealthy")
    assert "certificate" in detail, detail
    running.write(CONFIGURATION, health=f"{{ https: {{ verify: false }}, {PACE} }}")
    running.reload()
    assert _wait_for(running, "one", "healthy") == "200"


def test_name_host_status_and_body_of_an_https_check(ballast, authority, secure):
    one = secure("one", authority.sign("named", "DNS:inner.example"))
    check = f"path: /healthz, host: shop.example, serverName: inner.example, ca: {authority.file}"
    running = ballast(
        CONFIGURATION, list=_written([one]),
        health=f"{{ https: {{ {check}, status: [ 200 ], body: fine }}, {PACE} }}")
    assert _wait_for(running, "one", "healthy") == "200"
    assert one.hosts[-1] == "shop.example" and one.names[-1] == "inner.example"
    one.body = b"nothing of it"
    assert "the body lacks" in _wait_for(running, "one", "unhealthy")
    # More than the check reads, with the word at its beginning.
    one.body = b"fine" + b"." * 1_000_000
    _wait_for(running, "one", "healthy")
    running.write(CONFIGURATION, health=f"{{ https: {{ {check.replace('/healthz', '/moved')} }}, {PACE} }}")
    running.reload()
    # A redirect is not followed.
    assert _wait_for(running, "one", "unhealthy") == "status 302, expected 200-299"


def test_a_tls_check_wants_a_handshake_and_a_good_certificate_and_no_more(ballast, authority):
    """With openssl's own server, which speaks no HTTP."""
    certificate, key = authority.sign("s_server", "DNS:inner.example")
    port = free_port()
    process = subprocess.Popen(
        ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", certificate, "-key", key, "-quiet"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        listed = f'[ {{ name: one, address: "127.0.0.1:{port}" }} ]'
        tls = f"serverName: inner.example, ca: {authority.file}"
        running = ballast(CONFIGURATION, list=listed, health=f"{{ tls: {{ {tls} }}, {PACE} }}")
        assert _wait_for(running, "one", "healthy") == "TLS agreed on"
        running.write(CONFIGURATION, health=f"{{ tls: {{ {tls.replace('inner', 'other')} }}, {PACE} }}")
        running.reload()
        assert _wait_for(running, "one", "unhealthy").startswith("name mismatch")
        running.write(CONFIGURATION, health=f"{{ tls: {{ {tls.replace('ca.pem', 'no.pem')} }}, {PACE} }}")
        running.reload()
        wait_until(
            lambda: "trusted certificates" in running.server("shop", "one")["lastCheck"]["detail"], 10,
            "word of the missing file")
    finally:
        process.kill()
        process.wait()


def test_a_server_that_hangs_in_the_handshake_times_out_and_harms_no_other(ballast, authority, secure):
    good = secure("good", authority.sign("beside", "IP:127.0.0.1"))
    with socket.create_server(("127.0.0.1", 0)) as mute:
        listed = [good, type("Mute", (), {"name": "mute", "address": f"127.0.0.1:{mute.getsockname()[1]}"})]
        running = ballast(
            CONFIGURATION, list=_written(listed),
            health=f"{{ https: {{ ca: {authority.file} }}, interval: 200ms, timeout: 300ms }}")
        assert _wait_for(running, "mute", "unhealthy") == "timeout after 300ms: no TLS handshake"
        _wait_for(running, "good", "healthy")
        before = Metrics(running.metrics()).sum("ballast_checks_total", server="good", result="passed")
        wait_until(
            lambda: Metrics(running.metrics()).sum("ballast_checks_total", server="good", result="passed")
            >= before + 5, 5, "five more checks")
        assert Metrics(running.metrics()).sum("ballast_checks_total", server="good", result="failed") == 0


# Commands.


def _script(folder, text: str):
    path = folder / "check.sh"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_command_decides_by_its_exit_code_and_speaks_by_its_last_line(ballast, servers):
    a, b = servers("a", "b")
    running = ballast(
        CONFIGURATION, start=False, list=_written([a, b]),
        health='{ command: [ ./check.sh, "${ADDRESS}" ], interval: 200ms, timeout: 1s }')
    _script(running.folder, """\
echo "$1 $HOST:$PORT $SERVICE/$SERVER" >> seen
if [ -e "down-$SERVER" ]; then echo first; echo "no luck with $SERVER" >&2; exit 3; fi
if [ -e "slow-$SERVER" ]; then echo waiting; sleep 60 & echo $! > new; mv new grandchild; wait; fi
echo "$SERVER is fine"
""")
    running.start()
    assert _wait_for(running, "a", "healthy") == "a is fine"
    assert _wait_for(running, "b", "healthy") == "b is fine"
    assert f"{a.address} {a.address} shop/a" in (running.folder / "seen").read_text()
    (running.folder / "down-a").touch()
    assert _wait_for(running, "a", "unhealthy") == "exited with code 3: no luck with a"
    assert _health(running, "b") == "healthy"
    (running.folder / "down-a").unlink()
    _wait_for(running, "a", "healthy")
    (running.folder / "slow-a").touch()
    assert _wait_for(running, "a", "unhealthy", 20) == "timeout after 1s: waiting"
    grandchild = int((running.folder / "grandchild").read_text())
    (running.folder / "slow-a").unlink()
    _wait_for(running, "a", "healthy")
    wait_until(lambda: not _runs(grandchild), 5, "the end of what the check had begun")


def test_a_command_that_cannot_run_fails_its_servers_and_says_why(ballast, servers):
    (a,) = servers("a")
    running = ballast(
        CONFIGURATION, list=_written([a]), health=f"{{ command: [ ./missing.sh ], {PACE} }}")
    assert _wait_for(running, "a", "unhealthy").startswith("cannot run ./missing.sh: no such file")


def test_command_checks_go_on_after_the_engine_was_killed(ballast, servers):
    (a,) = servers("a")
    running = ballast(
        CONFIGURATION, start=False, list=_written([a]),
        health="{ command: [ ./check.sh ], interval: 200ms, timeout: 5s }")
    _script(running.folder, "echo $$ >> pids\nif [ -e hang ]; then sleep 60; fi\n")
    running.start()
    _wait_for(running, "a", "healthy")
    (running.folder / "hang").touch()
    begun = len((running.folder / "pids").read_text().split())
    pids = wait_until(
        lambda: (seen := (running.folder / "pids").read_text().split())[begun:] and seen, 5, "a check that hangs")
    engine = running.engine_pid()
    os.kill(engine, 9)
    wait_until(lambda: not _runs(int(pids[-1])), 5, "the end of the dead engine's check")
    (running.folder / "hang").unlink()
    wait_until(running.is_ready, 10, "the next engine")
    assert running.engine_pid() != engine
    count = len((running.folder / "pids").read_text().split())
    wait_until(lambda: len((running.folder / "pids").read_text().split()) > count + 2, 10, "more checks")
    assert _health(running, "a") == "healthy"
    assert request(running.port, "GET", "/").status == 200


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


# Agents.


class Agent:
    """Answers each connection with what it is told to say; `None` accepts and says nothing."""

    name = "plain"

    def __init__(self, word: str | None) -> None:
        self.word = word
        self.asked = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.held: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            self.asked += 1
            if self.word is None:
                self.held.append(client)
                continue
            try:
                client.sendall(self.word.encode())
            except OSError:
                pass
            client.close()

    def close(self) -> None:
        # Wakes the accept, which close alone does not.
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for client in self.held:
            client.close()


@pytest.fixture
def agent():
    made: list[Agent] = []

    def make(word: str | None) -> Agent:
        made.append(Agent(word))
        return made[-1]

    yield make
    for one in made:
        try:
            one.close()
        except OSError:
            pass


def _answers(running, count: int) -> list[str]:
    return [request(running.port, "GET", "/").text.split()[0] for _ in range(count)]


def test_an_agent_in_haproxys_words_moves_weight_drains_and_takes_out(ballast, servers, agent):
    """The agent's port is the same at all hosts of a service, so the second server has another address."""
    (a,) = servers("a")
    speaker = agent("up\n")
    running = ballast(
        CONFIGURATION, list=_written([a]),
        health=f"{{ http: {{ path: /healthz }}, agent: {{ port: {speaker.port}, interval: 200ms }}, {PACE} }}")
    _wait_for(running, "a", "healthy")
    speaker.word = "drain #for the night\n"
    wait_until(lambda: running.server("shop", "a")["state"] == "draining", 5, "the drain")
    assert _health(running, "a") == "healthy"
    assert any("asks for no new work" in event["message"] for event in running.get("/v1/events"))
    speaker.word = "ready\n"
    wait_until(lambda: running.server("shop", "a")["state"] == "ready", 5, "the end of the drain")
    assert request(running.port, "GET", "/").status == 200
    speaker.word = "down #disk full\n"
    detail = _wait_for(running, "a", "unhealthy", 5)
    assert detail == "agent: down: disk full"
    fault = wait_until(lambda: [f for f in running.get("/v1/faults?all=true") if f.get("server") == "a"], 5, "a fault")[0]
    assert "its agent says that it is down: disk full" in fault["cause"]
    speaker.word = "75%\n"
    asked = speaker.asked
    wait_until(lambda: speaker.asked > asked + 2, 5, "more questions")
    assert _health(running, "a") == "unhealthy", "a down holds until an up"
    speaker.word = "up 75%\n"
    _wait_for(running, "a", "healthy", 5)


def test_an_agent_alone_in_json_judges_and_shares_out(ballast, agent, servers):
    a, b = servers("a", "b")
    speaker = agent('{"state":"up","weight":100,"cpu":0.2,"memory":0.1}\n')
    other = f'[ {{ name: a, address: "{a.address}" }}, {{ name: b, address: "127.0.0.1:{b.port}" }} ]'
    running = ballast(
        CONFIGURATION, list=other,
        health=f"{{ none: {{}}, agent: {{ port: {speaker.port}, interval: 200ms }}, {PACE} }}")
    assert _wait_for(running, "a", "healthy") == "agent: up, ready, weight 100%, cpu 20%, memory 10%"
    assert set(_answers(running, 40)) == {"a", "b"}
    speaker.word = json.dumps({"state": "down", "reason": "out of \u001b[31mdisk"})
    assert _wait_for(running, "b", "unhealthy", 5) == "agent: down: out of [31mdisk"
    speaker.word = json.dumps({"state": "ready", "weight": 0})
    _wait_for(running, "a", "healthy", 5)
    # Nobody has any weight left: who was healthy takes no new work.
    wait_until(lambda: request(running.port, "GET", "/").status == 503, 5, "no server with weight")
    speaker.word = json.dumps({"weight": 50})
    wait_until(lambda: request(running.port, "GET", "/").status == 200, 5, "weight again")


def test_an_agent_that_goes_silent_takes_its_server_out_and_back(ballast, servers, agent):
    (a,) = servers("a")
    speaker = agent("up\n")
    running = ballast(
        CONFIGURATION, list=_written([a]),
        health=f"{{ http: {{ path: /healthz }}, agent: {{ port: {speaker.port}, interval: 200ms }}, "
        "interval: 200ms, timeout: 300ms }")
    _wait_for(running, "a", "healthy")
    asked = speaker.asked
    wait_until(lambda: speaker.asked > asked + 5, 5, "a few answers")
    speaker.word = None
    assert "no answer" in _wait_for(running, "a", "unhealthy", 10)
    causes = [fault["cause"] for fault in running.get("/v1/faults?all=true") if fault.get("server") == "a"]
    assert any("its agent has been silent for" in cause for cause in causes), causes
    speaker.word = "up\n"
    _wait_for(running, "a", "healthy", 5)
    # Nonsense is no sign of life either.
    speaker.word = "HTTP/1.1 200 OK\r\n"
    assert 'is no word of an agent' in _wait_for(running, "a", "unhealthy", 10)
    # Without the agent the checks alone tell.
    running.write(CONFIGURATION, health=f"{{ http: {{ path: /healthz }}, {PACE} }}")
    running.reload()
    _wait_for(running, "a", "healthy", 5)


def test_a_server_beside_an_agent_that_never_answers_is_judged_by_its_checks(ballast, servers):
    (a,) = servers("a")
    running = ballast(
        CONFIGURATION, list=_written([a]),
        health=f"{{ http: {{ path: /healthz }}, agent: {{ port: {free_port()}, interval: 200ms }}, {PACE} }}")
    _wait_for(running, "a", "healthy")
    failed = "ballast_checks_total"
    wait_until(
        lambda: Metrics(running.metrics()).sum(failed, server="a", result="failed") >= 6, 10, "refused questions")
    assert _health(running, "a") == "healthy"


def test_replicas_that_use_less_take_more_under_aggregate_load(ballast):
    """One replica holds most of the memory that it may use; otherwise both are alike."""
    running = ballast(
        """\
listeners:
  web: { address: "127.0.0.1:{port}", service: shop }
services:
  shop:
    run: { command: [ "{python}", ./full.py, "{replica}" ], replicas: 2, resources: { memory: 128MiB } }
    balance: aggregate-load
    slowStart: 0s
    health: { http: { path: /healthz }, interval: 200ms, timeout: 2s }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
""", start=False)
    (running.folder / "full.py").write_text("""\
import os, sys
held = b"x" * (80 << 20) if os.environ["REPLICA"] == "shop-1" else b""
sys.argv = sys.argv[1:]
exec(compile(open(sys.argv[0]).read(), sys.argv[0], "exec"))
""")
    running.start()
    running.wait_for_healthy("shop", 2)

    def scores() -> dict[str, float]:
        told = running.change("POST", "/v1/explain", {"method": "GET", "url": "/"})
        return {one["server"]: one["score"] for one in told["workers"][0]["candidates"]}

    # No request was sent: nothing but what was measured can tell them apart.
    wait_until(lambda: (seen := scores())["shop-1"] > seen["shop-2"] + 0.05, 10, "a worse score of the full one")
    assert _answers(running, 20).count("shop-2") >= 15
