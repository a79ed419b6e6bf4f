"""Sessions that go on: over workers, over engines, and what is stapled to a certificate."""

import os
import pathlib
import signal
import ssl
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization

from EndToEnd.harness.ballast import Ballast, request
from EndToEnd.harness.certificates import Authority
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.secure import Secure, ask, s_client
from EndToEnd.harness.waiting import free_port, wait_until
from EndToEnd.test_routing import Echo

CONFIGURATION = """\
listeners:
  shop: { address: "127.0.0.1:{port}", tls: { certificates: [ {pairs} ] } }
services:
  shop: { servers: [ "{server}" ], health: { none: {} } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 4
"""
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


class Shop:
    def __init__(self, folder: pathlib.Path, authority: Authority, *pairs: str) -> None:
        self.authority, self.echo = authority, Echo("shop")
        self.ballast = Ballast(folder, CONFIGURATION, server=self.echo.address, pairs=", ".join(pairs)).start()

    def visit(self, client: Secure, session: ssl.SSLSession | None = None) -> tuple[bool, ssl.SSLSession]:
        with client.connect(self.ballast.port, session=session) as link:
            assert ask(link).status == 200
            return bool(link.session_reused), link.session

    def stop(self) -> None:
        self.ballast.stop()
        self.echo.stop()


@pytest.fixture
def shop(tmp_path):
    authority = Authority(tmp_path)
    made = Shop(tmp_path, authority, authority.issue("shop.example").listed)
    yield made
    made.stop()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_goes_on_at_every_worker(shop, version):
    client = Secure(shop.authority, version=version)
    reused, session = shop.visit(client)
    assert not reused
    for _ in range(20):
        reused, session = shop.visit(client, session)
        assert reused
    resumed = Metrics(shop.ballast.metrics()).sum("ballast_tls_handshakes_total", listener="shop", resumed="true")
    assert resumed >= 20


def engine_changes(shop: Shop, change) -> None:
    before = shop.ballast.engine_pid()
    change()

    def another() -> bool:
        try:
            return request(shop.ballast.admin, "GET", "/readyz", seconds=2).status == 200 and shop.ballast.engine_pid() != before
        except OSError:
            return False

    wait_until(another, 20, "another engine")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_goes_on_over_an_upgrade_and_a_crash(shop, version):
    client = Secure(shop.authority, version=version)
    _, session = shop.visit(client)

    engine_changes(shop, lambda: shop.ballast.process.send_signal(signal.SIGUSR2))
    reused, session = shop.visit(client, session)
    assert reused
    engine_changes(shop, lambda: os.kill(shop.ballast.engine_pid(), signal.SIGKILL))
    reused, _ = shop.visit(client, session)
    assert reused


def test_openssl_goes_on_with_its_session_over_an_upgrade(shop, tmp_path):
    session = str(tmp_path / "session")
    words, asked = ("-servername", "shop.example", "-ign_eof"), "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n"
    assert "New, TLSv1.3" in s_client(shop.ballast.port, *words, "-sess_out", session, send=asked)
    for _ in range(2):
        assert "Reused, TLSv1.3" in s_client(shop.ballast.port, *words, "-sess_in", session, send=asked)
        engine_changes(shop, lambda: shop.ballast.process.send_signal(signal.SIGUSR2))
    assert "Reused, TLSv1.3" in s_client(shop.ballast.port, *words, "-sess_in", session, send=asked)


def test_whoever_uses_a_ticket_once_gets_the_next_one(shop, tmp_path):
    """As RFC 8446 appendix C.4 asks of clients: so a session that goes on brings another ticket."""
    session = str(tmp_path / "session")
    words, asked = ("-servername", "shop.example", "-ign_eof"), "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n"
    s_client(shop.ballast.port, *words, "-sess_out", session, send=asked)
    told = s_client(shop.ballast.port, *words, "-msg", "-sess_in", session, send=asked)
    assert "Reused, TLSv1.3" in told and "NewSessionTicket" in told


class Responder:
    """`openssl ocsp` with an index of what it knows."""

    def __init__(self, folder: pathlib.Path, authority: Authority, port: int) -> None:
        self.folder, self.authority, self.port = folder, authority, port
        self.index = folder / "index.txt"
        self.key = folder / "responder.key"
        self.process: subprocess.Popen | None = None

    def know(self, pair, revoked: bool = False) -> None:
        expires = pair.x509.not_valid_after_utc.strftime("%y%m%d%H%M%SZ")
        state = f"R\t{expires}\t240101000000Z" if revoked else f"V\t{expires}\t"
        self.index.write_text(f"{state}\t{pair.x509.serial_number:X}\tunknown\t/CN=shop.example\n")

    def start(self) -> "Responder":
        self.key.write_bytes(self.authority.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        self.process = subprocess.Popen(
            ["openssl", "ocsp", "-index", str(self.index), "-port", str(self.port), "-rsigner", str(self.authority.certificate),
             "-rkey", str(self.key), "-CA", str(self.authority.certificate), "-nmin", "5"],
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()


@pytest.mark.parametrize("revoked", [False, True])
def test_what_the_responder_says_is_stapled_if_it_is_good(tmp_path, revoked):
    authority, port = Authority(tmp_path), free_port()
    pair = authority.issue("shop.example", responder=f"http://127.0.0.1:{port}/")
    # With the certificate that issued it, as a chain has it.
    pair.certificate.write_bytes(pair.certificate.read_bytes() + authority.certificate.read_bytes())
    responder = Responder(tmp_path, authority, port)
    responder.know(pair, revoked)
    responder.start()
    shop = Shop(tmp_path, authority, pair.listed)

    def status() -> str:
        return s_client(shop.ballast.port, "-servername", "shop.example", "-status")

    try:
        if revoked:
            wait_until(lambda: "it was revoked" in shop.ballast.output(), 15, "a word of the revocation")
            assert "OCSP response: no response sent" in status()
        else:
            wait_until(lambda: "OCSP Response Status: successful" in status(), 15, "a stapled answer")
            assert "Cert Status: good" in status()
            # What is known stays when the file is read anew, and when the responder is gone.
            responder.stop()
            shop.ballast.reload()
            wait_until(lambda: "config-reloaded" in shop.ballast.output(), 10, "a reload")
            assert "Cert Status: good" in status()
    finally:
        responder.stop()
        shop.stop()


def test_a_responder_that_is_not_there_holds_nothing_up(tmp_path):
    authority = Authority(tmp_path)
    pair = authority.issue("shop.example", responder=f"http://127.0.0.1:{free_port()}/")
    pair.certificate.write_bytes(pair.certificate.read_bytes() + authority.certificate.read_bytes())
    shop = Shop(tmp_path, authority, pair.listed)
    try:
        assert shop.visit(Secure(authority))[0] is False
        wait_until(lambda: "certificate-status-unknown" in shop.ballast.output(), 15, "a word of the silence")
        assert "OCSP response: no response sent" in s_client(shop.ballast.port, "-servername", "shop.example", "-status")
    finally:
        shop.stop()
