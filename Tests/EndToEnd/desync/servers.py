"""Four servers of other people behind Ballast. Each answers with the body that it read and the identifier and
target that it saw, and writes a line for each request: identifier, method, target, between tabs."""

import pathlib
import shutil
import subprocess
import sys

from EndToEnd.harness.ballast import wait_for_port
from EndToEnd.harness.waiting import free_port

HERE = pathlib.Path(__file__).parent
NAMES = ["nginx", "apache", "python", "node"]

# nginx cannot echo by itself: it reads the whole body and hands it on, framed anew, to an echo of its own.
NGINX = """\
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 1024; }}
http {{
    log_format views escape=none "$http_x_request_id\\t$request_method\\t$request_uri\\t$status\\t$request";
    access_log {log} views;
    keepalive_timeout 300s;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream echo {{ server 127.0.0.1:{echo}; keepalive 64; }}
    server {{
        listen 127.0.0.1:{port} backlog=512;
        merge_slashes off;
        client_body_buffer_size 256k;
        proxy_max_temp_file_size 0;
        location / {{
            proxy_pass http://echo;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Expect "";
            proxy_set_header Upgrade "";
        }}
    }}
}}
"""

# mod_reflector answers POST with the body, which mod_buffer waits for, since an answer before the end of a body
# ends its connection; to other methods Apache says 405 and reads the body away.
APACHE = """\
ServerRoot "{folder}"
ServerName shop
PidFile "{folder}/apache.pid"
DefaultRuntimeDir "{folder}"
Listen 127.0.0.1:{port}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule headers_module {modules}/mod_headers.so
LoadModule buffer_module {modules}/mod_buffer.so
LoadModule reflector_module {modules}/mod_reflector.so
User {user}
Group nogroup
StartServers 1
MaxRequestWorkers 256
ThreadsPerChild 256
ThreadLimit 256
MaxConnectionsPerChild 0
KeepAlive On
KeepAliveTimeout 300
MaxKeepAliveRequests 0
TraceEnable off
ErrorLog "{folder}/error.log"
LogFormat "%{{X-Request-Id}}i\\t%m\\t%r\\t%>s" views
CustomLog "{log}" views
DocumentRoot "/"
<Location "/">
    Require all granted
    SetHandler reflector
    SetInputFilter BUFFER
    Header always set X-Seen "expr=%{{HTTP:X-Request-Id}} %{{THE_REQUEST}}"
</Location>
"""


class Servers:
    """All four; `ports` by name. `views` are the lines of a server once it has stopped."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in NAMES}
        self.processes: list[subprocess.Popen] = []
        inner = free_port()
        self._start("inner", [sys.executable, str(HERE / "echo.py"), str(inner), str(self.log("inner"))], inner)
        self._start("python", [sys.executable, str(HERE / "echo.py"), str(self.ports["python"]), str(self.log("python"))])
        self._start("node", ["node", str(HERE / "echo.js"), str(self.ports["node"]), str(self.log("node"))])
        nginx, apache = self._file("nginx", NGINX, echo=inner), self._file("apache", APACHE, modules="/usr/lib/apache2/modules", user="nobody")
        self._start("nginx", ["nginx", "-c", str(nginx), "-p", str(folder)])
        self._start("apache", ["apache2", "-f", str(apache), "-DFOREGROUND"])

    def log(self, name: str) -> pathlib.Path:
        return self.folder / f"{name}.log"

    def _file(self, name: str, text: str, **words) -> pathlib.Path:
        file = self.folder / f"{name}.conf"
        file.write_text(text.format(folder=self.folder, port=self.ports[name], log=self.log(name), **words))
        return file

    def _start(self, name: str, command: list[str], port: int = 0) -> None:
        assert shutil.which(command[0]), f"there is no {command[0]}: run `make setup`"
        with (self.folder / f"{name}.output").open("wb") as output:
            self.processes.append(subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT))
        try:
            wait_for_port(port or self.ports[name])
        except AssertionError:
            raise AssertionError(f"{name}: {(self.folder / f'{name}.output').read_text()}") from None

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def views(self, name: str) -> list[tuple[str, ...]]:
        lines = self.log(name).read_text(encoding="latin-1").splitlines()
        found = [tuple(line.split("\t")) for line in lines]
        if name == "apache":
            # `METHOD TARGET HTTP/1.1`, since Apache logs a target by itself only when it has decoded it.
            # It doubles a backslash.
            found = [(*one[:2], one[2].replace("\\\\", "\\"), *one[3:]) for one in found]
            found = [(one[0], one[1], one[2].split(" ")[1] if one[2].count(" ") == 2 else one[2], *one[3:]) for one in found]
        return found
