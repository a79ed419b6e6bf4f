"""Services that run as containers, on a real dockerd of the tests' own, and on podman."""

import os
import pathlib
import random
import re
import signal
import subprocess

import pytest

from EndToEnd.harness.ballast import Ballast, request
from EndToEnd.harness.containers import Docker, Missing, Podman, clean, make_daemon
from EndToEnd.harness.streams import FULL
from EndToEnd.harness.waiting import wait_until

SERVICES = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    health: { http: { path: /healthz }, interval: 100ms, timeout: 1s, rise: 1, fall: 2 }
    run:
      image: "{image}"
      pull: never
      network: host
      replicas: {count}
      environment: { COLOUR: blue{variables} }
      stop: { timeout: {timeout} }
{more}
"""
REST = """\
containers: { socket: "{socket}" }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""
CONFIGURATION = SERVICES + REST


def _daemon(kind, **options):
    try:
        made = make_daemon(kind, **options)
    except Missing as reason:
        pytest.skip(f"no {kind.__name__} can be had here: {reason}")
    made.make_image("shop:1")
    made.make_image("shop:2", VERSION="2")
    return made


@pytest.fixture(scope="module")
def daemon():
    made = _daemon(Docker)
    yield made
    clean(made)


@pytest.fixture(scope="module")
def podman():
    made = _daemon(Podman)
    yield made
    clean(made)


@pytest.fixture(scope="module")
def bridged():
    """dockerd with a bridge; the machine's firewall stays as it is."""
    if pathlib.Path("/sys/class/net/docker0").exists():
        pytest.skip("there is a bridge of another dockerd")
    made = _daemon(Docker, bridge=True)
    yield made
    clean(made)
    subprocess.run(["ip", "link", "delete", "docker0"], check=False, timeout=10)


@pytest.fixture
def contained(ballast):
    """`contained(daemon, text, **names)` starts a Ballast whose service runs as containers."""
    used = []

    def make(daemon, text: str = CONFIGURATION, start: bool = True, **names) -> Ballast:
        used.append(daemon)
        usual = {"image": "shop:1", "count": 2, "more": "", "variables": "", "timeout": "5s", "socket": daemon.socket}
        return ballast(text, start, **(usual | names))

    yield make
    for daemon in used:
        daemon.remove_all()


@pytest.fixture
def shop(contained, daemon):
    return lambda *words, **names: contained(daemon, *words, **names)


def _events(running: Ballast, kind: str) -> list[str]:
    return [event["message"] for event in running.get("/v1/events") if event["type"] == kind]


def _body(running: Ballast) -> str:
    return request(running.port, "GET", "/").text


def _replica(running: Ballast, name: str) -> dict:
    return next(one for one in running.replicas("shop") if one["name"] == name)


def _holders(running: Ballast) -> dict[str, int]:
    return {one["name"]: one["pid"] for one in running.replicas("shop")}


def test_containers_are_made_served_logged_restarted_and_stopped(shop, daemon):
    running = shop()
    running.wait_for_healthy("shop", 2)
    assert {_body(running) for _ in range(4)} == {"shop-1 1\n", "shop-2 1\n"}
    before = daemon.running(2)
    one = daemon.inspect(before["shop-1"])
    labels = one["Config"]["Labels"]
    assert labels["ballast.service"] == "shop" and labels["ballast.replica"] == "shop-1"
    assert labels["ballast.state"] and labels["ballast.template"]
    assert f"PORT={labels['ballast.port']}" in one["Config"]["Env"] and "COLOUR=blue" in one["Config"]["Env"]
    assert one["Name"] == f"/ballast-{labels['ballast.state']}-shop-1"
    assert f"/{_replica(running, 'shop-1')['container']}" == one["Name"]
    told = running.run_command("logs", "shop", "--admin", f"http://127.0.0.1:{running.admin}")
    assert re.search(r"shop-1 version 1 on \d+", told.stdout), told

    # One that is killed comes back as another container, and nothing stays of the first.
    daemon.ask("POST", f"/containers/{before['shop-1']}/kill")
    wait_until(lambda: daemon.ids().get("shop-1") not in (None, before["shop-1"]), 10, "another container")
    running.wait_for_healthy("shop", 2)
    assert set(daemon.containers(running=False)) == {"shop-1", "shop-2"}
    assert daemon.ids()["shop-2"] == before["shop-2"]
    exits = [one for one in running.replicas("shop") if one["name"] == "shop-1"]
    assert exits[0]["lastExit"] == "exited with code 137"
    # One that ends by itself is told with its code.
    port = int(daemon.inspect(daemon.running(2)["shop-2"])["Config"]["Labels"]["ballast.port"])
    with pytest.raises(Exception):
        request(port, "GET", "/exit/3")
    wait_until(lambda: daemon.ids().get("shop-2") not in (None, before["shop-2"]), 10, "another container")
    assert {one["name"]: one.get("lastExit") for one in running.replicas("shop")}["shop-2"] == "exited with code 3"

    assert running.stop() == 0
    assert daemon.containers(running=False) == {}
    assert "asked to end" in (running.folder / "state/logs/shop-1.log").read_text()


