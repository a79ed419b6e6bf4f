"""TLS with clients: names, certificates, protocols, clients that have to show who they are."""

import json
import pathlib
import socket
import ssl
import subprocess
import time

import pytest

from EndToEnd.harness.ballast import Ballast
from EndToEnd.harness.certificates import DAY, Authority
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.secure import Secure, ask, s_client
from EndToEnd.harness.streams import FULL
from EndToEnd.harness.waiting import free_port, wait_until
from EndToEnd.test_routing import Echo

CONFIGURATION = """\
listeners:
  shop: { address: "127.0.0.1:{port}", tls: { certificates: [ {first}, {elliptic}, {rsa}, {wild} ] } }
  newest: { address: "127.0.0.1:{newest}", tls: { certificates: [ {first} ], minVersion: "1.3" } }
  behind: { address: "127.0.0.1:{behind}", acceptProxyProtocol: { from: [ 127.0.0.0/8 ] }, tls: { certificates: [ {first} ] } }
  partners:
    address: "127.0.0.1:{partners}"
    tls: { certificates: [ {first} ], clientCA: "{ca}", clientCRL: "{crl}" }
  anybody:
    address: "127.0.0.1:{anybody}"
    tls: { certificates: [ {first} ], clientCA: "{ca}", clientAuth: request }
routes:
  - { name: alice, match: { clientSubject: "CN=ali*" }, service: shop, requestHeaders: { set: { X-Who: "${client-subject} by ${scheme}" } } }
  - { name: others, service: shop }
services:
  shop: { servers: [ "{server}" ], health: { none: {} } }
log: { access: { path: "{folder}/access.log" } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 2
"""


class Shop:
    def __init__(self, folder: pathlib.Path) -> None:
        self.authority, self.echo = Authority(folder), Echo("shop")
        issue = self.authority.issue
        self.alice = issue(common_name="alice", client=True)
        self.mallory = issue(common_name="mallory", client=True)
        ports = {name: free_port() for name in ("newest", "behind", "partners", "anybody")}
        self.ballast = Ballast(
            folder, CONFIGURATION, **ports, server=self.echo.address, ca=self.authority.certificate,
            crl=self.authority.revoke(self.mallory), first=issue("first.example", "127.0.0.1", file="first", ends=90 * DAY).listed,
            elliptic=issue("shop.example", file="elliptic").listed, rsa=issue("shop.example", file="rsa", rsa_bits=2048).listed,
            wild=issue("*.wild.example", file="wild").listed)
        self.ports = {"shop": self.ballast.port, **ports}
        self.ballast.start()

    def __getattr__(self, name: str):
        return self.ports[name]

    def lines(self) -> list[dict]:
        log = self.ballast.folder / "access.log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def line(self, **wanted) -> dict:
        def found() -> dict | None:
            return next((line for line in reversed(self.lines()) if wanted.items() <= line.items()), None)

        return wait_until(found, 5, f"a line with {wanted}")

    def failures(self, listener: str, reason: str) -> float:
        return Metrics(self.ballast.metrics()).sum("ballast_tls_handshake_failures_total", listener=listener, reason=reason)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    made = Shop(tmp_path_factory.mktemp("shop"))
    yield made
    made.ballast.stop()
    made.echo.stop()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_requests_of_every_size_go_through_both_versions(shop, version):
    name = {ssl.TLSVersion.TLSv1_2: "TLSv1.2", ssl.TLSVersion.TLSv1_3: "TLSv1.3"}[version]
    with Secure(shop.authority, version=version).connect(shop.shop) as link:
        for size in (0, 1, 16_384, 16_385, 3_000_000):
            reply = ask(link, f"/{name}/{size}", method="POST", body=b"x" * size)
            seen = json.loads(reply.body)
            assert reply.status == 200 and len(seen["body"]) == size
            assert seen["fields"]["x-forwarded-proto"] == "https" and "x-who" not in seen["fields"]
        link.unwrap()
    line = shop.line(target=f"/{name}/0")
    assert line["tlsVersion"] == name and line["serverName"] == "shop.example" and "AES" in line["tlsCipher"]
    assert "clientSubject" not in line
    done = Metrics(shop.ballast.metrics()).sum("ballast_tls_handshakes_total", listener="shop", version=name, resumed="false")
    assert done >= 1


def test_the_name_and_the_kind_of_key_choose_the_certificate(shop):
    def shown(name: str | None, *words: str) -> str:
        text = s_client(shop.shop, *(["-servername", name] if name else ["-noservername"]), *words)
        subject = next(line for line in text.splitlines() if line.startswith("subject="))
        kind = next(line for line in text.splitlines() if line.startswith("Peer signature type"))
        return f"{subject.split('CN = ')[1]} {kind.split(': ')[1]}"

    assert shown("shop.example", "-sigalgs", "ECDSA+SHA256:RSA-PSS+SHA256") == "shop.example ECDSA"
    assert shown("SHOP.EXAMPLE", "-sigalgs", "RSA-PSS+SHA256:ECDSA+SHA256").startswith("shop.example")
    assert shown("shop.example", "-sigalgs", "RSA-PSS+SHA256") == "shop.example RSA-PSS"
    assert shown("a.wild.example") == "*.wild.example ECDSA"
    assert shown("a.b.wild.example") == shown("unknown.example") == shown(None) == "first.example ECDSA"


