"""Those who take logs on a server: rsyslogd, and systemd's journal in a namespace of its own."""

import json
import os
import pathlib
import subprocess

from EndToEnd.harness.ballast import wait_for_port
from EndToEnd.harness.waiting import free_port, wait_until

RSYSLOG = """\
global(workDirectory="{folder}" maxMessageSize="64k")
module(load="imudp") module(load="imtcp") module(load="imuxsock" SysSock.Use="off")
input(type="imudp" address="127.0.0.1" port="{udp}")
input(type="imtcp" address="127.0.0.1" port="{tcp}")
input(type="imuxsock" Socket="{unix}" UseSpecialParser="off" ParseHostname="on" RateLimit.Interval="0")
template(name="line" type="list" option.jsonf="on") {{
  property(outname="version" name="protocol-version" format="jsonf")
  property(outname="pri" name="pri" format="jsonf")
  property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="program" name="app-name" format="jsonf")
  property(outname="process" name="procid" format="jsonf")
  property(outname="kind" name="msgid" format="jsonf")
  property(outname="text" name="msg" format="jsonf")
}}
action(type="omfile" file="{file}" template="line" asyncWriting="off")
"""


class Rsyslog:
    def __init__(self, folder: pathlib.Path) -> None:
        folder.mkdir()
        self.folder, self.udp, self.tcp = folder, free_port(), free_port()
        self.unix, self.file = folder / "log.socket", folder / "taken"
        (folder / "conf").write_text(
            RSYSLOG.format(folder=folder, udp=self.udp, tcp=self.tcp, unix=self.unix, file=self.file))
        self.process: subprocess.Popen | None = None
        self.start()

    def start(self) -> None:
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                ["rsyslogd", "-n", "-f", str(self.folder / "conf"), "-i", str(self.folder / "pid")],
                stdout=output, stderr=output)
        wait_for_port(self.tcp)
        wait_until(self.unix.exists, 10, "its socket")

    def messages(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        self.unix.unlink(missing_ok=True)


class Journald:
    """Its own /run and /var/log; the folder of its socket is seen from outside as well."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder, self.socket = folder, folder / "run/socket"
        for name in ("run", "journal"):
            (folder / name).mkdir(parents=True)
        script = (
            "set -e; mount --make-rprivate /; mount -t tmpfs none /run; mount -t tmpfs none /var/log;"
            " mkdir -p /run/systemd/journal /run/log/journal;"
            ' mount --bind "$0/run" /run/systemd/journal; mount --bind "$0/journal" /run/log/journal;'
            " exec /lib/systemd/systemd-journald")
        own_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        self.process = subprocess.Popen(
            ["unshare", *own_root, "--mount", "bash", "-c", script, str(folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.socket.exists, 10, "the journal's socket")

    def entries(self, *words: str) -> list[dict[str, str]]:
        told = subprocess.run(
            ["journalctl", f"--directory={self.folder / 'journal'}", "--output=json", "--all", "--quiet", *words],
            capture_output=True, text=True, timeout=20)
        return [json.loads(line) for line in told.stdout.splitlines()]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
