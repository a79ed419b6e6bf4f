"""How each proxy is configured and started: one core each, tuned fairly, no logs unless named."""

import dataclasses
import os
import pathlib
import shutil
import socket
import subprocess
import time
from collections.abc import Callable

from Benchmarks.accounting import Tree

# The proxy has this core for itself; the load and the origin share the other one.
PROXY_CORE, LOAD_CORE = 0, 1
START_SECONDS, STOP_SECONDS = 10, 10

HAPROXY = """\
global
    nbthread 1
    tune.bufsize 65536
    maxconn 19000
    no strict-limits
defaults
    mode http
    timeout connect 3s
    timeout client 1h
    timeout server 60s
    timeout http-keep-alive 1h
    http-reuse always
frontend web
    bind 127.0.0.1:{port} backlog 4096
{job}    default_backend origin
backend origin
    server origin 127.0.0.1:{origin} pool-max-conn -1
"""

# What Ballast does for every request, said in each peer's words: the same job for all. The bare
# peers leave it out and only pass bytes on.
HAPROXY_JOB = """\
    option forwardfor
    http-request set-header X-Forwarded-Proto http
    http-request set-header X-Forwarded-Host %[req.hdr(host)]
    unique-id-format %[uuid()]
    unique-id-header X-Request-Id
    http-request add-header Via "1.1 haproxy"
    http-response add-header Via "1.1 haproxy"
"""
NGINX_JOB = """\
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Host $http_host;
            proxy_set_header X-Request-Id $request_id;
            proxy_set_header Via "1.1 nginx";
            add_header Via "1.1 nginx";
"""

NGINX = """\
worker_processes 1;
worker_rlimit_nofile {files};
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
events {{ worker_connections 19000; multi_accept on; }}
http {{
    access_log off;
    keepalive_timeout 1h;
    keepalive_requests 1000000000;
    tcp_nodelay on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream origin {{
        server 127.0.0.1:{origin};
        keepalive 1100;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            proxy_pass http://origin;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffers 16 64k;
            proxy_busy_buffers_size 128k;
            proxy_max_temp_file_size 0;
            proxy_request_buffering off;
            client_max_body_size 0;
            client_body_buffer_size 64k;
{job}        }}
    }}
}}
"""

BALLAST = """\
listeners:
  web: {{ address: "127.0.0.1:{port}" }}
services:
  origin:
    servers: [ "127.0.0.1:{origin}" ]
    health: {{ none: {{}} }}
admin: {{ address: "127.0.0.1:{admin}" }}
state: {{ path: "{folder}/state" }}
workers: 1
log: {{ level: warning{access} }}
"""


@dataclasses.dataclass
class Proxy:
    name: str
    port: int
    command: list[str]
    folder: pathlib.Path
    log: pathlib.Path | None = None
    process: subprocess.Popen | None = None
    # As taskset takes them.
    cores: str = str(PROXY_CORE)

    def start(self) -> None:
        with (self.folder / "output").open("wb") as output:
            self.process = subprocess.Popen(
                ["taskset", "-c", self.cores, *self.command], cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        self.wait()

    def wait(self) -> None:
        wait_until_served(self.port, self)

    def wait_for(self, serves: Callable[[], bool]) -> None:
        """Until `serves`; the end of the run where the proxy ended, or does not come to it."""
        deadline = time.monotonic() + START_SECONDS
        while not serves():
            if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{self.name} does not serve:\n{self.output()}")
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    @property
    def tree(self) -> Tree:
        assert self.process is not None
        return Tree(self.process.pid)

    def output(self) -> str:
        return (self.folder / "output").read_text(errors="replace")


# Folder, port, the origin's port, Ballast's binary.
Maker = Callable[[pathlib.Path, int, int, str], Proxy]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_served(port: int, proxy: "Proxy | None" = None) -> None:
    deadline = time.monotonic() + START_SECONDS
    problem = "nothing"
    while time.monotonic() < deadline:
        if proxy is not None and proxy.process is not None and proxy.process.poll() is not None:
            raise SystemExit(f"{proxy.name} ended:\n{proxy.output()}")
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as link:
                link.sendall(b"GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
                answer = link.recv(4096)
            if answer.startswith(b"HTTP/1.1 200"):
                return
            problem = repr(answer[:80])
        except OSError as error:
            problem = str(error)
        time.sleep(0.02)
    told = "" if proxy is None else f"\n{proxy.output()}"
    raise SystemExit(f"port {port} did not serve within {START_SECONDS} s: {problem}{told}")


def start_origin(folder: pathlib.Path) -> tuple[subprocess.Popen, int]:
    port = free_port()
    program = compile_c("origin", folder)
    process = subprocess.Popen(["taskset", "-c", str(LOAD_CORE), str(program), str(port)])
    wait_until_served(port)
    return process, port


def compile_c(name: str, folder: pathlib.Path, *libraries: str) -> pathlib.Path:
    program = folder / name
    source = pathlib.Path(__file__).with_name(f"{name}.c")
    subprocess.run(["cc", "-O2", "-Wall", "-Werror", "-o", program, source, *libraries], check=True)
    return program


def _haproxy(name: str, job: str) -> Maker:
    def make(folder: pathlib.Path, port: int, origin: int, _: str) -> Proxy:
        file = folder / "haproxy.cfg"
        file.write_text(HAPROXY.format(port=port, origin=origin, job=job))
        return Proxy(name, port, ["haproxy", "-db", "-f", str(file)], folder)

    return make


def nginx_text(folder: pathlib.Path, port: int, origin: int, job: str) -> str:
    return NGINX.format(port=port, origin=origin, folder=folder, files=os.sysconf("SC_OPEN_MAX"), job=job)


def _nginx(name: str, job: str) -> Maker:
    def make(folder: pathlib.Path, port: int, origin: int, _: str) -> Proxy:
        file = folder / "nginx.conf"
        file.write_text(nginx_text(folder, port, origin, job))
        return Proxy(name, port, ["nginx", "-c", str(file), "-p", str(folder)], folder)

    return make


def _relay(folder: pathlib.Path, port: int, origin: int, _: str) -> Proxy:
    return Proxy("relay", port, [str(compile_c("relay", folder)), str(port), str(origin)], folder)


def _ballast(name: str, logs: bool) -> Maker:
    def make(folder: pathlib.Path, port: int, origin: int, binary: str) -> Proxy:
        log = folder / "access.log" if logs else None
        access = f', access: {{ path: "{log}", format: json }}' if logs else ""
        file = folder / "ballast.yaml"
        file.write_text(BALLAST.format(
            port=port, origin=origin, admin=free_port(), folder=folder, access=access))
        return Proxy(name, port, [binary, "run", str(file)], folder, log)

    return make


# In the order of the tables. A peer is what the targets are measured against.
MAKERS = {
    "haproxy": _haproxy("haproxy", HAPROXY_JOB),
    "nginx": _nginx("nginx", NGINX_JOB),
    "haproxy-bare": _haproxy("haproxy-bare", ""),
    "nginx-bare": _nginx("nginx-bare", ""),
    "relay": _relay,
    "ballast": _ballast("ballast", logs=False),
    "ballast-log": _ballast("ballast-log", logs=True),
}
PEERS = ("haproxy", "nginx")


def make(name: str, folder: pathlib.Path, origin: int, binary: str) -> Proxy:
    own = folder / name
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    return MAKERS[name](own, free_port(), origin, binary)
