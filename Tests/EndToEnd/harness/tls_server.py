"""An HTTPS server whose every step can be told and seen: certificates asked for, names, sessions, connections."""

import hashlib
import json
import socket
import ssl
import struct
import threading


class TLSServer:
    """Answers each request with JSON of what it saw; `/bytes/N` with N bytes, `/until-close` with a body that ends with the
    connection, `/cut` with one that is cut, `/slow/S` after S seconds. A request to upgrade is echoed from then on."""

    def __init__(
        self, certificate, key, clients=None, proxy_header: bool = False, keeps: bool = True, version=None, name: str = "s",
    ) -> None:
        self.name, self.keeps, self.proxy_header = name, keeps, proxy_header
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        if clients:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(clients)
        if version:
            self.context.maximum_version = version
        self.names: list[str | None] = []
        self.context.sni_callback = lambda _, name, __: self.names.append(name)
        self.seen: list[dict] = []
        self.connections, self.resumed, self.failures = 0, 0, 0
        self.headers: list[bytes] = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            if self.proxy_header:
                line = b""
                while not line.endswith(b"\r\n"):
                    line += plain.recv(1)
                self.headers.append(line)
            connection = self.context.wrap_socket(plain, server_side=True)
        except (OSError, ssl.SSLError):
            with self.lock:
                self.failures += 1
            plain.close()
            return
        with self.lock:
            self.connections += 1
            self.resumed += bool(connection.session_reused)
        try:
            stream = connection.makefile("rwb")
            while self._answer(connection, stream):
                pass
        except (OSError, ssl.SSLError, ValueError):
            pass
        finally:
            try:
                connection.close()
            except OSError:
                pass

    def _answer(self, connection: ssl.SSLSocket, stream) -> bool:
        line = stream.readline()
        if not line:
            connection.unwrap()
            return False
        method, path, _ = line.decode().split(" ", 2)
        fields = {}
        while (line := stream.readline()) not in (b"\r\n", b""):
            key, _, value = line.decode().partition(":")
            fields[key.lower()] = value.strip()
        if fields.get("upgrade"):
            return self._echo(stream, fields)
        body = self._body(stream, fields)
        subject = (connection.getpeercert() or {}).get("subject", ())
        what = {
            "server": self.name, "method": method, "path": path, "fields": fields, "length": len(body),
            "sha256": hashlib.sha256(body).hexdigest(), "subject": "".join(part[0][1] for part in subject)}
        with self.lock:
            self.seen.append(what)
        if path == "/until-close" or path == "/cut":
            stream.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 1000)
            stream.flush()
            if path == "/until-close":
                connection.unwrap()
            else:
                # A FIN that TLS does not know of, as from somebody on the way.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
            return False
        if path.startswith("/slow/"):
            threading.Event().wait(float(path.split("/")[2]))
        text = json.dumps(what).encode()
        if path.startswith("/bytes/"):
            count = int(path.split("/")[2])
            text = (struct.pack(">Q", 0x0102030405060708) * (count // 8 + 1))[:count]
        close = b"" if self.keeps else b"Connection: close\r\n"
        stream.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n" % (len(text), close))
        stream.write(b"" if method == "HEAD" else text)
        stream.flush()
        if not self.keeps:
            connection.unwrap()
        return self.keeps

    @staticmethod
    def _body(stream, fields) -> bytes:
        if fields.get("transfer-encoding") != "chunked":
            return stream.read(int(fields.get("content-length", 0)))
        body = b""
        while size := int(stream.readline(), 16):
            body += stream.read(size)
            stream.readline()
        stream.readline()
        return body

    @staticmethod
    def _echo(stream, fields) -> bool:
        stream.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n" % fields["upgrade"].encode())
        stream.flush()
        while data := stream.read1(65536):
            stream.write(data)
            stream.flush()
        return False
