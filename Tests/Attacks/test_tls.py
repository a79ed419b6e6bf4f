"""Rows 24, 44, 45, 51 and 52: what is not TLS on a listener with TLS, and what of TLS is not for us."""

import pathlib
import socket
import ssl

import pytest

from Attacks.case import Reply
from Attacks.recorder import Recorder
from EndToEnd.harness.ballast import Ballast
from EndToEnd.harness.certificates import Authority
from EndToEnd.harness.secure import Secure, ask, s_client
from EndToEnd.harness.waiting import free_port

CONFIGURATION = """\
listeners:
  shop: { address: "127.0.0.1:{port}", service: shop, tls: { certificates: [ {shop}, {other} ] } }
services:
  shop: { servers: [ "127.0.0.1:{server}" ], health: { none: {} } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 2
"""


class Target:
    def __init__(self, folder: pathlib.Path) -> None:
        self.authority, self.recorder = Authority(folder), Recorder()
        self.ballast = Ballast(
            folder, CONFIGURATION, server=self.recorder.port, shop=self.authority.issue("shop.example").listed,
            other=self.authority.issue("other.example").listed)
        self.port = self.ballast.port
        self.ballast.start()

    def exchange(self, sent: bytes) -> bytes:
        """All that comes back until the end."""
        self.recorder.begin(Reply())
        with socket.create_connection(("127.0.0.1", self.port), 10) as link:
            link.sendall(sent)
            received = b""
            try:
                while part := link.recv(65_536):
                    received += part
            except ConnectionResetError:
                pass
            return received


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    made = Target(tmp_path_factory.mktemp("tls-attacks"))
    pid = made.ballast.engine_pid()
    yield made
    assert made.ballast.engine_pid() == pid
    made.ballast.stop()
    made.recorder.stop()


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS", "BREW"])
def test_attack_24_plain_http_is_answered_400_and_goes_nowhere(target, method):
    received = target.exchange(f"{method} /evil HTTP/1.1\r\nHost: shop.example\r\n\r\n".encode())
    assert received.startswith(b"HTTP/1.1 400 ") and b"X-Ballast-Reason: plain-http" in received
    assert b"Connection: close" in received and not target.recorder.raw


@pytest.mark.parametrize("sent", [
    b"\0" * 2000, b"\xff" * 2000, b"\r\n\r\n" * 500, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n" * 100,
    b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + b"\x01" * 200, b"\x16\x03\x01\xff\xff" + b"\x01" * 70_000,
    b"\x16\x03\x01\x00\x00" * 500, b"\x15\x03\x01\x00\x02\x01\x00" * 500, b"\x14\x03\x03\x00\x01\x01" * 500,
    b"\x17\x03\x03\x40\x00" + b"\x01" * 0x4000, b"\x16\x03\x01\x00\x05\x01\xff\xff\xff\x00" + b"\x16\x03\x01\x40\x00" + b"\0" * 0x4000,
], ids=lambda sent: sent[:6].hex())
def test_attack_24_what_is_no_tls_is_closed_and_goes_nowhere(target, sent):
    received = target.exchange(sent)
    # An alert, a plain answer to what looks like HTTP, or nothing at all.
    assert received == b"" or received[:1] == b"\x15" or received.startswith(b"HTTP/1.1 400 ")
    assert not target.recorder.raw


def test_attack_44_a_client_cannot_renegotiate_and_nothing_is_compressed(target):
    text = s_client(target.port, "-tls1_2", "-servername", "shop.example", send="R\n")
    assert "RENEGOTIATING" in text and "no renegotiation" in text
    assert "Compression: NONE" in text and "Secure Renegotiation IS supported" in text


def test_attack_45_early_data_is_not_taken(target, tmp_path):
    session, early = tmp_path / "session", tmp_path / "early"
    early.write_text("POST /evil HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\n\r\n")
    words = ("-tls1_3", "-servername", "shop.example", "-ign_eof")
    request = "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n"
    text = s_client(target.port, *words, "-sess_out", str(session), send=request)
    assert "Max Early Data: 0" in text
    again = s_client(target.port, *words, "-sess_in", str(session), "-early_data", str(early), send=request)
    assert "Early data was accepted" not in again and "Reused, TLSv1.3" in again
    assert all(b"/evil" not in received for received in target.recorder.raw.values())


def test_attack_51_without_its_authorities_nothing_starts(target, tmp_path):
    for content in (None, "", "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n"):
        path = tmp_path / "authorities.pem"
        if content is not None:
            path.write_text(content)
        text = CONFIGURATION.replace("certificates:", f'clientCA: "{path}", certificates:')
        file = tmp_path / "ballast.yaml"
        names = target.ballast.names | {"port": free_port(), "admin": free_port(), "folder": tmp_path}
        for word, value in names.items():
            text = text.replace("{" + word + "}", str(value))
        file.write_text(text)
        run = target.ballast.run_command("run", str(file))
        assert run.returncode != 0 and "authorities.pem" in run.stdout + run.stderr


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_attack_52_a_session_is_of_one_name(target, version):
    client = Secure(target.authority, version=version)

    def resumes(name: str, session: ssl.SSLSession | None) -> tuple[bool, ssl.SSLSession]:
        with client.connect(target.port, name, session) as link:
            assert ask(link, host=name).status == 200
            return bool(link.session_reused), link.session

    first, session = resumes("shop.example", None)
    again, session = resumes("shop.example", session)
    assert not first and again
    other, _ = resumes("other.example", session)
    assert not other
