"""Which keys move when one of twenty servers is taken out, asked of a running Ballast."""

import http.client
import json
import pathlib
import tempfile

from Benchmarks import page
from Benchmarks.fleet import Fleet

SERVERS, KEYS = 20, 4000


def table(ballast: str) -> str:
    rows = [["method", "least share", "greatest share", "had to move", "moved beyond that"]]
    for method in ("ring", "maglev", "rendezvous"):
        rows.append([method, *_moved(ballast, method)])
    return (
        f"Hash over {SERVERS} servers, {KEYS:,} keys; shares against a twentieth; then one server's weight is 0:"
        f"\n\n{page.markdown(rows)}\n")


def _moved(ballast: str, method: str) -> list[str]:
    service = (
        f'    balance: {{ algorithm: hash, key: "query:k", method: {method} }}\n'
        "    health: { none: {} }\n    slowStart: 0s")
    with tempfile.TemporaryDirectory(prefix="ballast-fleet-") as folder:
        with Fleet(pathlib.Path(folder), ballast, SERVERS, service, mean=0.1) as fleet:
            before = _places(fleet.port)
            link = http.client.HTTPConnection("127.0.0.1", fleet.admin, timeout=10)
            link.request("PUT", "/v1/servers/fleet/s7", json.dumps({"weight": 0}), {"Content-Type": "application/json"})
            answer = link.getresponse()
            if answer.status != 200:
                raise SystemExit(f"bench: the weight was not set: {answer.read()!r}")
            after = _places(fleet.port)
    counts = [sum(server == name for server in before.values()) * SERVERS / KEYS for name in set(before.values())]
    had_to = sum(server == "s7" for server in before.values())
    beyond = sum(server != "s7" and after[key] != server for key, server in before.items())
    return [f"{min(counts):.2f}", f"{max(counts):.2f}", f"{had_to / KEYS:.2%}", f"{beyond / KEYS:.2%}"]


def _places(port: int) -> dict[int, str]:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    found = {}
    for key in range(KEYS):
        link.request("GET", f"/?k={key}")
        answer = link.getresponse()
        answer.read()
        found[key] = answer.getheader("X-Server", "")
    return found
