"""`ballast top`: on a terminal until somebody quits, elsewhere once."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

from EndToEnd.cli.conftest import environment
from EndToEnd.cli.fake_admin import service

ALERT = {
    "id": "ab", "name": "error-rate", "severity": "critical", "state": "firing", "summary": "too many errors",
    "labels": {}, "since": "2026-01-02T03:04:05.678Z", "silenced": False, "inhibited": False}


class Terminal:
    """A program on a terminal of `columns` and `lines`, and the screen that it paints."""

    def __init__(self, command, columns=100, lines=20):
        self.leader, self.follower = pty.openpty()
        self.resize(columns, lines)
        self.before = termios.tcgetattr(self.follower)
        self.process = subprocess.Popen(
            command, stdin=self.follower, stdout=self.follower, stderr=self.follower, env=environment(TERM="xterm"),
            start_new_session=True)
        self.text = ""

    def resize(self, columns, lines):
        fcntl.ioctl(self.leader, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def press(self, keys):
        os.write(self.leader, keys.encode())

    def read(self, seconds):
        if select.select([self.leader], [], [], seconds)[0]:
            self.text += os.read(self.leader, 65536).decode(errors="replace")

    def screens(self):
        """What was painted, a text each, without colours."""
        text = self.text
        for code in ("\x1b[K", *(f"\x1b[{number}m" for number in (0, 1, 2, 31, 32, 33))):
            text = text.replace(code, "")
        return [one.split("\x1b[J")[0] for one in text.split("\x1b[H")[1:] if "\x1b[J" in one]

    def wait_for(self, condition, what):
        end = time.monotonic() + 15
        while not (self.screens() and condition(self.screens()[-1])):
            assert time.monotonic() < end, f"{what}: {self.screens()[-1:] or self.text!r}"
            self.read(0.2)
        return self.screens()[-1]

    def end(self):
        code = self.process.wait(10)
        self.read(0.1)
        assert termios.tcgetattr(self.follower) == self.before, "the terminal is as it was"
        assert self.text.endswith("\x1b[?25h\x1b[?1049l")
        return code

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.leader)
        os.close(self.follower)


@pytest.fixture
def top(admin, ballast_binary):
    made = []

    def make(*words, **size):
        made.append(Terminal([ballast_binary, "top", *words, "--interval", "200ms", "--admin", admin.url], **size))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_once_tells_all_without_a_terminal(ask, admin):
    admin.state.alerts = [ALERT, ALERT | {"name": "later", "state": "pending"}]
    for result in (ask("top", "--once"), ask("top")):
        assert (result.returncode, result.stderr) == (0, "")
        lines = result.stdout.splitlines()
        assert lines[0].startswith("Ballast 0.0.0   pid 77   up ") and "2 workers" in lines[0]
        assert "1 up, 1 down" in lines[1] and "1 fault   1 alert" in lines[1]
        assert lines[3].split()[:4] == ["SERVICE", "STATE", "REQ/S", "ERR/S"]
        assert [line.split()[0] for line in lines[4:6]] == ["cart", "shop"], "what is wrong stands first"
        assert "crash-loop  shop/shop-2" in result.stdout and "error-rate  critical" in result.stdout
        assert "later" not in result.stdout and "\x1b" not in result.stdout


def test_sorting_choosing_and_programs(ask, admin):
    lines = ask("top", "--sort", "name", "shop").stdout.splitlines()
    assert len([line for line in lines if line.startswith(("cart", "shop"))]) == 1
    answer = json.loads(ask("top", "-o", "json").stdout)
    assert answer["services"] == admin.state.services and answer["status"] == admin.state.status
    assert [one["id"] for one in answer["faults"]] == [2] and answer["alerts"] == []
    wrong = ask("top", "shpo")
    assert wrong.returncode == 1 and "did you mean 'shop'" in wrong.stderr
    assert ask("top", "--sort", "colour").returncode == 2 and ask("top", "--interval", "1ms").returncode == 2


def test_nobody_there_is_exit_4(cli):
    result = cli("top", "--once", "--admin", "127.0.0.1:1")
    assert result.returncode == 4 and "cannot reach Ballast" in result.stderr


def test_a_terminal_is_painted_until_q_and_is_as_it_was(top, admin):
    screen = top()
    first = screen.wait_for(lambda text: "shop" in text, "the services")
    assert screen.text.startswith("\x1b[?1049h\x1b[?25l") and len(first.split("\r\n")) == 20
    with admin.state.lock:
        admin.state.services[0]["requestsPerSecond"] = 99
        admin.state.services[1]["state"] = "up"
    screen.wait_for(lambda text: "2 up" in text, "what changed")
    screen.press("r")
    screen.wait_for(lambda text: text.index("\r\nshop") < text.index("\r\ncart"), "by requests")
    screen.press("r")
    screen.wait_for(lambda text: text.index("\r\ncart") < text.index("\r\nshop"), "the other way round")
    screen.press("q")
    assert screen.end() == 0


def test_it_follows_the_size_of_the_terminal_and_scrolls(top, admin):
    admin.state.services = [service(f"s{number:02}") for number in range(40)]
    admin.state.faults = []
    screen = top("--sort", "name")
    text = screen.wait_for(lambda text: "s00" in text, "the services")
    assert "VERSION" in text and " more" in text
    screen.resize(40, 10)
    os.kill(screen.process.pid, signal.SIGWINCH)
    text = screen.wait_for(lambda text: len(text.split("\r\n")) == 10, "the new size")
    assert "VERSION" not in text and all(len(line) <= 40 for line in text.split("\r\n"))
    screen.press("\x1b[B" * 38)
    text = screen.wait_for(lambda text: "s39" in text, "the last ones")
    assert "s00" not in text
    screen.press("\x03")
    assert screen.end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_gives_the_terminal_back(top, number):
    screen = top()
    screen.wait_for(lambda text: "shop" in text, "the services")
    os.kill(screen.process.pid, number)
    assert screen.end() == 0


def test_what_was_seen_last_stays_while_ballast_is_away(top, admin):
    screen = top()
    screen.wait_for(lambda text: "shop" in text, "the services")
    for one in admin.servers:
        one.shutdown()
        one.server_close()
    screen.wait_for(lambda text: "nothing new" in text and "shop" in text, "that it is away")
    screen.press("q")
    assert screen.end() == 0
    admin.servers = []
