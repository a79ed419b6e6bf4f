"""Bytes a second and core through a relay of layer 4: HAProxy with splice, nginx stream, Ballast, and the relay that copies."""

import dataclasses
import os
import pathlib
import shutil
import socket
import statistics
import subprocess

from Benchmarks import page, proxies
from Benchmarks.proxies import LOAD_CORE, Proxy

CONNECTIONS = 16
NGINX_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"

HAPROXY = """\
global
    nbthread 1
    maxconn 4000
    no strict-limits
defaults
    mode tcp
    timeout connect 3s
    timeout client 1h
    timeout server 1h
    option splice-auto
listen db
    bind 127.0.0.1:{port}
    server origin 127.0.0.1:{origin}
"""
NGINX = """\
load_module {module};
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
events {{ worker_connections 4000; multi_accept on; }}
stream {{
    proxy_buffer_size 64k;
    server {{
        listen 127.0.0.1:{port};
        proxy_pass 127.0.0.1:{origin};
    }}
}}
"""
BALLAST = """\
listeners:
  db: {{ address: "127.0.0.1:{port}", protocol: tcp, service: origin }}
services:
  origin:
    protocol: tcp
    servers: [ "127.0.0.1:{origin}" ]
    health: {{ none: {{}} }}
admin: {{ address: "127.0.0.1:{admin}" }}
state: {{ path: "{folder}/state" }}
workers: 1
log: {{ level: warning }}
"""
NAMES = ["haproxy", "nginx", "relay", "ballast"]


@dataclasses.dataclass(frozen=True)
class Sample:
    # Bytes for a second of the proxy's processor time, bytes a second, share of one core.
    core: float
    rate: float
    busy: float


Samples = dict[str, list[Sample]]


class Stream(Proxy):
    """Speaks no HTTP: it is up when bytes come through."""

    def wait(self) -> None:
        self.wait_for(self._passes_bytes)

    def _passes_bytes(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as link:
                return bool(link.recv(1))
        except OSError:
            return False


def make(name: str, folder: pathlib.Path, origin: int, binary: str) -> Stream:
    own = folder / f"layer4-{name}"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    port = proxies.free_port()
    if name == "relay":
        return Stream(name, port, [str(proxies.compile_c("relay", own)), str(port), str(origin)], own)
    text = {"haproxy": HAPROXY, "nginx": NGINX, "ballast": BALLAST}[name]
    file = own / "configuration.yaml"
    file.write_text(text.format(port=port, origin=origin, admin=proxies.free_port(), folder=own, module=NGINX_MODULE))
    command = {
        "haproxy": ["haproxy", "-db", "-f", str(file)], "nginx": ["nginx", "-c", str(file), "-p", str(own)],
        "ballast": [binary, "run", str(file)]}[name]
    return Stream(name, port, command, own)


def measure(folder: pathlib.Path, binary: str, rounds: int, seconds: int, tell) -> Samples:
    program = proxies.compile_c("stream", folder)
    port = proxies.free_port()
    origin = subprocess.Popen(["taskset", "-c", str(LOAD_CORE), str(program), "serve", str(port)])
    running: list[Stream] = []
    samples: Samples = {name: [] for name in NAMES if name != "nginx" or os.path.exists(NGINX_MODULE)}
    try:
        for name in samples:
            running.append(make(name, folder, port, binary))
            running[-1].start()
        for number in range(rounds):
            turn = number % len(running)
            for proxy in running[turn:] + running[:turn]:
                tell(f"round {number + 1}/{rounds}: layer 4: {proxy.name}")
                samples[proxy.name].append(_run(program, proxy, seconds))
        return samples
    finally:
        for proxy in running:
            proxy.stop()
        origin.kill()
        origin.wait()


def _run(program: pathlib.Path, proxy: Stream, seconds: int) -> Sample:
    before = proxy.tree.cpu_nanoseconds()
    told = subprocess.run(
        ["taskset", "-c", str(LOAD_CORE), str(program), "take", str(proxy.port), str(CONNECTIONS), str(seconds)],
        check=True, capture_output=True, text=True, timeout=seconds + 30).stdout
    used = (proxy.tree.cpu_nanoseconds() - before) / 1e9
    return Sample(core=int(told) / used, rate=int(told) / seconds, busy=used / seconds)


def table(samples: Samples) -> str:
    rows = [["proxy", "GB a second of its core", "of HAProxy", "GB/s", "core busy"]]
    core = {name: statistics.median(one.core for one in found) for name, found in samples.items()}
    for name, found in samples.items():
        rate, busy = (statistics.median(getattr(one, field) for one in found) for field in ("rate", "busy"))
        rows.append([name, f"{core[name] / 1e9:.2f}", f"{core[name] / core['haproxy']:.2f}", f"{rate / 1e9:.2f}", f"{busy:.0%}"])
    return f"### Layer 4, {CONNECTIONS} connections\n\n{page.markdown(rows)}\n"