def test_another_image_is_rolled_out_without_a_failed_request(shop, daemon, load):
    running = shop(count=3)
    running.wait_for_healthy("shop", 3)
    traffic = load(running.port, 8)
    running.write(CONFIGURATION, image="shop:2")
    running.reload()

    def rolled() -> bool:
        return [one["Image"] for one in daemon.containers(running=False).values()] == ["shop:2"] * 3

    wait_until(rolled, 30, "three containers of the new image")
    running.wait_for_healthy("shop", 3)
    traffic.finish()
    assert traffic.requests > 0 and traffic.failed == 0, traffic.told
    names = set(daemon.containers(running=False))
    # Balancing needn't take each of them.
    assert len(names) == 3 and {_body(running) for _ in range(6)} <= {f"{name} 2\n" for name in names}


def test_containers_outlive_the_engine_and_the_keeper(shop, daemon):
    running = shop()
    running.wait_for_healthy("shop", 2)
    ids, holders, engine = daemon.running(2), _holders(running), running.engine_pid()
    os.kill(engine, signal.SIGKILL)
    wait_until(lambda: running.is_ready() and running.engine_pid() != engine, 10, "another engine")
    running.wait_for_healthy("shop", 2)
    assert daemon.ids() == ids and _holders(running) == holders

    running.process.kill()
    running.process.wait()
    wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in holders.values()), 10, "holders that are gone")
    assert daemon.ids() == ids
    running.start()
    running.wait_for_healthy("shop", 2)
    assert daemon.ids() == ids and set(_holders(running).values()).isdisjoint(holders.values())

    # What nobody wants any more is removed by the next one; what others run is not touched.
    daemon.ask("POST", "/containers/create?name=other", b'{"Image":"shop:1","Labels":{"ballast.state":"another"}}', raw=True)
    running.process.kill()
    running.process.wait()
    running.write(CONFIGURATION, image="shop:2", count=1)
    running.start()
    running.wait_for_healthy("shop", 1)
    wait_until(lambda: list(daemon.ids()) == ["shop-1"], 15, "one container")
    assert daemon.ids()["shop-1"] != ids["shop-1"]
    assert [one["Names"] for one in daemon.ask("GET", "/containers/json?all=1") if one["Names"] == ["/other"]]
    assert any("shop-2" in message for message in _events(running, "container-removed"))
    assert running.stop() == 0
    assert daemon.ids() == {}


def test_a_service_goes_from_processes_to_containers_and_back_and_over_an_upgrade(shop, daemon, load):
    processes = CONFIGURATION.replace("      image: \"{image}\"\n      pull: never\n      network: host\n", "      command: [ \"{python}\", \"{replica}\" ]\n")
    running = shop(processes)
    running.wait_for_healthy("shop", 2)
    traffic = load(running.port, 10, connections=4)
    assert daemon.ids() == {}
    running.write(CONFIGURATION)
    running.reload()
    wait_until(lambda: len(daemon.containers(running=False)) == 2 and len(running.replicas("shop")) == 2, 30, "two containers")
    running.wait_for_healthy("shop", 2)
    ids = daemon.running(2)
    engine = running.engine_pid()
    upgraded = running.run_command("upgrade", "--admin", f"http://127.0.0.1:{running.admin}", seconds=30)
    assert upgraded.returncode == 0, upgraded
    assert running.engine_pid() != engine
    running.wait_for_healthy("shop", 2)
    assert daemon.running(2) == ids
    running.write(processes)
    running.reload()
    wait_until(lambda: daemon.containers(running=False) == {}, 30, "no container")
    running.wait_for_healthy("shop", 2)
    traffic.finish()
    assert traffic.requests > 0 and traffic.failed == 0, traffic.told


