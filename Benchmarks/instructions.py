"""Counts the instructions and allocations that a request costs in user space, under valgrind: the same on every
machine and whatever else runs there, so that a change is seen which the noise of a clock would hide."""

import argparse
import array
import dataclasses
import functools
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable

from Benchmarks import proxies, secure

CONFIGURATION = """\
listeners:
  web: {{ address: "127.0.0.1:{port}"{listener} }}
services:
  origin: {{ protocol: {protocol}, servers: [ "127.0.0.1:{origin}" ], health: {{ none: {{}} }} }}
admin: {{ address: "127.0.0.1:{admin}" }}
state: {{ path: "{folder}/state" }}
workers: 1
{more}
"""
CONNECTIONS, WARM_UP, ROUNDS = 32, 20, 100
# Streams of a connection of HTTP/2 at a time.
STREAMS = 10
# What a worker does for an event and at the end of a turn, as the compiler writes it.
TURN = ("V8dispatch", "V13flushSessions", "V19writeServerSessions")
ALLOCATORS = {"malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"}
TLS = ", tls: { certificates: [ { certificate: ec.crt, key: ec.key } ] }"


@dataclasses.dataclass(frozen=True)
class Kind:
    listener: str
    # Given a port, makes what does so many rounds and says how many requests they had.
    client: Callable[[int], Callable[[int], int]]
    # What a change may bring a request to, with some room.
    most_instructions: int
    most_allocations: float
    # That servers speak.
    protocol: str = "http"
    # Of the configuration.
    more: str = ""


def main() -> None:
    words = argparse.ArgumentParser(prog="make instructions", description=__doc__)
    words.add_argument("--ballast", default=".build/release/ballast")
    words.add_argument("--kind", action="append", choices=KINDS, help="all by default")
    words.add_argument("--keep", type=pathlib.Path, help="a folder for the profiles, for callgrind_annotate")
    options = words.parse_args()
    excess = []
    with tempfile.TemporaryDirectory(prefix="ballast-instructions-") as name:
        folder = pathlib.Path(name)
        # valgrind stumbles over the debug information of Swift.
        program = folder / "ballast"
        subprocess.run(["objcopy", "--strip-debug", options.ballast, str(program)], check=True)
        origin, port = proxies.start_origin(folder)
        translator, http2_port = start_translator(folder, port)
        try:
            for name in options.kind or KINDS:
                kind = KINDS[name]
                own = folder / name
                own.mkdir()
                instructions, allocations = count(kind, program, own, http2_port if kind.protocol == "http2" else port)
                print(f"{name}: {instructions:,.0f} instructions and {allocations:.2f} allocations a request in a worker")
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    shutil.copy(profile(own), options.keep / f"callgrind.{name}")
                if instructions > kind.most_instructions or allocations > kind.most_allocations:
                    excess.append(
                        f"{name}: more than {kind.most_instructions:,} instructions or {kind.most_allocations} allocations")
        finally:
            for one in (origin, translator):
                one.terminate()
                one.wait()
    if excess:
        sys.exit("\n".join(excess))


def start_translator(folder: pathlib.Path, origin: int) -> tuple[subprocess.Popen, int]:
    """nghttpx as a server of HTTP/2."""
    port = proxies.free_port()
    (folder / "none").touch()
    process = subprocess.Popen(
        ["nghttpx", f"--frontend=127.0.0.1,{port};no-tls", f"--backend=127.0.0.1,{origin}", "--workers=1",
         "--log-level=ERROR", "--accesslog-file=/dev/null", f"--conf={folder}/none"],
        stderr=subprocess.DEVNULL)
    proxies.wait_until_served(port)
    return process, port


def count(kind: Kind, program: pathlib.Path, folder: pathlib.Path, origin: int) -> tuple[float, float]:
    port, admin = proxies.free_port(), proxies.free_port()
    file = folder / "ballast.yaml"
    file.write_text(CONFIGURATION.format(
        listener=kind.listener, protocol=kind.protocol, port=port, admin=admin, origin=origin, folder=folder,
        more=kind.more))
    if kind.listener == TLS:
        secure.certificates(folder)
    keeper = Keeper(folder, [str(program), "engine", "--", str(file)])
    try:
        keeper.wait()
        load = kind.client(port)
        load(WARM_UP)
        keeper.control("-i", "on")
        requests = load(ROUNDS)
        keeper.control("-i", "off")
        keeper.control("-d")
    finally:
        keeper.stop()
    return tuple(total / requests for total in read(profile(folder)))


def profile(folder: pathlib.Path) -> pathlib.Path:
    # The first part is empty or short: what was asked for is in the longest.
    return max(folder.glob("callgrind.out.*"), key=lambda path: path.stat().st_size)


def plain(port: int) -> Callable[[int], int]:
    return functools.partial(ask, [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)])


