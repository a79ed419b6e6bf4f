"""Servers of NATS and Redis as Debian ships them, and enough of their protocols to look at what they keep."""

import base64
import contextlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import ssl
import subprocess

from EndToEnd.harness.ballast import wait_for_port
from EndToEnd.harness.waiting import free_port, wait_until

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


class Broker:
    """A program that listens at `port`, keeps what it has in `folder`, and can be killed and begun anew."""

    def __init__(self, folder: pathlib.Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self):
        words = self.command()
        program = shutil.which(words[0], path=PATH)
        assert program, f"{words[0]} is missing: run `make setup`"
        with open(self.folder / "log", "a") as log:
            self.process = subprocess.Popen([program, *words[1:]], cwd=self.folder, stdout=log, stderr=log)
        wait_for_port(self.port)
        return self

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    stop = kill


class Nats(Broker):
    """`options` are lines of nats-server's own configuration."""

    def __init__(self, folder: pathlib.Path, options: str = "", authority: pathlib.Path | None = None, login: dict | None = None) -> None:
        super().__init__(folder)
        self.authority, self.login = authority, login or {}
        (folder / "nats.conf").write_text(
            f'listen: "127.0.0.1:{self.port}"\njetstream {{ store_dir: "{folder}/store" }}\n{options}\n')

    def command(self) -> list[str]:
        return ["nats-server", "-c", str(self.folder / "nats.conf")]

    @contextlib.contextmanager
    def client(self):
        with socket.create_connection(("127.0.0.1", self.port), 10) as plain:
            first = b""
            # Byte by byte: what follows the line may be TLS.
            while not first.endswith(b"\n"):
                first += plain.recv(1)
            connection = plain
            if self.authority:
                connection = ssl.create_default_context(cafile=self.authority).wrap_socket(plain, server_hostname="localhost")
            yield NatsClient(connection, self.login)

    def ask(self, subject: str, question: dict) -> dict:
        with self.client() as client:
            return client.ask(subject, question)

    def make_stream(self, subjects: str = "ballast.>", **options) -> None:
        answer = self.ask("$JS.API.STREAM.CREATE.E", {"name": "E", "subjects": [subjects], **options})
        assert "error" not in answer, answer

    def messages(self) -> list[tuple[str, str, dict]]:
        """Subject, `Nats-Msg-Id` and body of each, in the order of the stream."""
        found = []
        with self.client() as client:
            state = client.ask("$JS.API.STREAM.INFO.E", {})["state"]
            for number in range(max(1, state["first_seq"]), state["last_seq"] + 1):
                message = client.ask("$JS.API.STREAM.MSG.GET.E", {"seq": number})["message"]
                header = base64.b64decode(message.get("hdrs", "")).decode()
                name = header.partition("Nats-Msg-Id: ")[2].partition("\r\n")[0]
                found.append((message["subject"], name, json.loads(base64.b64decode(message["data"]))))
        return found


class NatsClient:
    def __init__(self, connection: socket.socket, login: dict) -> None:
        self.connection, self.inbox, self.number = connection, f"_INBOX.{secrets.token_hex(8)}", 0
        self.file = connection.makefile("rb")
        greeting = {"verbose": False, "headers": True, "no_responders": True, **login}
        self.send(f"CONNECT {json.dumps(greeting)}\r\nSUB {self.inbox}.* 1\r\n")

    def send(self, text: str) -> None:
        self.connection.sendall(text.encode())

    def ask(self, subject: str, question: dict) -> dict:
        self.number += 1
        body = json.dumps(question)
        self.send(f"PUB {subject} {self.inbox}.{self.number} {len(body)}\r\n{body}\r\n")
        while True:
            line = self.file.readline().decode().split()
            assert line, "the server closed the connection"
            if line[0] == "PING":
                self.send("PONG\r\n")
            elif line[0] in ("MSG", "HMSG"):
                payload = self.file.read(int(line[-1]) + 2)[:-2]
                return json.loads(payload if line[0] == "MSG" else payload[int(line[-2]):] or "{}")
            else:
                assert line[0] not in ("-ERR",), line


class Redis(Broker):
    """`options` are words of redis-server's command line."""

    def __init__(self, folder: pathlib.Path, *options: str, authority: pathlib.Path | None = None, password: str | None = None) -> None:
        super().__init__(folder)
        self.options, self.authority, self.password = options, authority, password

    def command(self) -> list[str]:
        port = ["--port", "0", "--tls-port", str(self.port)] if self.authority else ["--port", str(self.port)]
        return [
            "redis-server", *port, "--bind", "127.0.0.1", "--appendonly", "yes", "--appendfsync", "always", "--save", "",
            "--dir", str(self.folder), *self.options]

    def start(self):
        super().start()
        wait_until(lambda: self.ask("PING") == "PONG", 10, "a server that has read its file")
        return self

    def ask(self, *words: str):
        with socket.create_connection(("127.0.0.1", self.port), 10) as plain:
            connection = plain
            if self.authority:
                connection = ssl.create_default_context(cafile=self.authority).wrap_socket(plain, server_hostname="localhost")
            file = connection.makefile("rb")
            for command in ([["AUTH", self.password]] if self.password else []) + [list(words)]:
                text = f"*{len(command)}\r\n" + "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in command)
                connection.sendall(text.encode())
                answer = self._reply(file)
            return answer

    def _reply(self, file):
        line = file.readline().decode().rstrip()
        kind, rest = line[:1], line[1:]
        if kind == "$":
            return file.read(int(rest) + 2)[:-2].decode() if int(rest) >= 0 else None
        if kind == "*":
            return [self._reply(file) for _ in range(int(rest))]
        return int(rest) if kind == ":" else rest if kind == "+" else line

    def messages(self, stream: str = "ballast:events") -> list[tuple[str, str, dict]]:
        """Type, id and body of each, in the order of the stream."""
        found = []
        for _, fields in self.ask("XRANGE", stream, "-", "+"):
            entry = dict(zip(fields[::2], fields[1::2]))
            found.append((entry["type"], entry["id"], json.loads(entry["data"])))
        return found