def test_limits_hold_and_a_want_of_memory_is_told(shop, daemon):
    running = shop(count=1, more="      resources: { cpu: 0.5, memory: 24MiB }")
    running.wait_for_healthy("shop", 1)
    before = daemon.running(1)["shop-1"]
    host = daemon.inspect(before)["HostConfig"]
    assert host["NanoCpus"] == 500_000_000 and host["Memory"] == host["MemorySwap"] == 24 << 20
    with pytest.raises(Exception):
        request(int(daemon.inspect(before)["Config"]["Labels"]["ballast.port"]), "GET", "/eat")
    wait_until(lambda: daemon.ids().get("shop-1") not in (None, before), 15, "another container")
    assert running.replicas("shop")[0]["lastExit"] == "exited with code 137, out of memory"


def test_their_cpu_is_measured_and_scaled_by(shop, daemon, load):
    text = CONFIGURATION.replace("    run:", "    scale: { min: 1, max: 2, cpu: 50%, interval: 1s, up: { per: 1s } }\n    run:")
    running = shop(text, count=1, variables=", BURN: \"5\"", more="      resources: { cpu: 0.2 }")
    running.wait_for_healthy("shop", 1)
    traffic = load(running.port, 15, connections=4)
    wait_until(lambda: len(daemon.ids()) == 2, 14, "a second container")
    traffic.stop()
    decisions = running.get("/v1/services/shop")["scale"]["decisions"]
    assert {one["reason"] for one in decisions if one["direction"] == "up"} == {"cpu"}, decisions


def test_one_that_does_not_end_is_killed_in_time(shop, daemon):
    running = shop(count=1, variables=", STUBBORN: \"1\"", timeout="500ms")
    running.wait_for_healthy("shop", 1)
    before = daemon.running(1)["shop-1"]
    running.change("POST", "/v1/services/shop/restart", {})
    # The one that takes its place has the next name, as both run for a moment.
    wait_until(lambda: list(daemon.containers(running=False)) == ["shop-2"], 20, "another container alone")
    log = (running.folder / "state/logs/shop-1.log").read_text()
    assert log.count("asked to end") == 1
    # A holder that is killed leaves its container, and the next one of that name puts it away.
    before, holder = daemon.running(1)["shop-2"], _holders(running)["shop-2"]
    os.kill(holder, signal.SIGKILL)
    wait_until(lambda: daemon.ids().get("shop-2") not in (None, before), 20, "another container")
    running.wait_for_healthy("shop", 1)
    assert len(daemon.containers(running=False)) == 1


def test_a_daemon_that_goes_away_costs_no_request_and_delays_starts(shop, daemon, load):
    running = shop()
    running.wait_for_healthy("shop", 2)
    before = daemon.running(2)
    traffic = load(running.port, 6, connections=4)
    daemon.stop()
    running.change("POST", "/v1/services/shop/scale", {"replicas": 3})
    wait_until(lambda: _events(running, "container-daemon"), 10, "a word about the daemon")
    assert daemon.socket in _events(running, "container-daemon")[0]
    daemon.start()
    running.wait_for_healthy("shop", 3, seconds=20)
    traffic.finish()
    assert traffic.requests > 0 and traffic.failed == 0, traffic.told
    after = daemon.running(3)
    assert {name: after[name] for name in before} == before and len(after) == 3
    assert any("answers again" in message for message in _events(running, "container-daemon"))
    # Its holder waits for it as before.
    daemon.ask("POST", f"/containers/{after['shop-2']}/kill")
    wait_until(lambda: daemon.ids().get("shop-2") not in (None, before["shop-2"]), 15, "another container")


def test_what_cannot_start_is_told(shop, daemon):
    running = shop(image="missing:1", count=1)
    wait_until(
        lambda: "the image missing:1 is not there" in (running.replicas("shop")[0].get("lastExit") or ""), 10,
        "the reason")
    running.write(CONFIGURATION, image="shop:1", more="      volumes: [ \"/no/such/folder:relative\" ]")
    running.reload()
    wait_until(
        lambda: (running.replicas("shop")[0].get("lastExit") or "") == "exited with code 125", 10, "the end of a holder")
    told = [event["message"] for event in running.get("/v1/events") if event.get("service") == "shop"]
    assert any("relative" in message for message in told), told
    assert daemon.containers(running=False) == {}