def test_the_oldest_version_is_what_the_listener_says(shop):
    with pytest.raises(ssl.SSLError), Secure(shop.authority, version=ssl.TLSVersion.TLSv1_2).connect(shop.newest, "first.example"):
        pass
    shop.line(listener="newest", reason="tls-version")
    assert shop.failures("newest", "tls-version") == 1
    for old in ("-tls1", "-tls1_1"):
        assert "New, (NONE)" in s_client(shop.shop, old, "-cipher", "ALL:@SECLEVEL=0")


def test_what_is_spoken_inside_is_agreed(shop):
    with Secure(shop.authority, protocols=("spdy/3", "http/1.1")).connect(shop.shop) as link:
        assert link.selected_alpn_protocol() == "http/1.1"
    with pytest.raises(ssl.SSLError), Secure(shop.authority, protocols=("smtp",)).connect(shop.shop):
        pass
    shop.line(listener="shop", reason="tls-alpn")


def test_a_proxy_header_comes_before_the_handshake(shop):
    with Secure(shop.authority).connect(shop.behind, "first.example", first=b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n") as link:
        assert json.loads(ask(link, "/behind").body)["fields"]["x-forwarded-for"] == "192.0.2.7"
    assert shop.line(target="/behind")["client"] == "192.0.2.7"


def test_the_end_is_announced(shop):
    link = Secure(shop.authority).connect(shop.shop)
    link.suppress_ragged_eofs = False
    link.sendall(b"GET /end HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n")
    while link.recv(65_536):
        pass
    link.close()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_clients_show_who_they_are_or_are_told_why_not(shop, version):
    def served(port: int, pair=None) -> dict:
        with Secure(shop.authority, pair, version=version).connect(port, "first.example") as link:
            return json.loads(ask(link, "/who").body)

    assert served(shop.partners, shop.alice)["fields"]["x-who"] == "CN=alice by https"
    assert shop.line(listener="partners", status=200)["clientSubject"] == "CN=alice"
    assert "x-who" not in served(shop.anybody)["fields"]
    issue, stranger = shop.authority.issue, Authority(shop.ballast.folder, "Stranger")
    refused = {
        "certificate-missing": None, "certificate-revoked": shop.mallory,
        "certificate-expired": issue(common_name="bob", client=True, begins=-3 * DAY, ends=-DAY),
        "certificate-not-yet-valid": issue(common_name="eve", client=True, begins=DAY),
        "certificate-untrusted": stranger.issue(common_name="carol", client=True),
        "certificate-invalid": issue("shop.example", file="wrong-purpose"),
    }
    for reason, pair in refused.items():
        before = shop.failures("partners", reason)
        with pytest.raises((ssl.SSLError, ConnectionError)):
            served(shop.partners, pair)
        line = shop.line(listener="partners", reason=reason)
        assert line["status"] == 0 and "tlsVersion" not in line
        assert pair is None or line["clientSubject"] == pair.x509.subject.rfc4514_string()
        assert shop.failures("partners", reason) == before + 1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        served(shop.anybody, refused["certificate-untrusted"])


def test_a_flood_of_handshakes_leaves_time_for_requests(shop):
    """Half-open handshakes that each cost a signature, while an established connection asks on."""
    hello = ClientHello(shop).bytes()
    with Secure(shop.authority).connect(shop.shop) as link:
        attackers = [socket.create_connection(("127.0.0.1", shop.shop), 10) for _ in range(300)]
        for attacker in attackers:
            attacker.sendall(hello)
        longest = 0.0
        for number in range(50):
            began = time.monotonic()
            assert ask(link, f"/flood/{number}").status == 200
            longest = max(longest, time.monotonic() - began)
        for attacker in attackers:
            assert attacker.recv(1) == b"\x16"
            attacker.close()
        assert longest < 1


class ClientHello:
    """The first flight of a real client, taken from the library's memory."""

    def __init__(self, shop: Shop) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.link = Secure(shop.authority).context.wrap_bio(self.incoming, self.outgoing, server_hostname="shop.example")

    def bytes(self) -> bytes:
        with pytest.raises(ssl.SSLWantReadError):
            self.link.do_handshake()
        return self.outgoing.read()


@pytest.mark.skipif(not FULL, reason="takes a minute; set BALLAST_FULL")
def test_testssl_finds_nothing_that_matters(shop, tmp_path):
    findings = tmp_path / "findings.json"
    subprocess.run(
        ["testssl", "--severity", "MEDIUM", "--warnings", "off", "--quiet", "--color", "0", "--add-ca", str(shop.authority.certificate),
         "--protocols", "--std", "--pfs", "--server-preference", "--server-defaults", "--vulnerable",
         "--jsonfile", str(findings), f"127.0.0.1:{shop.shop}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=400)
    found = json.loads(findings.read_text())
    # What an address of this machine and a made-up authority bring along.
    expected = {"cert_trust", "cert_chain_of_trust", "cert_revocation", "cert_crlDistributionPoints", "DNS_CAArecord"}
    worse = [(one["id"], one["severity"], one["finding"]) for one in found if one["id"].split(" ")[0] not in expected]
    assert worse == []
