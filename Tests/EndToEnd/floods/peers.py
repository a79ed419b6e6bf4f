"""HAProxy and nginx under the same attack, in the same run: what this machine leaves of a second is theirs as well.

Each has one worker, as many connections as its descriptors allow, and deadlines as long as Ballast's.
"""

import contextlib
import pathlib
import subprocess

from EndToEnd.harness.ballast import wait_for_port
from EndToEnd.harness.waiting import free_port

HAPROXY = """\
global
    maxconn 9900
    nbthread 1
defaults
    mode http
    timeout connect 3s
    timeout client 15s
    timeout server 60s
    timeout http-request 10s
frontend web
    bind 127.0.0.1:{port} backlog 65535
    default_backend shop
backend shop
    http-reuse always
    server one 127.0.0.1:{server}
"""
NGINX = """\
worker_processes 1;
worker_rlimit_nofile {files};
daemon off;
pid {folder}/nginx.pid;
error_log /dev/null;
events {{ worker_connections 19000; }}
http {{
    access_log off;
    client_header_timeout 10s;
    client_body_timeout 10s;
    send_timeout 10s;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_max_temp_file_size 0;
    upstream shop {{ server 127.0.0.1:{server}; keepalive 64; }}
    server {{
        listen 127.0.0.1:{port} backlog=65535;
        location / {{
            proxy_pass http://shop;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_request_buffering off;
        }}
    }}
}}
"""
COMMANDS = {"haproxy": ["haproxy", "-db", "-f"], "nginx": ["nginx", "-c"]}


@contextlib.contextmanager
def peer(name: str, folder: pathlib.Path, server: int, files: int):
    """Gives its port."""
    port, file = free_port(), folder / f"{name}.conf"
    text = {"haproxy": HAPROXY, "nginx": NGINX}[name]
    file.write_text(text.format(port=port, server=server, folder=folder, files=files))
    process = subprocess.Popen([*COMMANDS[name], file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)
