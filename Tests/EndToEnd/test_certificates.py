"""Certificates as files: checked before they are used, taken when they change, told of when they end."""

import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.certificates import DAY, Authority
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.secure import Secure, ask
from EndToEnd.harness.streams import FULL
from EndToEnd.harness.waiting import wait_until
from EndToEnd.test_routing import Echo

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}", tls: { %s }%s }
services:
  shop: { servers: [ "{server}" ], health: { none: {} } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 2
"""
FILES = "certificates: { certificate: shop.pem, key: shop.key }"


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def echo():
    made = Echo("shop")
    yield made
    made.stop()


def put(pair, folder: pathlib.Path, how: str = "rename") -> None:
    """The pair as shop.pem and shop.key, by an atomic rename as certbot does, or written in place."""
    for source, name in ((pair.key, "shop.key"), (pair.certificate, "shop.pem")):
        if how == "rename":
            draft = folder / f".{name}.new"
            shutil.copy(source, draft)
            draft.rename(folder / name)
        else:
            shutil.copy(source, folder / name)


def shown(port: int, name: str = "shop.example") -> int:
    """The serial number of the certificate that a client gets."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), 10) as plain, context.wrap_socket(plain, server_hostname=name) as link:
        return int(ssl_serial(link.getpeercert(True)), 16)


def ssl_serial(der: bytes) -> str:
    from cryptography import x509

    return f"{x509.load_der_x509_certificate(der).serial_number:x}"


def events(running, kind: str) -> list[str]:
    return [event["message"] for event in running.get("/v1/events?limit=10000") if event["type"] == kind]


@pytest.fixture
def web(ballast, authority, echo, tmp_path):
    """A listener with a good certificate."""
    first = authority.issue("shop.example")
    running = ballast(CONFIGURATION % (FILES, ""), start=False, server=echo.address)
    put(first, running.folder)
    running.start()
    running.first = first
    return running


def taken(running, pair) -> float:
    """Seconds until the pair is what clients get."""
    began = time.monotonic()
    wait_until(lambda: shown(running.port) == pair.x509.serial_number, 5, "the new certificate")
    return time.monotonic() - began


@pytest.mark.parametrize("how", ["rename", "write"])
def test_a_new_pair_is_taken_within_a_second_and_old_connections_stay(web, authority, how):
    with Secure(authority).connect(web.port) as link:
        assert ask(link).status == 200
        for number in range(3):
            new = authority.issue("shop.example", file=f"{how}-{number}")
            put(new, web.folder, how)
            assert taken(web, new) < 1.5
        assert ask(link).status == 200
    wait_until(lambda: len(events(web, "certificate-renewed")) == 3, 5, "three events")
    assert Metrics(web.metrics()).sum("ballast_certificate_reloads_total", result="success") == 3


def test_a_switched_link_is_taken_as_kubernetes_switches_it(ballast, authority, echo):
    running = ballast(
        CONFIGURATION % ("certificates: { certificate: mount/tls.crt, key: mount/tls.key }", ""), start=False,
        server=echo.address)
    mount = running.folder / "mount"

    def volume(name: str, pair) -> None:
        (mount / name).mkdir(parents=True)
        shutil.copy(pair.certificate, mount / name / "tls.crt")
        shutil.copy(pair.key, mount / name / "tls.key")
        (mount / "..data_tmp").symlink_to(name)
        (mount / "..data_tmp").rename(mount / "..data")

    first, second = authority.issue("shop.example", file="v1"), authority.issue("shop.example", file="v2")
    volume("..1", first)
    for name in ("tls.crt", "tls.key"):
        (mount / name).symlink_to(f"..data/{name}")
    running.start()
    assert shown(running.port) == first.x509.serial_number
    volume("..2", second)
    assert taken(running, second) < 1.5


def test_a_bad_pair_leaves_the_old_one_in_use(web, authority):
    other = authority.issue("shop.example", file="unlike")
    shutil.copy(other.certificate, web.folder / "shop.pem")
    (message,) = wait_until(lambda: events(web, "certificate-refused"), 8, "the event")
    assert "shop.key: the key does not belong to the certificate" in message and "stays in use" in message
    assert shown(web.port) == web.first.x509.serial_number
    (row,) = web.get("/v1/certificates")
    assert row["name"] == "shop.pem" and "does not belong" in row["problem"]
    assert Metrics(web.metrics()).sum("ballast_certificate_reloads_total", result="failure") == 1
    # Neither a reload for another reason nor a broken file changes that.
    web.reload()
    wait_until(lambda: events(web, "config-reloaded"), 5, "the reload")
    assert shown(web.port) == web.first.x509.serial_number
    # The second file makes it whole.
    shutil.copy(other.key, web.folder / "shop.key")
    taken(web, other)
    assert "problem" not in web.get("/v1/certificates")[0]
    for secret in other.key.read_text().splitlines()[1:-1]:
        assert secret not in web.output()


def test_keys_of_others_are_read_also_at_a_reload(web, authority):
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    new = authority.issue("shop.example", file="nobody")
    for pair_file, name in ((new.key, "shop.key"), (new.certificate, "shop.pem")):
        draft = web.folder / f".{name}"
        shutil.copy(pair_file, draft)
        os.chmod(draft, 0o600)
        os.chown(draft, 65534, 65534)
        draft.rename(web.folder / name)
    taken(web, new)


def test_no_handshake_fails_while_certificates_change(web, authority):
    pairs = [authority.issue("shop.example", file=f"load-{number}") for number in range(2)]
    changes = 100 if FULL else 8
    ended = threading.Event()
    failures, handshakes = [], [0, 0, 0]

    def knock(place: int) -> None:
        while not ended.is_set():
            try:
                with Secure(authority).connect(web.port) as link:
                    if ask(link).status != 200:
                        failures.append("status")
                handshakes[place] += 1
            except (OSError, ssl.SSLError) as error:
                failures.append(repr(error))

    clients = [threading.Thread(target=knock, args=(place,)) for place in range(3)]
    load = subprocess.Popen(
        ["h2load", "--h1", "-c", "8", "-t", "1", "-D", str(changes // 2 + 4), f"https://127.0.0.1:{web.port}/"],
        stdout=subprocess.PIPE, text=True)
    for client in clients:
        client.start()
    try:
        for number in range(changes):
            put(pairs[number % 2], web.folder)
            taken(web, pairs[number % 2])
    finally:
        ended.set()
        for client in clients:
            client.join()
        text, _ = load.communicate(timeout=120)
    assert failures == [] and min(handshakes) > changes
    assert " 0 failed, 0 errored" in text, text
    assert len(events(web, "certificate-renewed")) == changes
    failed = Metrics(web.metrics()).sum("ballast_tls_handshake_failures_total")
    assert failed == 0


def test_what_ends_is_told(ballast, authority, echo):
    soon, near = authority.issue("a.example", ends=20 * DAY), authority.issue("b.example", ends=6 * DAY)
    over, far = authority.issue("c.example", ends=-DAY / 2), authority.issue("d.example", ends=90 * DAY)
    running = ballast(
        CONFIGURATION % (f"certificates: [ {far.listed}, {soon.listed}, {near.listed}, {over.listed} ]", ""),
        server=echo.address)
    wait_until(lambda: len(events(running, "certificate-expires")) == 2, 5, "two events")
    first, second = sorted(events(running, "certificate-expires"))
    assert "a.example.pem expires in 21 days" in first and "b.example.pem expires in 7 days" in second
    assert any("c.example.pem expired on" in message for message in events(running, "certificate-expired"))
    page = Metrics(running.metrics())
    for pair in (soon, near, over, far):
        end = page.sum("ballast_certificate_expiry_timestamp_seconds", listener="web", certificate=str(pair.certificate))
        assert end == pair.x509.not_valid_after_utc.timestamp() if hasattr(pair.x509, "not_valid_after_utc") else end > 0
    table = running.run_command("get", "certificates", "--admin", f"http://127.0.0.1:{running.admin}", "--no-color")
    assert table.returncode == 0, table.stderr
    rows = {line.split()[0].rsplit("/", 1)[-1]: line for line in table.stdout.splitlines()[1:]}
    assert "EXPIRES" in table.stdout and "listener web" in rows["d.example.pem"] and "EC 256" in rows["d.example.pem"]
    assert "expired" in rows["c.example.pem"] and "5d" in rows["b.example.pem"]
    card = running.run_command(
        "describe", "certificate", str(far.certificate), "--admin", f"http://127.0.0.1:{running.admin}", "--no-color")
    assert card.returncode == 0 and "d.example" in card.stdout and f"{far.x509.serial_number:x}" in card.stdout.lower()


def test_a_certificate_for_development_is_made_kept_and_told_of(ballast, echo):
    routed = CONFIGURATION.replace("services:", "routes: [ { match: { host: [ dev.example, '*.dev.example' ] }, service: shop } ]\nservices:")
    running = ballast(routed % ("selfSigned: true", ", hsts: { maxAge: 1h }"), server=echo.address)
    (row,) = running.get("/v1/certificates")
    assert row["name"] == "state/certificates/web.pem" and row["isSelfSigned"] and row["key"] == "EC 256"
    assert {"localhost", "127.0.0.1", "dev.example", "*.dev.example"} <= set(row["names"])
    assert f"self-signed: web shows SHA-256 {row['fingerprint']}" in running.output()
    key = running.folder / "state/certificates/web.key"
    assert key.stat().st_mode & 0o777 == 0o600
    done = subprocess.run(
        ["curl", "-sS", "-i", "--http1.1", "--max-time", "10", "--cacert", str(key.with_suffix(".pem")), "--resolve",
         f"dev.example:{running.port}:127.0.0.1", f"https://dev.example:{running.port}/"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Strict-Transport-Security: max-age=3600\n" in done.stdout.replace("\r", "")
    # The same after a restart; another one when it would be for other names.
    running.stop()
    running.start()
    assert running.get("/v1/certificates")[0]["fingerprint"] == row["fingerprint"]
    running.write(routed.replace("dev.example,", "test.example,") % ("selfSigned: true", ""))
    running.reload()
    other = wait_until(
        lambda: [one for one in running.get("/v1/certificates") if one["fingerprint"] != row["fingerprint"]], 5, "another")
    assert "test.example" in other[0]["names"]


@pytest.mark.parametrize("kind, message", [
    ("missing", "2:82: error: 'shop.pem': no such file or directory"),
    ("unlike", "2:97: error: 'shop.key': the key does not belong to the certificate in"),
    ("weak", "2:97: error: 'shop.key': an RSA key of 1024 bits is too weak; 2048 is the least"),
    ("encrypted", "2:97: error: 'shop.key': the key is encrypted; decrypt it first, with `openssl pkey`"),
    ("text", "2:82: error: 'shop.pem': has no certificate in PEM"),
    ("expired", "2:82: warning: 'shop.pem': expired on"),
])
def test_what_is_wrong_with_a_pair_is_told_at_its_place(ballast, authority, echo, kind, message):
    running = ballast(CONFIGURATION % (FILES, ""), start=False, server=echo.address)
    if kind == "weak":
        put(authority.issue("weak.example", rsa_bits=1024), running.folder)
    elif kind == "expired":
        put(authority.issue("old.example", ends=-DAY / 2), running.folder)
    elif kind != "missing":
        put(authority.issue("good.example"), running.folder)
    if kind == "unlike":
        shutil.copy(authority.issue("unlike.example").key, running.folder / "shop.key")
    elif kind == "text":
        (running.folder / "shop.pem").write_text("hello\n")
    elif kind == "encrypted":
        subprocess.run(
            ["openssl", "pkey", "-in", str(running.folder / "shop.key"), "-aes256", "-passout", "pass:x", "-out",
             str(running.folder / "locked.key")], check=True)
        (running.folder / "locked.key").rename(running.folder / "shop.key")
    done = running.run_command("check", str(running.file))
    assert done.returncode == (0 if kind == "expired" else 1)
    text = done.stdout + done.stderr
    line = next(line for line in text.splitlines() if "rror: '" in line or "arning: '" in line)
    assert message.split(": ", 1)[1] in line, text
    assert f"{running.file}:2:" in line


def test_an_authority_that_cannot_be_read_lets_nobody_in(ballast, authority, echo):
    pair = authority.issue("shop.example")
    mutual = CONFIGURATION % (f"certificates: {pair.listed}, clientCA: clients.pem", "")
    running = ballast(mutual, start=False, server=echo.address)
    done = running.run_command("check", str(running.file))
    assert done.returncode == 1 and "'clients.pem': no such file or directory" in done.stdout + done.stderr
    # A first start is refused, and a reload leaves what there was.
    running.write(CONFIGURATION % (f"certificates: {pair.listed}", ""))
    running.start()
    running.write(mutual)
    running.reload()
    wait_until(lambda: events(running, "config-refused"), 5, "the refusal")
    with Secure(authority).connect(running.port) as link:
        assert ask(link).status == 200
    # With the file it is asked for.
    shutil.copy(authority.certificate, running.folder / "clients.pem")
    running.reload()
    wait_until(lambda: events(running, "config-reloaded"), 5, "the reload")
    own = authority.issue(common_name="me", client=True)
    with Secure(authority, own).connect(running.port) as link:
        assert ask(link).status == 200
    with pytest.raises((ssl.SSLError, OSError)):
        with Secure(authority).connect(running.port) as link:
            ask(link)
    assert json.dumps(running.get("/v1/certificates")).count("PRIVATE KEY") == 0
    assert request(running.admin, "GET", "/v1/certificates").status == 200
