"""Servers and clients of layer 4: what is sent over them is bytes."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import threading

from EndToEnd.harness.scripted import PATIENCE_SECONDS, Link
from EndToEnd.harness.waiting import free_port, wait_until

# The end of a configuration, which is the same in all.
REST = """
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
log: { access: { path: "{folder}/access.log" } }
workers: 2
"""

POSTGRESQL = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))


class Postgres:
    """A real PostgreSQL in a folder of its own, as a user who may run one."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder, self.port = folder / "postgres", free_port()
        self.folder.mkdir()
        self.socket = folder / "socket"
        self.socket.mkdir()
        self.user = "nobody" if os.geteuid() == 0 else None
        # pytest's folders are for their owner alone.
        for path in [*self.folder.parents][:3]:
            path.chmod(path.stat().st_mode | 0o011)
        for path in (self.folder, self.socket):
            if self.user:
                shutil.chown(path, self.user)
        self._run("initdb", "-D", str(self.folder), "-A", "trust", "-U", "shop", "-N")
        self.process = subprocess.Popen(
            [str(POSTGRESQL[-1] / "postgres"), "-D", str(self.folder), "-p", str(self.port), "-k", str(self.socket),
             "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
            user=self.user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: self._answers(self.port), 30, "PostgreSQL")

    def _run(self, program: str, *words: str) -> None:
        subprocess.run([str(POSTGRESQL[-1] / program), *words], user=self.user, check=True, capture_output=True, cwd=self.socket)

    def _answers(self, port: int) -> bool:
        assert self.process.poll() is None, "PostgreSQL ended"
        return subprocess.run([str(POSTGRESQL[-1] / "pg_isready"), "-h", "127.0.0.1", "-p", str(port)], capture_output=True).returncode == 0

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def psql(port: int, text: str, seconds: float = 20) -> str:
    done = subprocess.run(
        ["psql", "-h", "127.0.0.1", "-p", str(port), "-U", "shop", "-d", "postgres", "-At", "-v", "ON_ERROR_STOP=1", "-c", text],
        capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class NameServer:
    """Answers every question for an A record with one address (RFC 1035), and counts them."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.questions = 0
        self.peers: list[tuple[str, int]] = []
        self.is_open = True
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            question, peer = self.socket.recvfrom(4096)
            if not self.is_open:
                self.socket.close()
                return
            if len(question) < 12:
                continue
            self.questions += 1
            self.peers.append(peer)
            end = question.index(b"\0", 12) + 5
            record = b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04" + socket.inet_aton(self.address)
            self.socket.sendto(question[:2] + b"\x81\x80\0\x01\0\x01\0\0\0\0" + question[12:end] + record, peer)

    def stop(self) -> None:
        # Closing alone does not wake the thread that waits, and the port would stay taken.
        self.is_open = False
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
            caller.sendto(b"", ("127.0.0.1", self.port))
        self.thread.join(PATIENCE_SECONDS)


def dig(port: int, name: str = "shop.example", seconds: int = 2) -> str:
    done = subprocess.run(
        ["dig", "@127.0.0.1", "-p", str(port), "+short", f"+time={seconds}", "+tries=1", "+noedns", name, "A"],
        capture_output=True, text=True, timeout=seconds + 10)
    return done.stdout.strip() if done.returncode == 0 else ""


class Certificate:
    """A key and a certificate of a name, signed by themselves."""

    def __init__(self, folder: pathlib.Path, name: str) -> None:
        self.key, self.file = folder / f"{name}.key", folder / f"{name}.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-keyout", str(self.key), "-out", str(self.file)], check=True, capture_output=True)


class TLSServer:
    """`openssl s_server`: answers with what it is asked, in another order."""

    def __init__(self, certificate: Certificate, protocol: str = "") -> None:
        self.port = free_port()
        alpn = ["-alpn", protocol] if protocol else []
        self.process = subprocess.Popen(
            ["openssl", "s_server", "-accept", f"127.0.0.1:{self.port}", "-cert", str(certificate.file), "-key", str(certificate.key),
             "-quiet", "-rev", *alpn], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def tls(port: int, name: str | None, send: str = "hello", alpn: str = "") -> tuple[str, str]:
    """The name of the certificate that came and what was answered; empty where nothing did."""
    words = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-ign_eof"]
    words += ["-servername", name] if name else ["-noservername"]
    words += ["-alpn", alpn] if alpn else []
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    timer = threading.Timer(PATIENCE_SECONDS, process.kill)
    timer.start()
    subject, answer = "", ""
    try:
        process.stdin.write(send + "\n")
        process.stdin.flush()
        for line in process.stdout:
            if line.startswith("subject="):
                subject = line.rsplit("=", 1)[1].strip()
            if line.strip() == send[::-1]:
                answer = line.strip()
                break
    except BrokenPipeError:
        pass
    finally:
        timer.cancel()
        process.kill()
        process.communicate()
    return subject, answer


def echo(link: Link, _: int) -> None:
    while data := link.socket.recv(65536):
        link.send(data)


def named(name: bytes):
    """A server that says its name and then echoes."""

    def serve(link: Link, number: int) -> None:
        link.send(name + b"\n")
        echo(link, number)

    return serve


def lines(running) -> list[dict]:
    file = pathlib.Path(running.folder) / "access.log"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def line_of(running, count: int = 1) -> dict:
    return wait_until(lambda: lines(running)[count - 1:count], 5, f"line {count} of the access log")[0]


def is_reset(link: Link) -> bool:
    try:
        while link.socket.recv(65536):
            pass
        return False
    except ConnectionResetError:
        return True
