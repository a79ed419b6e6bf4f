"""Sends every case over a real socket and looks at both sides."""

import itertools

import pytest

from Attacks.case import ANYTHING, NOTHING, NOTHING_WHOLE, Case, Seen
from Attacks.cases import CASES
from Attacks.client import Answer, Client, Cut
from Attacks.recorder import Recorder, Request

SECONDS = 5
number = itertools.count(1)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_attack(case: Case, target, recorder: Recorder):
    recorder.begin(case.reply)
    client = Client(target.port, SECONDS)
    try:
        client.send(case.segments())
        answers = _answers(case, client)
        if case.reply.later:
            _send_later(recorder)
        _check_connection(case, client, answers)
    except TimeoutError:
        pytest.fail(f"no end within {SECONDS} s; so far: {client.received[:300]!r}")
    finally:
        client.close()
    _check_server(case, target, recorder, answers)
    _check_never(case, client, recorder)
    target.check_alive()


def _answers(case: Case, client: Client) -> list[Answer]:
    answers: list[Answer] = []
    for place, allowed in enumerate(case.statuses):
        try:
            answer = client.answer(to_head=place in case.heads)
        except Cut as cut:
            assert case.cut, f"cut short: {client.received[:300]!r}"
            # Nothing at all of the answer is a cut as well.
            assert cut.answer is None or cut.answer.status in allowed
            return answers
        if answer is None and case.may_stop_early and answers:
            break
        if answer is None and case.cut:
            return answers
        assert answer is not None, f"closed without answer {place + 1} of {len(case.statuses)}"
        assert answer.status in allowed, f"answer {place + 1} is {answer.head!r}, not one of {sorted(allowed)}"
        if case.bodies is not None and case.bodies[place] is not None:
            assert answer.body == case.bodies[place]
        answers.append(answer)
    assert not case.cut or answers[-1].status == 502, "a cut answer looked whole"
    return answers


def _send_later(recorder: Recorder) -> None:
    """Bytes on a connection that the proxy holds idle: it must drop the connection for them."""
    connection = recorder.requests[-1].connection
    recorder.go_on.set()
    dropped = recorder.wait_for(lambda: connection not in recorder.open, SECONDS)
    assert dropped, "the connection to the server stayed open after unasked bytes"


def _check_connection(case: Case, client: Client, answers: list[Answer]) -> None:
    if case.cut and answers:
        return
    stopped = len(answers) < len(case.statuses)
    if case.closed is True or stopped:
        assert client.is_closed(), "the connection stayed open"
        assert case.cut or not client.kept, f"more came after the last answer: {client.kept[:200]!r}"
    elif case.closed is False:
        word = f"/after-{next(number)}"
        client.send([f"GET {word} HTTP/1.1\r\nHost: shop\r\n\r\n".encode()])
        answer = client.answer()
        assert answer is not None, "the connection was closed, though it should go on"
        assert (answer.status, answer.body) == (200, word.encode()), "the connection lost its place"


def _check_server(case: Case, target, recorder: Recorder, answers: list[Answer]) -> None:
    """A request of another client, sent last, tells that what came before it has arrived."""
    word = f"/after-{next(number)}"
    other = Client(target.port, SECONDS)
    other.send([f"GET {word} HTTP/1.1\r\nHost: shop\r\n\r\n".encode()])
    answer = other.answer()
    other.close()
    assert answer is not None and (answer.status, answer.body) == (200, word.encode()), "another client was hurt"

    with recorder.changed:
        requests = [one for one in recorder.requests if not one.target.startswith("/after")]
        afters = [one for one in recorder.requests if one.target.startswith("/after")]
        raw = b"".join(recorder.raw.values())
    refused = answers and all(one.status >= 400 for one in answers)
    if case.fresh and requests:
        used = {one.connection for one in requests}
        assert all(one.connection not in used for one in afters), "a tainted connection was used again"
    if case.seen == ANYTHING:
        return
    if case.seen == NOTHING_WHOLE or (case.seen != NOTHING and refused and len(case.statuses) == 1):
        assert not requests, f"the server got {requests}"
    elif case.seen == NOTHING:
        heads = [line for line in raw.split(b"\r\n") if b" HTTP/1." in line and b" /after" not in line]
        assert not requests and not heads, f"the server got {heads or requests}"
    else:
        expected = case.seen
        if len(answers) < len(case.statuses):
            expected = expected[: len(requests)]
        assert len(requests) == len(expected), f"the server got {requests}"
        for request, seen in zip(requests, expected):
            _check_seen(request, seen)


def _check_seen(request: Request, seen: Seen) -> None:
    assert (request.method, request.target) == (seen.method, seen.target)
    assert request.body in seen.bodies, f"the body became {request.body!r}"
    for name, value in seen.fields:
        values = request.field(name)
        assert values and (value is None or values == [value]), f"{name} became {values}"
    for name in seen.absent:
        assert not request.field(name), f"{name} was passed on"
    assert len(request.field("host")) == 1 and len(request.field("content-length")) <= 1
    assert not (request.field("content-length") and request.field("transfer-encoding"))


def _check_never(case: Case, client: Client, recorder: Recorder) -> None:
    with recorder.changed:
        raw = b"".join(recorder.raw.values())
        targets = b" ".join(one.target.encode() for one in recorder.requests)
    for word in case.never:
        # A body may carry what looks like a request; a target may not.
        there = targets if word.startswith(b"/") else raw
        assert word not in client.received, f"{word!r} reached the client"
        assert word not in there, f"{word!r} reached the server"


def test_every_row_has_cases():
    assert {*range(1, 31), 46, 47, 48, 49, 53, 55} <= {case.row for case in CASES}
