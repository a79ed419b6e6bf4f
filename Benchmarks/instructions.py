"""Counts the instructions and allocations that a request costs in user space, under valgrind: the same on every
machine and whatever else runs there, so that a change is seen which the noise of a clock would hide."""

import argparse
import array
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading

from Benchmarks import proxies

CONFIGURATION = """\
listeners:
  web: {{ address: "127.0.0.1:{port}" }}
services:
  origin: {{ servers: [ "127.0.0.1:{origin}" ], health: {{ none: {{}} }} }}
admin: {{ address: "127.0.0.1:{admin}" }}
state: {{ path: "{folder}/state" }}
log: {{ level: warning }}
workers: 1
"""
CONNECTIONS, WARM_UP, ROUNDS = 32, 20, 100
# What a change may bring a request to, with some room.
MOST_INSTRUCTIONS, MOST_ALLOCATIONS = 16_500, 0.1
# All that a worker does for an event, as the compiler writes it.
DISPATCH = "V8dispatch"
ALLOCATORS = {"malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"}


def main() -> None:
    words = argparse.ArgumentParser(prog="make instructions", description=__doc__)
    words.add_argument("--ballast", default=".build/release/ballast")
    options = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="ballast-instructions-") as name:
        folder = pathlib.Path(name)
        origin, port = proxies.start_origin(folder)
        try:
            instructions, allocations = count(pathlib.Path(options.ballast).resolve(), folder, port)
        finally:
            origin.kill()
            origin.wait()
    print(f"{instructions:,.0f} instructions and {allocations:.2f} allocations a request in a worker")
    if instructions > MOST_INSTRUCTIONS or allocations > MOST_ALLOCATIONS:
        sys.exit(f"more than {MOST_INSTRUCTIONS:,} instructions or {MOST_ALLOCATIONS} allocations")


def count(ballast: pathlib.Path, folder: pathlib.Path, origin: int) -> tuple[float, float]:
    port, admin = proxies.free_port(), proxies.free_port()
    file = folder / "ballast.yaml"
    file.write_text(CONFIGURATION.format(port=port, admin=admin, origin=origin, folder=folder))
    # valgrind stumbles over the debug information of Swift.
    program = folder / "ballast"
    subprocess.run(["objcopy", "--strip-debug", str(ballast), str(program)], check=True)
    keeper = Keeper(folder, [str(program), "engine", "--", str(file)])
    try:
        keeper.wait()
        requests = load(port, WARM_UP)
        keeper.control("-i", "on")
        requests = load(port, ROUNDS)
        keeper.control("-i", "off")
        keeper.control("-d")
    finally:
        keeper.stop()
    # The first part is empty or short: what was asked for is in the longest.
    profile = max(folder.glob("callgrind.out.*"), key=lambda path: path.stat().st_size)
    return tuple(total / requests for total in read(profile))


def load(port: int, rounds: int) -> int:
    """As wrk with many connections: each round all of them ask, then all read."""
    links = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    ask = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % port
    for _ in range(rounds):
        for link in links:
            link.sendall(ask)
        for link in links:
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += link.recv(65536)
            head, _, body = answer.partition(b"\r\n\r\n")
            missing = int(re.search(rb"(?i)content-length: (\d+)", head).group(1)) - len(body)
            while missing > 0:
                missing -= len(link.recv(65536))
    for link in links:
        link.close()
    return rounds * CONNECTIONS


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
            if DISPATCH in called and DISPATCH not in inside:
                instructions += int(line.split()[1])
            if called in ALLOCATORS and inside not in ALLOCATORS:
                allocations += calls
            calls = None
    return instructions, allocations


if __name__ == "__main__":
    main()
