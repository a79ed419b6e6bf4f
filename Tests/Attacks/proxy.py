"""The proxy under attack: Ballast, or a peer to compare with."""

import pathlib
import subprocess

from Attacks.client import Client
from EndToEnd.harness.ballast import Ballast, wait_for_port
from EndToEnd.harness.waiting import free_port, wait_until

BALLAST = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
routes:
  - { name: shop, match: { host: shop }, service: shop }
  - { name: admin, match: { host: shop, path: "/admin/*" }, respond: { status: 403 } }
  - { name: role, match: { headers: { X-Role: admin } }, priority: 1, respond: { status: 403 } }
  - { name: old, match: { host: shop, path: "/old/*" }, redirect: { to: "/*", status: 308 } }
  - { name: away, match: { path: /away }, priority: 1, redirect: { to: "https://${host}${path}" } }
services:
  shop:
    servers: [ "127.0.0.1:{server}" ]
    health: { none: {} }
    timeouts: { connect: 1s, response: 4s }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""

# The peers as their documentation shows a plain reverse proxy, with the fields that Ballast sets.
HAPROXY = """\
global
    nbthread 1
    maxconn 1000
defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 4s
    http-reuse always
frontend web
    bind 127.0.0.1:{port}
    http-request return status 403 if {{ path -m beg /admin }} or {{ req.fhdr(X-Role) -m str admin }}
    http-request redirect location /a code 308 if {{ path_beg /old/ }}
    http-request return status 404 unless {{ req.hdr(host),host_only,lower -m str shop }}
    option forwardfor
    http-request set-header X-Forwarded-Proto http
    http-request set-header X-Forwarded-Host %[req.hdr(host)]
    unique-id-format %[uuid()]
    unique-id-header X-Request-Id
    http-request add-header Via "1.1 haproxy"
    default_backend shop
backend shop
    server shop 127.0.0.1:{server}
"""

NGINX = """\
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream shop {{ server 127.0.0.1:{server} max_fails=0; keepalive 16; }}
    server {{ listen 127.0.0.1:{port} default_server; return 404; }}
    server {{
        listen 127.0.0.1:{port};
        server_name shop;
        location /admin {{ return 403; }}
        location /old/ {{ return 308 /a; }}
        location / {{
            proxy_pass http://shop;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Host $host;
            proxy_set_header X-Request-Id $request_id;
            proxy_set_header Via "1.1 nginx";
            proxy_request_buffering off;
            proxy_read_timeout 4s;
        }}
    }}
}}
"""


class BallastProxy:
    def __init__(self, folder: pathlib.Path, server: int) -> None:
        self.ballast = Ballast(folder, BALLAST, server=server).start()
        self.port = self.ballast.port
        self.pid = self.ballast.engine_pid()

    def check_alive(self) -> None:
        now = self.ballast.engine_pid()
        before, self.pid = self.pid, now
        assert now == before, f"the engine crashed: pid {before} became {now}\n{self.ballast.output()}"

    def stop(self) -> None:
        code = self.ballast.stop()
        assert code == 0, f"it ended with {code}:\n{self.ballast.output()}"


class Peer:
    def __init__(self, folder: pathlib.Path, server: int, name: str) -> None:
        self.port = free_port()
        file = folder / name
        text = {"haproxy": HAPROXY, "nginx": NGINX}[name]
        file.write_text(text.format(port=self.port, server=server, folder=folder))
        command = {"haproxy": ["haproxy", "-db", "-f", str(file)], "nginx": ["nginx", "-c", str(file), "-p", str(folder)]}[name]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(self.port)

    def check_alive(self) -> None:
        assert self.process.poll() is None, "the proxy ended"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def start(name: str, folder: pathlib.Path, server: int) -> BallastProxy | Peer:
    proxy = BallastProxy(folder, server) if name == "ballast" else Peer(folder, server, name)

    def serves() -> bool:
        client = Client(proxy.port)
        try:
            client.send([b"GET /after HTTP/1.1\r\nHost: shop\r\n\r\n"])
            answer = client.answer()
            return answer is not None and answer.status == 200
        finally:
            client.close()

    wait_until(serves, 10, "a first answer")
    return proxy
