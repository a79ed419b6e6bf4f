"""Clients that speak TLS, with Python's own ssl in front of one connection."""

import http.client
import pathlib
import socket
import ssl
import subprocess

from EndToEnd.harness.certificates import Authority, Pair


class Secure:
    """What a client's side is made of. `session` of an earlier connection is offered again."""

    def __init__(
        self, authority: Authority | None, pair: Pair | None = None, protocols: tuple[str, ...] = (),
        version: ssl.TLSVersion | None = None,
    ) -> None:
        self.context = ssl.create_default_context(cafile=str(authority.certificate) if authority else None)
        if authority is None:
            self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        if pair:
            self.context.load_cert_chain(pair.certificate, pair.key)
        if protocols:
            self.context.set_alpn_protocols(list(protocols))
        if version:
            self.context.minimum_version = self.context.maximum_version = version

    def connect(
        self, port: int, name: str | None = "shop.example", session: ssl.SSLSession | None = None, first: bytes = b"",
        seconds: float = 10,
    ) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", port), seconds)
        if first:
            plain.sendall(first)
        try:
            return self.context.wrap_socket(plain, server_hostname=name, session=session)
        except BaseException:
            plain.close()
            raise


class Reply:
    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status, self.body = answer.status, answer.read()
        self.headers = {key.lower(): value for key, value in answer.getheaders()}


def ask(link: ssl.SSLSocket, target: str = "/", host: str = "shop.example", method: str = "GET", body: bytes = b"") -> Reply:
    """One request on a connection that may carry more."""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    link.sendall(f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{length}\r\n".encode() + body)
    answer = http.client.HTTPResponse(link, method=method)
    answer.begin()
    return Reply(answer)


def s_client(port: int, *words: str, send: str = "", seconds: float = 20) -> str:
    """What `openssl s_client` prints."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *words], input=send, capture_output=True, text=True,
        timeout=seconds)
    return done.stdout + done.stderr


def log_lines(path: pathlib.Path) -> str:
    return path.read_text() if path.exists() else ""
