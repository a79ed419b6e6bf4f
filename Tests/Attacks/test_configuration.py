"""Row 60: a hostile or broken configuration is refused with its place, and the one that runs stays."""

import re

import pytest

from EndToEnd.harness.ballast import Ballast, request
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import Link, Scripted, ok
from EndToEnd.harness.waiting import wait_until

GOOD = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop: { servers: [ "127.0.0.1:{server}" ], health: { none: {} } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""


def _changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


# The text, and where the mistake is: a line.
BAD = {
    "a tab": (_changed("  web:", "\tweb:"), 2),
    "a key twice": (GOOD + "workers: 2\n", 8),
    "a key twice in a map": (_changed('{ address: "127.0.0.1:{port}" }', '{ address: "127.0.0.1:{port}", address: ":1" }'), 2),
    "an unknown key": (_changed("workers: 1", "worker: 1"), 7),
    "an unknown key inside": (_changed("health:", "helth:"), 4),
    "text for a number": (_changed("workers: 1", "workers: many"), 7),
    "a list for a map": (_changed("workers: 1", "log: [ a ]"), 7),
    "a map for a text": (_changed('"127.0.0.1:{admin}"', "{ a: b }"), 5),
    "a huge number": (_changed("workers: 1", "workers: 99999999999999999999999999"), 7),
    "a negative number": (_changed("workers: 1", "workers: -1"), 7),
    "a fraction": (_changed("workers: 1", "workers: 1.5"), 7),
    "infinity": (_changed("workers: 1", "workers: .inf"), 7),
    "a port too large": (_changed('"127.0.0.1:{admin}"', '"127.0.0.1:99999"'), 5),
    "a huge duration": (_changed("health: { none: {} }", "timeouts: { connect: 99999999999999999999h }"), 4),
    "a cyclic anchor": (GOOD + "log: &a { access: *a }\n", 8),
    "an alias of nothing": (GOOD + "log: *nothing\n", 8),
    "an anchor bomb": (GOOD + "x0: &x0 [ a, a, a, a, a, a, a, a, a, a ]\n" + "".join(
        f"x{n}: &x{n} [ {', '.join([f'*x{n - 1}'] * 10)} ]\n" for n in range(1, 12)), 0),
    "deep lists": (GOOD + "log: " + "[" * 5000 + "]" * 5000 + "\n", 8),
    "an open quote": (_changed('"127.0.0.1:{admin}"', '"127.0.0.1'), 0),
    "an open brace": (_changed("workers: 1", "log: { level: info"), 0),
    "NUL": (_changed("workers: 1", "workers: 1\0"), 0),
    "a control byte": (_changed("workers: 1", "log: { level: \x01 }"), 0),
    "a tag": (_changed("workers: 1", "workers: !!python/object/apply:os.system [ 'true' ]"), 7),
    "a file that is not there": (_changed("workers: 1", "workers: !file /nonexistent"), 7),
    "a variable that is not there": (_changed("workers: 1", "workers: ${NOT_THERE_AT_ALL}"), 7),
    "two documents": (GOOD + "---\n" + GOOD, 0),
    "nothing": ("", 0),
    "a list": ("- a\n- b\n", 1),
    "a text": ("hello\n", 1),
    "binary": ("\x7fELF\x02\x01\x01\0\0\0", 0),
}
PLACE = re.compile(r"ballast\.yaml:(\d+):(\d+): error: ")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    server = Scripted(_serve)
    ballast = Ballast(tmp_path_factory.mktemp("configuration"), GOOD, server=server.port).start()
    yield ballast
    assert ballast.stop() == 0, ballast.output()
    server.stop()


@pytest.mark.parametrize("name", BAD)
def test_a_bad_configuration_is_refused_with_its_place_and_the_running_one_stays(name, running):
    text, line = BAD[name]
    before = running.get("/v1/status"), _reloads(running, "failure")
    running.write(text)
    checked = running.run_command("check", str(running.file), seconds=10)
    assert checked.returncode == 1, (checked.returncode, checked.stdout[:500], checked.stderr[:500])
    places = PLACE.findall(checked.stdout + checked.stderr)
    assert places, (checked.stdout[:500], checked.stderr[:500])
    assert not line or line in {int(found) for found, _ in places}, places
    # Nothing of the file may speak to a terminal.
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", checked.stdout + checked.stderr)

    running.reload()
    wait_until(lambda: _reloads(running, "failure") > before[1], 10, "a refused reload")
    after = running.get("/v1/status")
    assert (after["pid"], after["topologyVersion"]) == (before[0]["pid"], before[0]["topologyVersion"])
    assert request(running.port, "GET", "/", headers={"Host": "shop"}).status == 200


def _reloads(running, result: str) -> float:
    return Metrics(running.metrics()).sum("ballast_config_reloads_total", result=result)


def _serve(link: Link, number: int) -> None:
    while True:
        link.head()
        link.send(ok(b"here"))
