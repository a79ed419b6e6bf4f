"""Unary calls of gRPC in clear text, HTTP/2 on both sides: HAProxy, nginx, nghttpx and Ballast before nghttpd, which
answers each with a message and a `grpc-status` behind it."""

import contextlib
import dataclasses
import pathlib
import re
import shutil
import struct
import subprocess

from Benchmarks import proxies
from Benchmarks.proxies import LOAD_CORE, Proxy
from Benchmarks.secure import NAMES, Sample, run_load, sample, table

# 100 bytes behind the five that frame a message.
MESSAGE = struct.pack(">BI", 0, 100) + b"m" * 100
CONNECTIONS, STREAMS = 10, 10
TITLE = f"unary calls of gRPC in clear text, {CONNECTIONS} connections of {STREAMS} streams"
PATH = "/shop.Echo/Say"

HAPROXY = """\
global
    nbthread 1
    maxconn 19000
    no strict-limits
defaults
    mode http
    timeout connect 3s
    timeout client 1h
    timeout server 60s
    http-reuse always
frontend web
    bind 127.0.0.1:{port} proto h2
{job}    default_backend origin
backend origin
    server origin 127.0.0.1:{origin} proto h2 pool-max-conn -1
"""

BALLAST = """\
listeners:
  web: {{ address: "127.0.0.1:{port}", http2: true }}
services:
  origin: {{ protocol: http2, servers: [ "127.0.0.1:{origin}" ], health: {{ none: {{}} }} }}
admin: {{ address: "127.0.0.1:{admin}" }}
state: {{ path: "{folder}/state" }}
workers: 1
log: {{ level: warning }}
"""


@dataclasses.dataclass
class Caller(Proxy):
    def wait(self) -> None:
        self.wait_for(lambda: _answers(self.port, self.folder))


def measure(folder: pathlib.Path, binary: str, rounds: int, seconds: int, tell) -> dict[str, list[Sample]]:
    own = folder / "calls"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    samples: dict[str, list[Sample]] = {name: [] for name in NAMES}
    with _server(own) as origin, contextlib.ExitStack() as running:
        made = [_make(name, own / name, origin, binary) for name in NAMES]
        for proxy in made:
            running.callback(proxy.stop)
            proxy.start()
        for number in range(rounds):
            turn = number % len(made)
            for proxy in made[turn:] + made[:turn]:
                tell(f"round {number + 1}/{rounds}: grpc: {proxy.name}")
                samples[proxy.name].append(sample(proxy, _calls, seconds))
    return samples


def page_table(samples: dict[str, list[Sample]]) -> str:
    return table(TITLE, samples)


@contextlib.contextmanager
def _server(folder: pathlib.Path):
    (folder / "message").write_bytes(MESSAGE)
    answer = folder / "answers" / PATH[1:]
    answer.parent.mkdir(parents=True)
    answer.write_bytes(MESSAGE)
    port = proxies.free_port()
    server = Caller(
        "nghttpd", port,
        ["nghttpd", "--no-tls", "--address=127.0.0.1", f"--htdocs={folder}/answers", "--trailer=grpc-status: 0", "--workers=1", str(port)],
        folder, cores=str(LOAD_CORE))
    server.start()
    try:
        yield port
    finally:
        server.stop()


def _make(name: str, folder: pathlib.Path, origin: int, binary: str) -> Caller:
    folder.mkdir()
    (folder / "message").write_bytes(MESSAGE)
    port = proxies.free_port()
    words = dict(port=port, origin=origin, folder=folder, admin=proxies.free_port())
    if name == "haproxy":
        file = folder / "haproxy.cfg"
        file.write_text(HAPROXY.format(job=proxies.HAPROXY_JOB, **words))
        command = ["haproxy", "-db", "-f", str(file)]
    elif name == "nginx":
        file = folder / "nginx.conf"
        file.write_text(nginx_text(folder, port, origin))
        command = ["nginx", "-c", str(file), "-p", str(folder)]
    elif name == "nghttpx":
        (folder / "none").touch()
        command = [
            "nghttpx", f"--frontend=127.0.0.1,{port};no-tls", f"--backend=127.0.0.1,{origin};;proto=h2", "--workers=1",
            "--log-level=ERROR", "--accesslog-file=/dev/null", f"--conf={folder}/none"]
    else:
        file = folder / "ballast.yaml"
        file.write_text(BALLAST.format(**words))
        command = [binary, "run", str(file)]
    return Caller(name, port, command, folder)


def nginx_text(folder: pathlib.Path, port: int, origin: int) -> str:
    """The configuration of the other benchmarks, with gRPC in the place of HTTP/1.1."""
    job = proxies.NGINX_JOB.replace("proxy_set_header", "grpc_set_header")
    text = proxies.nginx_text(folder, port, origin, job)
    text = re.sub(r"(listen 127\.0\.0\.1:\d+)", r"\1 http2", text)
    text = re.sub(r"^ *proxy_(?!pass)[^;]*;\n", "", text, flags=re.MULTILINE)
    return text.replace("proxy_pass http://", "grpc_pass grpc://")


def _answers(port: int, folder: pathlib.Path) -> bool:
    return "1 succeeded" in subprocess.run(
        _h2load(port, folder, "-n1", "-c1", "-m1"), capture_output=True, text=True).stdout


def _calls(proxy: Proxy, seconds: int) -> tuple[int, int]:
    told = run_load(_h2load(proxy.port, proxy.folder, f"-D{seconds}", f"-c{CONNECTIONS}", f"-m{STREAMS}"), seconds)
    done, failed = re.search(r"requests: .*?(\d+) succeeded, (\d+) failed", told).groups()
    return int(done), int(failed)


def _h2load(port: int, folder: pathlib.Path, *words: str) -> list[str]:
    return ["h2load", "-t1", *words, "-d", str(folder / "message"), "-H", "content-type: application/grpc", "-H", "te: trailers",
            f"http://127.0.0.1:{port}{PATH}"]
