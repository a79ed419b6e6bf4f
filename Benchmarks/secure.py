"""TLS and HTTP/2: HAProxy, nginx, nghttpx and Ballast with the same certificates, ciphers and job."""

import dataclasses
import pathlib
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable

from Benchmarks import page, proxies
from Benchmarks.proxies import LOAD_CORE, Proxy

# What Mozilla's intermediate profile lets a client choose from; every client here takes the first.
CIPHERS = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"

HAPROXY = """\
global
    nbthread 1
    tune.bufsize 65536
    maxconn 19000
    no strict-limits
    ssl-default-bind-options ssl-min-ver TLSv1.2
    ssl-default-bind-ciphers {ciphers}
defaults
    mode http
    timeout connect 3s
    timeout client 1h
    timeout server 60s
    timeout http-keep-alive 1h
    http-reuse always
frontend web
    bind 127.0.0.1:{port} ssl crt {folder}/ec.pem alpn h2,http/1.1 backlog 4096
    bind 127.0.0.1:{other} ssl crt {folder}/rsa.pem alpn h2,http/1.1 backlog 4096
{job}    default_backend origin
backend origin
    server origin 127.0.0.1:{origin} pool-max-conn -1
"""

BALLAST = """\
listeners:
  web: {{ address: "127.0.0.1:{port}", tls: {{ certificates: [ {{ certificate: ec.crt, key: ec.key }} ] }} }}
  other: {{ address: "127.0.0.1:{other}", tls: {{ certificates: [ {{ certificate: rsa.crt, key: rsa.key }} ] }} }}
services:
  origin: {{ servers: [ "127.0.0.1:{origin}" ], health: {{ none: {{}} }} }}
admin: {{ address: "127.0.0.1:{admin}" }}
state: {{ path: "{folder}/state" }}
workers: 1
log: {{ level: warning }}
"""

# In handshakes.c.
CLIENTS = 16
NAMES = ["haproxy", "nginx", "nghttpx", "ballast"]
PEERS = NAMES[:-1]


@dataclasses.dataclass
class Secure(Proxy):
    # Serves the same with an RSA certificate; `port` has one with an elliptic curve.
    other: int = 0

    def wait(self) -> None:
        for port in (self.port, self.other):
            self.wait_for(lambda port=port: _serves(port))


def _serves(port: int) -> bool:
    return subprocess.run(["curl", "-sk", "-o", "/dev/null", "--fail", f"https://127.0.0.1:{port}/"]).returncode == 0


def make(name: str, folder: pathlib.Path, origin: int, binary: str) -> Secure:
    own = folder / f"secure-{name}"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    certificates(own)
    port, other = proxies.free_port(), proxies.free_port()
    words = dict(port=port, other=other, origin=origin, folder=own, admin=proxies.free_port(), ciphers=CIPHERS)
    if name == "haproxy":
        file = own / "haproxy.cfg"
        file.write_text(HAPROXY.format(job=proxies.HAPROXY_JOB.replace("Proto http", "Proto https"), **words))
        command = ["haproxy", "-db", "-f", str(file)]
    elif name == "nginx":
        file = own / "nginx.conf"
        file.write_text(nginx_text(own, words))
        command = ["nginx", "-c", str(file), "-p", str(own)]
    elif name == "nghttpx":
        command = [
            "nghttpx", f"--frontend=127.0.0.1,{port}", f"--frontend=127.0.0.1,{other}",
            f"--subcert={own}/rsa.key:{own}/rsa.crt", f"--backend=127.0.0.1,{origin}", "--workers=1",
            "--backend-connections-per-host=1024", f"--ciphers={CIPHERS}", "--log-level=ERROR", "--accesslog-file=/dev/null",
            f"--conf={own}/none", f"{own}/ec.key", f"{own}/ec.crt"]
        (own / "none").touch()
    else:
        file = own / "ballast.yaml"
        file.write_text(BALLAST.format(**words))
        command = [binary, "run", str(file)]
    return Secure(name, port, command, own, other=other)


def nginx_text(folder: pathlib.Path, words: dict) -> str:
    """The configuration of the other benchmarks, with TLS on both listeners."""
    job = proxies.NGINX_JOB.replace("$scheme", "https")
    plain = proxies.nginx_text(folder, words["port"], words["origin"], job)
    settings = (
        "    ssl_certificate {0}/{1}.crt; ssl_certificate_key {0}/{1}.key; ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers {2};\n"
        "    ssl_session_cache shared:all:10m; http2_max_concurrent_streams 128;\n")
    before, _, server = plain.partition("    server {\n        listen")
    server = server.partition(";")[2]
    blocks = [
        f"    server {{\n        listen 127.0.0.1:{port} ssl http2 backlog=4096;\n"
        + settings.format(folder, kind, CIPHERS) + server.rstrip().removesuffix("}")
        for port, kind in ((words["port"], "ec"), (words["other"], "rsa"))]
    return before + "\n".join(blocks) + "}\n"


def certificates(folder: pathlib.Path) -> None:
    """`ec` and `rsa`: certificate, key, and both in one file as HAProxy wants it."""
    for kind, words in {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], "rsa": ["rsa:2048"]}.items():
        subprocess.run(
            ["openssl", "req", "-x509", "-nodes", "-newkey", *words, "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", f"{kind}.key", "-out", f"{kind}.crt"],
            cwd=folder, check=True, capture_output=True)
        both = (folder / f"{kind}.crt").read_text() + (folder / f"{kind}.key").read_text()
        (folder / f"{kind}.pem").write_text(both)