def secured(port: int) -> Callable[[int], int]:
    """Handshakes are over when it is counted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return functools.partial(ask, [
        context.wrap_socket(socket.create_connection(("127.0.0.1", port))) for _ in range(CONNECTIONS)])


def ask(links: list[socket.socket], rounds: int) -> int:
    """As wrk with many connections: each round all of them ask, then all read."""
    head = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for _ in range(rounds):
        for link in links:
            link.sendall(head)
        for link in links:
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += link.recv(65536)
            front, _, body = answer.partition(b"\r\n\r\n")
            missing = int(re.search(rb"(?i)content-length: (\d+)", front).group(1)) - len(body)
            while missing > 0:
                missing -= len(link.recv(65536))
    return rounds * CONNECTIONS


def streams(scheme: str, port: int) -> Callable[[int], int]:
    def run(rounds: int) -> int:
        requests = rounds * CONNECTIONS
        told = subprocess.run(
            ["h2load", "-t1", "-c1", f"-m{STREAMS}", f"-n{requests}", f"{scheme}://127.0.0.1:{port}/"],
            check=True, capture_output=True, text=True, timeout=120).stdout
        if f"{requests} succeeded" not in told:
            sys.exit(told)
        return requests

    return run


KINDS = {
    "http1": Kind("", plain, 14_500, 0.1),
    # Of what is kept, another thread makes spans; that memory is counted as well.
    "http1-traces": Kind("", plain, 15_500, 0.5, more='traces: { url: "http://127.0.0.1:9/v1/traces" }'),
    "http1-log": Kind("", plain, 17_600, 0.1, more="log: { access: { path: access.log } }"),
    "tls": Kind(TLS, secured, 32_500, 6.5),
    "http2": Kind(", http2: true", functools.partial(streams, "http"), 32_000, 4.5),
    "http2-servers": Kind("", plain, 40_700, 9.7, "http2"),
    "http2-tls": Kind(TLS, functools.partial(streams, "https"), 37_800, 6),
}


class Keeper:
    """Starts an engine under valgrind and speaks the keeper's side of the link, since the keeper itself would
    start the engine from a descriptor, where valgrind can't follow."""

    def __init__(self, folder: pathlib.Path, command: list[str]) -> None:
        self.link, engine = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.serves = threading.Event()
        self.output = folder / "output"
        self.process = subprocess.Popen(
            ["valgrind", "--tool=callgrind", "--instr-atstart=no",
             f"--callgrind-out-file={folder}/callgrind.out.%p", *command],
            env=dict(os.environ, BALLAST_LINK=str(engine.fileno())), pass_fds=[engine.fileno()],
            stdout=self.output.open("wb"), stderr=subprocess.STDOUT)
        engine.close()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while data := socket.recv_fds(self.link, 1 << 18, 253)[0]:
            (kind, fields), = json.loads(data).items()
            if kind == "hello":
                self._say("welcome", [], restarts=0)
            elif kind == "listen":
                host, _, port = fields["address"].rpartition(":")
                sockets = [self._listener(host, int(port)) for _ in range(fields["sockets"])]
                self._say("listening", sockets, name=fields["name"], address=fields["address"])
            elif kind == "serving":
                self.serves.set()

    def _say(self, kind: str, sockets: list[socket.socket], **fields) -> None:
        rights = array.array("i", [one.fileno() for one in sockets])
        self.link.sendmsg(
            [json.dumps({kind: fields}).encode()],
            [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)] if sockets else [])

    @staticmethod
    def _listener(host: str, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.setblocking(False)
        listener.bind((host, port))
        listener.listen(1024)
        return listener

    def wait(self) -> None:
        if not self.serves.wait(120):
            sys.exit(f"the engine did not start:\n{self.output.read_text()}")

    def control(self, *words: str) -> None:
        subprocess.run(["callgrind_control", *words, str(self.process.pid)], check=True, capture_output=True)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def read(profile: pathlib.Path) -> tuple[int, int]:
    """Instructions of all that the workers' events lead to, and how often memory was asked for, in a file of
    callgrind (its manual, section "Callgrind Format Specification")."""
    names: dict[str, str] = {}
    instructions, allocations = 0, 0
    inside, calls = "", None
    for line in profile.read_text().splitlines():
        if match := re.match(r"(c?fn)=\((\d+)\)(?: (.*))?$", line):
            name = names.setdefault(match[2], match[3]) if match[3] else names[match[2]]
            if match[1] == "fn":
                inside = name
            else:
                called = name
        elif line.startswith("calls="):
            calls = int(line[6:].split()[0])
        elif calls is not None:
            # The line behind a call has what it cost, all in all.
            if any(one in called and one not in inside for one in TURN):
                instructions += int(line.split()[1])
            if called in ALLOCATORS and inside not in ALLOCATORS:
                allocations += calls
            calls = None
    return instructions, allocations


if __name__ == "__main__":
    main()
