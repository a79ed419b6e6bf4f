"""What became of a case without any expectation: how a proxy that answers otherwise is looked at."""

import dataclasses
import itertools

from Attacks.case import Case
from Attacks.client import Answer, Client, Cut
from Attacks.recorder import Recorder, Request

# Nothing more for this long is taken as "it waits".
QUIET_SECONDS = 1.0
DROP_SECONDS = 3.0
# Longer than the proxies wait for the server behind.
ANSWER_SECONDS = 5.5
_number = itertools.count(1)


@dataclasses.dataclass
class Observation:
    answers: list[Answer]
    # How the client's connection stood after the last answer.
    closed: bool
    cut: bool
    # Bytes that are no answer, or the beginning of one that went no further.
    junk: bytes
    received: bytes
    # Another request on the same connection got its own answer; None: none was sent, or none came.
    kept_its_place: bool | None
    # A client that came later got its own answer.
    unhurt: bool
    # At the server: whole requests, and all bytes by connection.
    requests: list[Request]
    raw: dict[int, bytes]
    # The bytes that came unasked on an idle connection to the server ended it.
    dropped: bool
    afters: set[int]


def observe(case: Case, port: int, recorder: Recorder) -> Observation:
    recorder.begin(case.reply)
    client = Client(port, ANSWER_SECONDS if case.row >= 25 else QUIET_SECONDS)
    found = Observation([], False, False, b"", b"", None, False, [], {}, True, set())
    try:
        client.send(case.segments())
        _read_answers(case, client, found)
        if case.reply.later and recorder.requests:
            connection = recorder.requests[-1].connection
            recorder.go_on.set()
            found.dropped = recorder.wait_for(lambda: connection not in recorder.open, DROP_SECONDS)
        # A body that is not at its end would swallow the next request.
        if not found.closed and not found.cut and not found.junk and found.answers and case.row != 25:
            found.kept_its_place = _asks_again(client, found)
    finally:
        client.close()
    found.received = client.received
    other = Client(port, DROP_SECONDS)
    try:
        found.unhurt = _asks_again(other, found) is True
    finally:
        other.close()
    with recorder.changed:
        found.requests = [one for one in recorder.requests if not one.target.startswith("/after")]
        found.afters = {one.connection for one in recorder.requests if one.target.startswith("/after")}
        found.raw = {number: bytes(raw) for number, raw in recorder.raw.items()}
    return found


def _read_answers(case: Case, client: Client, found: Observation) -> None:
    whole = 0
    try:
        while True:
            whole = len(client.received) - len(client.kept)
            answer = client.answer(to_head=len(found.answers) in case.heads)
            if answer is None:
                found.closed = True
                return
            found.answers.append(answer)
            if len(found.answers) == len(case.statuses):
                client.link.settimeout(QUIET_SECONDS)
    except Cut as cut:
        found.closed = found.cut = True
        if cut.answer is None:
            found.junk = client.kept
        else:
            found.answers.append(cut.answer)
    except TimeoutError:
        found.junk = client.received[whole:]
    except (ValueError, IndexError, AssertionError):
        found.junk = client.received[-1000:] or b"?"


def _asks_again(client: Client, found: Observation) -> bool | None:
    word = f"/after-observed-{next(_number)}"
    client.send([f"GET {word} HTTP/1.1\r\nHost: shop\r\n\r\n".encode()])
    try:
        answer = client.answer()
    except TimeoutError:
        return None
    except (Cut, ValueError, IndexError, AssertionError):
        return False
    if answer is None:
        found.closed = True
        return None
    return (answer.status, answer.body) == (200, word.encode())
