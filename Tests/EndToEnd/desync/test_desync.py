"""Random framing through Ballast to nginx, Apache, Python and Node: all must agree on where each request ends.

Four opinions on each request are compared: the only strict reading of the client's bytes, Ballast's (its access
log), the server's (its own log), and what came back to the client. `DESYNC_REQUESTS=100000` is the
full run, `DESYNC_SEED` another one.
"""

import asyncio
import json
import os
import pathlib
import re

import pytest

from EndToEnd.desync import conversations
from EndToEnd.desync.conversations import Outcome
from EndToEnd.desync.reading import read
from EndToEnd.desync.servers import NAMES, Servers
from EndToEnd.harness.waiting import free_port, run_apart

REQUESTS = int(os.environ.get("DESYNC_REQUESTS", "4000"))
SEED = int(os.environ.get("DESYNC_SEED", "1"))
# A conversation has three requests, rounded down from the mean.
REQUESTS_EACH = 3
SHOWN = 10
MARK = re.compile(r"c\d+-\d+(?:-hidden)?")
ANONYMOUS = ("", "-", "error")

CONFIGURATION = "listeners:\n" + "".join(f'  {name}: {{ address: "127.0.0.1:{{{name}_port}}" }}\n' for name in NAMES) \
    + "routes:\n" + "".join(f"  - {{ name: {name}, listeners: [ {name} ], service: {name} }}\n" for name in NAMES) \
    + "services:\n" + "".join(f"""\
  {name}:
    servers: [ "127.0.0.1:{{{name}_server}}" ]
    health: {{ none: {{}} }}
    ejection: {{ failures: 1000000, successRate: 0% }}
    retries: {{ attempts: 0 }}
""" for name in NAMES) + """\
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
log: { level: warning, access: { path: "{folder}/access.log", format: json } }
"""


@pytest.fixture
def servers(tmp_path):
    folder = tmp_path / "servers"
    folder.mkdir()
    # Apache gives up its rights and must still get here.
    running = Servers(folder)
    yield running
    running.stop()


@pytest.mark.timeout(60 + REQUESTS // 50)
def test_every_server_agrees_with_ballast_on_where_each_request_ends(ballast, servers):
    print(f"seed {SEED}, {REQUESTS} requests")
    ports = {name: free_port() for name in NAMES}
    running = ballast(CONFIGURATION, **{f"{name}_port": port for name, port in ports.items()},
                      **{f"{name}_server": port for name, port in servers.ports.items()})
    engine = running.engine_pid()
    outcomes = run_apart(_all(ports))
    assert running.engine_pid() == engine, "the engine crashed"
    assert running.stop() == 0
    servers.stop()

    log = _log(running.folder / "access.log")
    problems: list[str] = []
    counts = {}
    for name in NAMES:
        mine = {entry["requestId"]: entry for entry in log if entry.get("service") == name}
        answered = [one for outcome in outcomes[name] for one in _compare_client(name, outcome, mine, problems)]
        seen = _compare_server(name, servers.views(name), mine, problems)
        counts[name] = f"{seen} reached it, {sum(answered)} answers of it"
    print(counts)
    assert not problems, f"{len(problems)} disagreements, seed {SEED}:\n" + "\n".join(_short(one) for one in problems[:SHOWN])


def _short(problem: str) -> str:
    return re.sub(r"(.)\1{20,}", r"\1…\1", problem)[:2000]


async def _all(ports: dict[str, int]) -> dict[str, list[Outcome]]:
    share = max(1, REQUESTS // REQUESTS_EACH // len(NAMES))
    tasks = [conversations.hold(ports[name], SEED, range(place * share, (place + 1) * share)) for place, name in enumerate(NAMES)]
    return dict(zip(NAMES, await asyncio.gather(*tasks)))


def _log(path: pathlib.Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="latin-1").splitlines()]


def _compare_client(name: str, outcome: Outcome, log: dict[str, dict], problems: list[str]) -> list[bool]:
    """Each answer of the server is that to the request at its place. Gives which answers came from the server."""
    requests = read(outcome.sent)
    answers = conversations.answers(outcome.received, [one.method for one in requests])

    def tell(what: str) -> None:
        problems.append(f"{name} {outcome.number}: {what}\n  sent {outcome.sent[:600]!r}\n  received {outcome.received[:600]!r}")

    if outcome.hung:
        tell("no end of the connection")
    if not outcome.wrong and (len(answers) != len(requests) or any(not one.whole for one in answers)):
        tell(f"{len(answers)} answers to {len(requests)} right requests")
    for place, answer in enumerate(answers):
        if answer.seen is None:
            continue
        if place >= len(requests):
            tell(f"the server answered what has no strict reading: {answer.seen}")
            break
        identifier, target = answer.seen
        request, entry = requests[place], log.get(identifier)
        if entry is None or not _same(entry["target"], target):
            tell(f"Ballast knows nothing of {answer.seen}: {entry}")
        elif _name(request.target) != _name(target) and not (request.method == "OPTIONS" and target == "*"):
            tell(f"answer {place} is that to {target}, not to {request.target}")
        elif not _same(entry["method"], request.method):
            tell(f"{request.method} became {entry['method']}")
        elif answer.status == 200 and answer.whole and _echoes(name, request.method) and answer.body != request.body:
            tell(f"the body of {target} became {answer.body[:200]!r}")
        elif answer.status == 200 and answer.whole and not request.whole:
            tell(f"the server took {target} for whole")
    return [answer.seen is not None for answer in answers]


def _same(logged: str, word: str) -> bool:
    """The log cuts what is very long, and says so by three dots."""
    return logged == word or (len(logged) > 100 and word.startswith(logged.removesuffix("...")))


def _echoes(name: str, method: str) -> bool:
    return method == "POST" if name == "apache" else method != "HEAD"


def _name(target: str) -> str:
    """The part of a target that no other request has; the rest of its spelling may have been made canonical. An absolute
    target loses its authority, RFC 9112 section 3.2.1."""
    if "://" in target.partition("?")[0]:
        _, slash, path = target.partition("://")[2].partition("/")
        target = slash + path or "/"
    found = MARK.search(target)
    return found.group() if found else target


def _compare_server(name: str, views: list[tuple[str, ...]], log: dict[str, dict], problems: list[str]) -> int:
    """Each request that the server saw is one that Ballast sent, once, and the other way round. What a server
    refused before it knew what it was (a method that it does not know) must be one that Ballast sent, too."""
    counts: dict[str, int] = {}
    refusals = [view for view in views if view[0] in ANONYMOUS]
    for view in views:
        if view[0] in ANONYMOUS:
            continue
        identifier, method, target, *_ = view
        entry = log.get(identifier)
        if entry is None:
            problems.append(f"{name} saw what Ballast did not send: {view}")
        elif not _same(entry["method"], method) or not _same(entry["target"], target):
            problems.append(f"{name} saw {view}, Ballast sent {entry}")
        counts[identifier] = counts.get(identifier, 0) + 1
    problems += [f"{name} saw {identifier} {count} times" for identifier, count in counts.items() if count > 1]
    problems += [f"{name} never saw {entry}" for identifier, entry in log.items()
                 if entry["status"] == 200 and identifier not in counts]
    unseen = [entry for identifier, entry in log.items() if identifier not in counts and (entry["status"] >= 400 or entry["status"] == 0)]
    if len(refusals) > len(unseen):
        problems.append(f"{name} refused {len(refusals)} things, Ballast sent {len(unseen)} of them: {refusals[:3]}")
    return len(counts)
