"""Whether an outcome that is not the listed one is as safe.

It is when nothing reached the server, or what reached it has one reading only (`strictness`), is
what the client sent under a reading that the RFCs leave open, and no answer was mixed up. What an RFC says must be refused
is not as safe, whatever became of it.
"""

from Attacks.case import NOTHING, NOTHING_WHOLE, Case
from Attacks.observation import Observation
from Attacks.strictness import problem_of_answer, problem_of_requests

# Words of a case's name, and the rule that leaves no choice. A row's rule without words is for all of it.
MUST_REFUSE: dict[int, list[tuple[tuple[str, ...], str]]] = {
    2: [((), "RFC 9112 6.1 and 6.3: an encoding that is unknown or not chunked last")],
    4: [(("differ", "zero and five", "empty member", "leading comma"), "RFC 9112 6.3: lengths that differ")],
    5: [((), "RFC 9112 6.3: an invalid Content-Length")],
    7: [(("before the colon",), "RFC 9112 5.1: no space before the colon"),
        (("before the first field",), "RFC 9112 2.2: no space before the first field")],
    19: [(("CONNECT",), "RFC 9110 9.3.6: an origin server that was asked for a tunnel it did not ask for")],
    20: [((), "RFC 9112 3.2: a Host that is missing, there twice, or invalid")],
    27: [(("length",), "RFC 9112 6.3: an answer with an invalid Content-Length becomes a 502"),
         (("101",), "RFC 9110 15.2.2: a change of protocol that nobody asked for")],
}
# What the RFCs leave open, by row: said under the table.
MAY = {
    1: "RFC 9112 6.3 lets a server read the chunks alone, if it drops the length and closes afterwards",
    3: "RFC 9112 6.1 lets a server read such a body, if it closes afterwards",
    4: "RFC 9112 6.3 lets equal lengths become one",
    6: "RFC 9112 2.2 lets a lone LF end a line of the head",
    7: "RFC 9112 5.2 lets a fold become a space",
    8: "RFC 9110 5.5 lets other control bytes than CR, LF and NUL stay in a value; a field with a bad name may be left out",
    9: "chunks that were read leniently count as safe when they are written anew",
    12: "RFC 9110 6.5 lets trailers be passed on as trailers; the four named have no place there",
    14: "RFC 9110 10.1.1: 417 is allowed, not demanded",
    15: "RFC 9112 6 frames the message whatever Connection says; the field may be ignored",
    18: "RFC 9110 2.5 lets a higher minor version be read as 1.1",
    19: "RFC 9110 9.3.8 lets TRACE be passed on",
    21: "RFC 9112 3.2.2: a server takes the absolute form too",
    22: "RFC 9112 3 lets any white space divide the request line",
    23: "where a limit stands is each program's own choice, and so is its status",
    27: "RFC 9112 5.2, 6.3 and 2.2 as for requests: folds, chunks beside a length, a lone LF",
}
CLOSES_AFTER = (1, 3)
# Bodies that the cases of these rows have when chunks win over a length.
HELLO_ROWS = {1, 2, 3, 4, 5, 9, 10, 11, 12, 15}
HELLOS = (b"hello", b"hellohello", b"hello!")
HTTP2_SETTINGS = b"\x04\x00\x00\x00\x00\x00"


def problem(case: Case, seen: Observation) -> str | None:
    """Why the outcome is not as safe; None when it is."""
    if not seen.unhurt:
        return "another client did not get its answer"
    if seen.kept_its_place is False:
        return "the next request got another answer"
    return _problem_of_answers(case, seen) if case.row >= 25 else _problem_of_requests(case, seen)


def _must_refuse(case: Case) -> str | None:
    for words, rule in MUST_REFUSE.get(case.row, []):
        if not words or any(word in case.name for word in words):
            return rule
    return None


def _problem_of_requests(case: Case, seen: Observation) -> str | None:
    for raw in seen.raw.values():
        if found := problem_of_requests(raw):
            return f"reached the server: {found}"
    for one in seen.requests:
        if "/smuggled" in one.target and case.row != 6:
            return "a hidden request reached the server"
    wanted = case.seen not in (NOTHING, NOTHING_WHOLE) and isinstance(case.seen, tuple)
    if not seen.requests:
        return None
    if not wanted and (rule := _must_refuse(case)):
        return f"passed on ({rule})"
    good = sum(answer.status < 400 for answer in seen.answers)
    if good != len(seen.requests):
        return f"{len(seen.requests)} requests at the server, {good} answers from it"
    if case.row in CLOSES_AFTER and not seen.closed:
        return "went on after faulty framing"
    if case.row in HELLO_ROWS and any(one.method == "POST" and one.body and one.body.strip(b"x") and one.body not in HELLOS
                                      for one in seen.requests):
        return f"the body became {[one.body[:40] for one in seen.requests]}"
    if wanted:
        return _problem_of_wanted(case, seen)
    return None


def _problem_of_wanted(case: Case, seen: Observation) -> str | None:
    if len(seen.requests) > len(case.seen):
        return f"{len(seen.requests)} requests at the server, not {len(case.seen)}"
    raw = b"".join(seen.raw.values())
    for word in case.never:
        if word in raw and not word.startswith(b"/"):
            return f"{word!r} reached the server"
    for one, right in zip(seen.requests, case.seen):
        if one.method != right.method or one.body not in right.bodies:
            return f"{right.method} became {one.method} {one.target} {one.body[:40]!r}"
        if one.target not in (right.target, "http://shop" + right.target, "http://shop" + right.target.rstrip("/")):
            return f"{right.target} became {one.target}"
        for name in right.absent:
            # A body that was read whole may be passed on with its length.
            if one.field(name) and name != "content-length":
                return f"{name} was passed on"
        for name, value in right.fields:
            values = one.field(name)
            if not values or (value is not None and values != [value]):
                return f"{name} became {values}"
    return None


def _problem_of_answers(case: Case, seen: Observation) -> str | None:
    if not seen.dropped:
        return "a connection with unasked bytes stayed open"
    if seen.junk and not (seen.cut and b"HTTP/1.".startswith(seen.junk[:7])):
        return f"no whole answer: {seen.junk[:40]!r}"
    for answer in seen.answers:
        if found := problem_of_answer(answer.head):
            return f"reached the client: {found}"
    refused = all(answer.status >= 400 for answer in seen.answers)
    if len(seen.answers) > len(case.statuses):
        return f"{len(seen.answers)} answers, not {len(case.statuses)}"
    if refused:
        return None
    if not case.cut and seen.cut:
        return "an answer without its end"
    if case.cut and not seen.cut and seen.answers[-1].body not in HELLOS:
        return "a cut answer looked whole"
    if rule := None if "chunked" in case.name else _must_refuse(case):
        return f"passed on ({rule})"
    for word in case.never:
        if word in seen.received and word != b"hello":
            return f"{word!r} reached the client"
    if case.row in (26, 29) and case.fresh and {one.connection for one in seen.requests} & seen.afters:
        return "a tainted connection was used again"
    return None


def is_http2(seen: Observation) -> bool:
    """The proxy took the preface and speaks HTTP/2 on this port."""
    return seen.received[3:9] == HTTP2_SETTINGS and not any(seen.raw.values())
