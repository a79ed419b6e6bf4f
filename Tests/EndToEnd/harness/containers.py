"""A daemon of containers for the tests alone: its own folder and socket, images made from scratch, no registry."""

import http.client
import io
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import urllib.parse
from typing import Any

from EndToEnd.harness.waiting import wait_until

SOURCE = pathlib.Path(__file__).parent / "contained.c"
START_SECONDS, STOP_SECONDS = 30, 20


class Missing(Exception):
    """Why there can be no such daemon here."""


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Daemon:
    """dockerd, or podman's service; `ask` speaks its API beside Ballast."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.socket = str(folder / "d.sock")
        self.log = folder / "daemon.log"
        self.process: subprocess.Popen | None = None

    def words(self) -> list[str]:
        raise NotImplementedError

    def variables(self) -> dict[str, str]:
        return {}

    def start(self) -> "Daemon":
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.words(), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True, env=os.environ | {"TMPDIR": str(self.folder)} | self.variables())
        wait_until(self._answers, START_SECONDS, f"{self.words()[0]} that answers", step=0.05)
        return self

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            last = self.log.read_text(errors="replace").strip().splitlines()[-3:]
            raise Missing(f"{self.words()[0]} ended with {self.process.returncode}: {' | '.join(last)}")
        try:
            return self.ask("GET", "/_ping", raw=True) == b"OK"
        except OSError:
            return False

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            # The session is its own.
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def ask(self, method: str, path: str, body: bytes = b"", raw: bool = False, seconds: float = 30) -> Any:
        connection = _Connection(self.socket, seconds)
        try:
            kind = "application/json" if body[:1] == b"{" else "application/x-tar"
            connection.request(
                method, f"/v1.41{path}" if path != "/_ping" else path, body=body, headers={"Content-Type": kind})
            answer = connection.getresponse()
            data = answer.read()
            if raw:
                return data
            assert answer.status < 400, f"{method} {path}: {answer.status} {data.decode(errors='replace')}"
            return json.loads(data) if data else None
        finally:
            connection.close()

    def make_image(self, name: str, **variables: str) -> None:
        """A server and nothing else."""
        pack = io.BytesIO()
        with tarfile.open(fileobj=pack, mode="w") as tar:
            tar.add(self.program(), "server")
        changes = ["ENTRYPOINT [\"/server\"]"] + [f"ENV {key}={value}" for key, value in variables.items()]
        query = urllib.parse.urlencode(
            [("fromSrc", "-"), ("repo", name)] + [("changes", change) for change in changes])
        told = self.ask("POST", f"/images/create?{query}", pack.getvalue(), raw=True)
        assert b"sha256:" in told, told

    def program(self) -> pathlib.Path:
        program = self.folder / "server"
        if not program.exists():
            subprocess.run(["gcc", "-static", "-O1", "-o", str(program), str(SOURCE)], check=True, timeout=60)
        return program

    def containers(self, running: bool = True) -> dict[str, dict[str, Any]]:
        """Those of any Ballast, by replica."""
        found = self.ask("GET", f"/containers/json?all={0 if running else 1}")
        ours = [one for one in found if "ballast.replica" in (one.get("Labels") or {})]
        by_name = {one["Labels"]["ballast.replica"]: one for one in ours}
        assert len(by_name) == len(ours), f"doubled: {ours}"
        return by_name

    def ids(self) -> dict[str, str]:
        return {name: one["Id"] for name, one in self.containers().items()}

    def running(self, count: int) -> dict[str, str]:
        """The ids of so many that run: a daemon counts one a moment after it serves."""
        return wait_until(lambda: len(found := self.ids()) == count and found, 10, f"{count} containers that run")

    def inspect(self, identity: str) -> dict[str, Any]:
        return self.ask("GET", f"/containers/{identity}/json")

    def remove_all(self) -> None:
        for one in self.ask("GET", "/containers/json?all=1"):
            self.ask("DELETE", f"/containers/{one['Id']}?force=1&v=1", raw=True)


class Docker(Daemon):
    """dockerd with its own containerd, without a bridge and without touching the machine's firewall."""

    def __init__(self, folder: pathlib.Path, bridge: bool = False) -> None:
        super().__init__(folder)
        self.bridge = bridge

    def words(self) -> list[str]:
        return [
            "dockerd", "--data-root", str(self.folder / "data"), "--exec-root", str(self.folder / "exec"),
            "-H", f"unix://{self.socket}", "-p", str(self.folder / "pid"), "--storage-driver", "vfs",
            "--iptables=false", "--live-restore",
        ] + ([] if self.bridge else ["--bridge=none"])


class Podman(Daemon):
    """Its service. What it asks of a container's limits by itself may be over those of the machine."""

    def variables(self) -> dict[str, str]:
        most = min(1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        file = self.folder / "containers.conf"
        file.write_text(f"[containers]\ndefault_ulimits = [\"nofile={most}:{most}\", \"nproc=1024:1024\"]\n")
        return {"CONTAINERS_CONF": str(file)}

    def words(self) -> list[str]:
        return [
            "podman", "--root", str(self.folder / "root"), "--runroot", str(self.folder / "run"),
            "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--runtime", "runc", "--events-backend", "file",
            "--tmpdir", str(self.folder / "tmp"), "system", "service", "--time", "0", f"unix://{self.socket}",
        ]


def make_daemon(kind: type[Daemon], **options: Any) -> Daemon:
    """Raises `Missing` where it can't run."""
    if os.geteuid() != 0:
        raise Missing("containers need root")
    for program in (kind(pathlib.Path("/"), **options).words()[0], "gcc", "runc"):
        if shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is None:
            raise Missing(f"there is no {program}")
    # A unix socket's path is short.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ballast-d-", dir="/tmp"))
    daemon = kind(folder, **options)
    try:
        return daemon.start()
    except Missing:
        clean(daemon)
        raise


def clean(daemon: Daemon) -> None:
    try:
        if daemon.process is not None and daemon.process.poll() is None:
            daemon.remove_all()
    finally:
        daemon.stop()
        for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
            place = line.split()[1]
            if place.startswith(str(daemon.folder)):
                subprocess.run(["umount", "-l", place], check=False, timeout=10)
        shutil.rmtree(daemon.folder, ignore_errors=True)

