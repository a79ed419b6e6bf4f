"""`ballast simulate`: the published comparisons with their bounds, and what people and programs see."""

import json
import pathlib
import statistics

import pytest

EXAMPLES = pathlib.Path(__file__).parents[3] / "Examples" / "simulations"
EVEN = ["round-robin", "random", "power-of-two", "least-connections", "least-time", "aggregate-load"]


@pytest.fixture
def simulate(cli):
    def run(name, *words):
        result = cli("simulate", str(EXAMPLES / f"{name}.yaml"), "-o", "json", *words)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return run


def by_algorithm(comparison):
    return {report["algorithm"]: report for report in comparison["reports"]}


def test_every_example_is_a_scenario(cli):
    files = sorted(EXAMPLES.glob("*.yaml"))
    assert len(files) >= 7
    for file in files:
        result = cli("simulate", str(file), "-o", "json")
        assert result.returncode == 0 and result.stderr == "", (file, result.stderr)
        assert json.loads(result.stdout)["requests"] > 1_000


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_a_stalled_server_costs_least_time_less_than_a_thousandth(simulate, seed):
    reports = by_algorithm(simulate("stall", "--compare", "--seed", seed))
    assert 0.94 < reports["round-robin"]["success"] < 0.965
    assert reports["least-connections"]["success"] >= 0.99
    assert reports["least-time"]["success"] >= 0.999


def test_a_slow_server_does_not_make_the_service_slow(simulate):
    comparison = simulate("slow", "--compare")
    reports = by_algorithm(comparison)
    slow, fast = (reports[name]["latency"]["p99Milliseconds"] for name in ("round-robin", "least-time"))
    assert slow >= 5 * fast
    healthy = [server for server in reports["least-time"]["servers"] if server["name"] != "slow"]
    assert len(healthy) == 9 and min(server["ofFairShare"] for server in healthy) > 0.5
    assert comparison["recommendation"]["algorithm"] == "least-time"


def test_equal_servers_get_equal_shares_with_every_algorithm(simulate):
    comparison = simulate("equal", "--compare")
    for name in EVEN:
        report = by_algorithm(comparison)[name]
        assert all(abs(server["ofFairShare"] - 1) < 0.05 for server in report["servers"]), name
        assert report["failed"] == 0
    assert comparison["recommendation"]["algorithm"] == "round-robin"


def test_one_of_a_hundred_servers_leaves_and_hardly_any_other_client_moves(simulate):
    reports = by_algorithm(simulate("remap", "--compare"))
    bounds = {"hash (maglev)": 0.02, "hash (ring)": 0.013, "hash (rendezvous)": 0.0}
    for name, bound in bounds.items():
        (remap,) = reports[name]["scaling"]
        assert remap["clients"] > 9_000 and remap["hadToMove"] > 50
        assert remap["moved"] - remap["hadToMove"] <= bound * remap["clients"], name


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_a_retry_storm_ends_by_itself(simulate, seed):
    report = simulate("storm", "--seed", seed)
    assert report["amplification"] <= 1.2 and report["retries"] > 1_000
    assert sum(second["failed"] for second in report["seconds"][25:]) == 0


def test_overload_leaves_the_servers_at_work(simulate):
    report = simulate("overload")
    good = [second["succeeded"] for second in report["seconds"]]
    # Sixteen places at 10 ms each do 1,600 a second.
    assert sum(good[20:40]) / 20 >= 0.95 * 1_600
    assert sum(second["failed"] for second in report["seconds"][45:]) == 0
    calm = statistics.median(second["p99Milliseconds"] for second in report["seconds"][5:19])
    assert max(second["p99Milliseconds"] for second in report["seconds"][20:40]) <= 2 * calm
    assert report["ejections"] == report["falseAlarms"] == 0


def test_three_faults_of_three_servers_reach_no_client(simulate):
    report = simulate("kill")
    assert report["failed"] == 0
    assert report["falseEjections"] == report["falseAlarms"] == 0
    for fault in report["faults"]:
        assert fault["detectedAfterMilliseconds"] <= 1_000, fault


def test_ten_thousand_random_scenarios_hold_the_invariants(cli):
    result = cli("simulate", "--random", "5000", "--seed", "1")
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout == "5000 random scenarios from seed 1: all invariants held\n"
    result = cli("simulate", "--random", "5000", "--seed", "5001")
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_same_seed_is_the_same_run(simulate):
    assert simulate("kill") == simulate("kill")
    assert simulate("kill") != simulate("kill", "--seed", "2")


def test_people_see_tables_and_charts(cli):
    text = cli("simulate", str(EXAMPLES / "kill.yaml")).stdout
    for word in ("success:", "SERVER", "FAULT", "answers a second", "▏", "█"):
        assert word in text, word
    text = cli("simulate", str(EXAMPLES / "stall.yaml"), "--compare").stdout
    assert "Recommended: least-time. Why: " in text


def test_a_trace_is_played_at_its_own_pace(cli, tmp_path):
    lines = [
        {
            "time": f"2026-11-20T20:07:{second:02}.{milli:03}Z", "client": f"10.0.0.{milli % 7}",
            "method": "GET", "status": 200, "server": "a" if milli % 2 else "b",
            "response": 4.0 if milli % 2 else 40.0, "total": 41.5,
        }
        for second in range(10, 14) for milli in range(0, 1000, 25)
    ]
    (tmp_path / "access.log").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "shop.yaml").write_text(
        "servers:\n"
        "  - { name: a, time: { distribution: recorded } }\n"
        "  - { name: b, time: { distribution: recorded } }\n"
        "service: { balance: round-robin }\n")
    result = cli("simulate", "shop.yaml", "--trace", "access.log", "-o", "json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["requests"] == len(lines) and report["failed"] == 0
    assert 3.9 < report["durationSeconds"] < 4
    means = {server["name"]: server["meanMilliseconds"] for server in report["servers"]}
    assert 4 < means["a"] < 5 and 40 < means["b"] < 41

    (tmp_path / "access.log").write_text("10.0.0.1 - - [20/Nov/2026] \"GET / HTTP/1.1\" 200 0\n")
    result = cli("simulate", "shop.yaml", "--trace", "access.log")
    assert result.returncode == 1 and "no line is one of an access log in JSON" in result.stderr


def test_mistakes_are_told(cli, tmp_path):
    (tmp_path / "bad.yaml").write_text(
        "servers: [ { count: 2 } ]\nfaults: [ { at: 1s, for: 1s, server: s7, kind: kill } ]\n")
    result = cli("simulate", "bad.yaml")
    assert result.returncode == 1
    assert "bad.yaml:2:" in result.stderr and "there is no server 's7'" in result.stderr
    assert cli("simulate").returncode == 2
    assert cli("simulate", "--random", "0").returncode == 2
    assert cli("simulate", "bad.yaml", "--random", "5").returncode == 2
    assert cli("simulate", "none.yaml").returncode == 1
