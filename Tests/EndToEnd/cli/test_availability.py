"""`ballast availability`, against the real engine and real faults."""

import json

from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """
workers: 1
listeners: { web: { address: "127.0.0.1:{port}" } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
faults: { quiet: 0s }
services:
  shop:
    servers: [ { name: a, address: "{a}" }, { name: b, address: "{b}" } ]
    health: { http: { path: / }, interval: 100ms, timeout: 1s, rise: 1, fall: 1 }
    limits: { requests: 10 }
"""


def start(ballast, servers):
    first, second = servers("a", "b")
    one = ballast(CONFIGURATION, a=first.address, b=second.address)
    one.wait_for_healthy("shop", 2)
    return one, first


def ask(one, *words):
    return one.run_command("availability", *words, "--admin", f"http://127.0.0.1:{one.admin}")


def test_without_a_fault_it_says_what_it_assumed(ballast, servers):
    one, _ = start(ballast, servers)
    report = json.loads(ask(one, "shop", "-o", "json").stdout)
    assert report["server"]["mtbfIsBound"] and report["server"]["mttrIsAssumed"]
    assert report["commonCause"]["beta"] == 0.1
    assert report["predicted"]["servers"] == 2
    assert report["measured"]["availability"] == 1
    text = ask(one, "shop").stdout
    assert "rule of three" in text and "no fault was seen" in text and "one server more" in text


def test_a_fault_that_was_repaired_is_counted(ballast, servers):
    one, first = start(ballast, servers)
    first.kill()
    one.wait_for_healthy("shop", 1)
    first.start()
    one.wait_for_healthy("shop", 2)

    def counted():
        report = one.get("/v1/services/shop/availability?need=1")
        return report if report["server"]["faults"] == 1 and not report["server"]["mttrIsAssumed"] else None

    report = wait_until(counted, 10, "one fault, repaired")
    (fault,) = one.get("/v1/faults?service=shop&all=true")
    server = report["server"]
    assert abs(server["mttr"] - fault["duration"]) < 1e-6
    assert abs(server["mtbf"] - (2 * report["watched"] - fault["duration"])) < 1e-6
    # By hand: one server's share of time down, the common part, and both down on their own.
    down = server["mttr"] / (server["mttr"] + server["mtbf"])
    beta = (0.5 + 0) / (5 + 1)
    own = (1 - beta) * down
    expected = beta * down + (1 - beta * down) * own**2
    assert abs(report["predicted"]["unavailability"] - expected) < 1e-9
    assert [row["faults"] for row in report["servers"]] == [1, 0]
    assert report["oneMore"]["unavailability"] < expected < report["oneFewer"]["unavailability"]


def test_how_many_must_work_can_be_said(ballast, servers):
    one, _ = start(ballast, servers)
    report = json.loads(ask(one, "shop", "--need", "2", "-o", "json").stdout)
    assert (report["needed"], report["neededFrom"]) == (2, "asked")
    report = json.loads(ask(one, "shop", "--need", "3", "-o", "json").stdout)
    assert report["predicted"]["availability"] == 0
    assert ask(one, "shop", "--need", "0").returncode == 2

    def by_load():
        found = one.get("/v1/services/shop/availability")
        return found if found["neededFrom"] == "load" else None

    # limits.requests says what a server can take, and nothing is under way.
    assert wait_until(by_load, 10, "the load to be known")["needed"] == 1


def test_an_unknown_service_gets_a_suggestion(ballast, servers):
    one, _ = start(ballast, servers)
    done = ask(one, "shp")
    assert done.returncode == 1 and "did you mean 'shop'?" in done.stderr