@pytest.mark.skipif(not FULL, reason="takes a minute; set BALLAST_FULL")
def test_podman_runs_them_as_well(contained, podman, load):
    running = contained(podman, more="      resources: { cpu: 0.5, memory: 24MiB }")
    running.wait_for_healthy("shop", 2)
    assert {_body(running) for _ in range(4)} == {"shop-1 1\n", "shop-2 1\n"}
    before = podman.running(2)
    podman.ask("POST", f"/containers/{before['shop-1']}/kill")
    wait_until(lambda: podman.ids().get("shop-1") not in (None, before["shop-1"]), 15, "another container")
    running.wait_for_healthy("shop", 2)
    ids, engine = podman.running(2), running.engine_pid()
    os.kill(engine, signal.SIGKILL)
    wait_until(lambda: running.is_ready() and running.engine_pid() != engine, 10, "another engine")
    running.process.kill()
    running.process.wait()
    running.start()
    running.wait_for_healthy("shop", 2)
    assert podman.ids() == ids
    traffic = load(running.port, 8, connections=4)
    running.write(CONFIGURATION, image="shop:2")
    running.reload()
    wait_until(lambda: {one["Image"].split("/")[-1] for one in podman.containers().values()} == {"shop:2"}, 40, "the new image")
    running.wait_for_healthy("shop", 2)
    traffic.finish()
    assert traffic.requests > 0 and traffic.failed == 0, traffic.told
    assert "version 2" in "".join(log.read_text() for log in (running.folder / "state/logs").glob("shop-*.log"))
    assert running.stop() == 0
    assert podman.containers(running=False) == {}


@pytest.mark.skipif(not FULL, reason="makes a bridge; set BALLAST_FULL")
def test_a_port_inside_is_published_from_a_bridge(contained, bridged):
    more = "      port: 8080\n      command: [ \"${PORT}\", \"${REPLICA}\" ]"
    text = CONFIGURATION.replace("      network: host\n", "")
    running = contained(bridged, text, more=more)
    running.wait_for_healthy("shop", 2)
    assert {_body(running) for _ in range(4)} == {"shop-1 1\n", "shop-2 1\n"}
    one = bridged.inspect(bridged.running(2)["shop-2"])
    assert one["HostConfig"]["PortBindings"]["8080/tcp"][0]["HostIp"] == "127.0.0.1"
    assert "PORT=8080" in one["Config"]["Env"]
    log = running.folder / "state/logs/shop-2.log"
    wait_until(lambda: "word 2: shop-2" in log.read_text(), 5, "its words")
    assert "word 1: 8080" in log.read_text()
    ids = bridged.running(2)
    running.process.kill()
    running.process.wait()
    running.start()
    running.wait_for_healthy("shop", 2)
    assert bridged.ids() == ids


@pytest.mark.skipif(not FULL, reason="takes minutes; set BALLAST_FULL")
def test_kills_at_random_moments_of_a_rollout_leave_neither_orphans_nor_doubles(shop, daemon):
    chance = random.Random(6)
    running = shop(count=3)
    running.wait_for_healthy("shop", 3)
    for round_ in range(20):
        image = f"shop:{2 - round_ % 2}"
        running.write(CONFIGURATION, image=image)
        running.reload()
        begun = daemon.running(3)
        # A moment is an event: so many of the changes that a rollout makes, of its six at most, since two may come at once.
        changes = chance.randrange(6)
        seen = [begun]

        def settled() -> bool:
            return [one["Image"] for one in daemon.containers(running=False).values()] == [image] * 3

        def moved() -> bool:
            now = daemon.ids()
            if now != seen[-1]:
                seen.append(now)
            return len(seen) > changes or settled()

        wait_until(moved, 30, f"{changes} changes of round {round_}")
        if round_ % 2:
            running.process.kill()
            running.process.wait()
            running.start()
        else:
            os.kill(running.engine_pid(), signal.SIGKILL)

        wait_until(settled, 40, f"three containers of {image}, round {round_}")
        wait_until(running.is_ready, 10, "ready")
        running.wait_for_healthy("shop", 3)
    assert running.stop() == 0
    assert daemon.containers(running=False) == {}