# What is measured: each returns how much was done, and what failed.
Load = Callable[[Secure, int], tuple[int, int]]


def keep_alive(proxy: Secure, seconds: int) -> tuple[int, int]:
    told = run_load(["wrk", "-t1", "-c64", f"-d{seconds}s", f"https://127.0.0.1:{proxy.port}/"], seconds)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told)
    failed = sum(map(int, errors.groups())) if errors else 0
    return int(re.search(r"(\d+) requests in", told).group(1)), failed


def new_connections(kind: str, mode: str) -> Load:
    """A request on each connection, after a full handshake or with an earlier session."""
    def load(proxy: Secure, seconds: int) -> tuple[int, int]:
        port = proxy.port if kind == "ec" else proxy.other
        told = run_load([str(client(proxy.folder.parent)), str(port), str(seconds), mode], seconds)
        done, reused, failed = map(int, told.split())
        # Each client's first connection has nothing to go on with.
        missing = max(0, done - CLIENTS - reused) if mode == "resumed" else reused
        return done, failed + missing

    return load


def client(folder: pathlib.Path) -> pathlib.Path:
    program = folder / "handshakes"
    return program if program.exists() else proxies.compile_c("handshakes", folder, "-lssl", "-lcrypto")


def streams(each: int) -> Load:
    def load(proxy: Secure, seconds: int) -> tuple[int, int]:
        told = run_load(
            ["h2load", "-t1", f"-c{max(1, 100 // each)}", f"-m{each}", f"-D{seconds}", f"https://127.0.0.1:{proxy.port}/"], seconds)
        done, failed = re.search(r"requests: .*?(\d+) succeeded, (\d+) failed", told).groups()
        return int(done), int(failed)

    return load


def run_load(command: list[str], seconds: int) -> str:
    return subprocess.run(
        ["taskset", "-c", str(LOAD_CORE), *command], check=True, capture_output=True, text=True, timeout=seconds + 60).stdout


PARTS: dict[str, dict[str, tuple[str, Load]]] = {
    "tls": {
        "keep-alive": ("TLS 1.3, 64 keep-alive connections", keep_alive),
        "full-ec": ("a new connection for each request, full handshake, P-256", new_connections("ec", "full")),
        "full-rsa": ("a new connection for each request, full handshake, RSA 2048", new_connections("rsa", "full")),
        "resumed": ("a new connection for each request, session resumed", new_connections("ec", "resumed")),
    },
    "http2": {f"streams-{each}": (f"HTTP/2 over TLS, {max(1, 100 // each)} connections of {each} streams", streams(each))
              for each in (1, 10, 100)},
}


@dataclasses.dataclass(frozen=True)
class Sample:
    # Microseconds of the proxy's processor time for a request; requests a second; share of one core.
    cpu: float
    rate: float
    busy: float
    failed: int


Samples = dict[str, dict[str, list[Sample]]]


def measure(part: str, folder: pathlib.Path, origin: int, binary: str, rounds: int, seconds: int, tell) -> Samples:
    running: list[Secure] = []
    samples: Samples = {name: {} for name in PARTS[part]}
    try:
        for name in NAMES if part == "http2" else [name for name in NAMES if name != "nghttpx"]:
            running.append(make(name, folder, origin, binary))
            running[-1].start()
        for number in range(rounds):
            turn = number % len(running)
            for scenario, (_, load) in PARTS[part].items():
                for proxy in running[turn:] + running[:turn]:
                    tell(f"round {number + 1}/{rounds}: {part}: {scenario}: {proxy.name}")
                    samples[scenario].setdefault(proxy.name, []).append(sample(proxy, load, seconds))
        return samples
    finally:
        for proxy in running:
            proxy.stop()


def sample(proxy: Proxy, load: Load, seconds: int) -> Sample:
    before, began = proxy.tree.cpu_nanoseconds(), time.monotonic()
    done, failed = load(proxy, seconds)
    used, passed = proxy.tree.cpu_nanoseconds() - before, time.monotonic() - began
    if done == 0:
        raise SystemExit(f"{proxy.name} answered nothing:\n{proxy.output()}")
    return Sample(cpu=used / 1000 / done, rate=done / seconds, busy=used / 1e9 / passed, failed=failed)


def tables(part: str, samples: Samples) -> str:
    return "\n".join(table(PARTS[part][scenario][0], found) for scenario, found in samples.items())


def table(title: str, found: dict[str, list[Sample]]) -> str:
    cpu = {name: statistics.median(one.cpu for one in each) for name, each in found.items()}
    better = min(cpu[name] for name in PEERS if name in cpu)
    rows = [["proxy", "CPU a request", "of the best peer", "requests a second of its core", "requests/s", "core busy", "failed"]]
    for name in (name for name in NAMES if name in found):
        rate, busy = (statistics.median(getattr(one, field) for one in found[name]) for field in ("rate", "busy"))
        rows.append([
            name, f"{cpu[name]:.1f} µs", f"{cpu[name] / better:.2f}", f"{1e6 / cpu[name]:,.0f}", f"{rate:,.0f}", f"{busy:.0%}",
            str(sum(one.failed for one in found[name]))])
    return f"### {title[0].upper()}{title[1:]}\n\n{page.markdown(rows)}\n"
