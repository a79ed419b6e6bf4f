"""Whether bytes have one reading only: RFC 9112 without any of its leniencies."""

import re

TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
REQUEST_LINE = re.compile(rb"(" + TOKEN + rb") ([\x21\x22\x24-\x7e]+) HTTP/1\.([01])\Z")
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9]) [\t \x21-\x7e\x80-\xff]*\Z")
FIELD = re.compile(rb"(" + TOKEN + rb"):[ \t]*(.*?)[ \t]*\Z", re.DOTALL)
# RFC 9110 section 5.5 lets a recipient keep other control bytes; these it must refuse or replace.
FORBIDDEN = re.compile(rb"[\x00\r\n]")
HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,=%-]*|\[[0-9A-Fa-f:.]+\])(?::([0-9]{0,5}))?\Z")
SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}\Z")
# Fields that may not come behind a body, RFC 9110 section 6.5.1.
UNFIT = {b"content-length", b"transfer-encoding", b"host", b"authorization"}


def problem_of_requests(raw: bytes) -> str | None:
    """The first thing in a connection's bytes that servers could read differently; the last request
    may be incomplete."""
    while raw:
        if raw.startswith(b"\r\n"):
            # Section 2.2: an empty line before a request is to be passed over.
            raw = raw[2:]
            continue
        head, mark, raw = raw.partition(b"\r\n\r\n")
        if not mark:
            return None if REQUEST_LINE.match(head.split(b"\r\n")[0]) else f"the line {head[:60]!r}"
        lines = head.split(b"\r\n")
        if not (line := REQUEST_LINE.match(lines[0])):
            return f"the line {lines[0][:60]!r}"
        fields, problem = _fields(lines[1:])
        hosts = [value for name, value in fields if name == b"host"]
        if problem is None and len(hosts) != 1 and line.group(3) == b"1":
            problem = f"{len(hosts)} Host fields"
        if problem is None and hosts and not _is_host(hosts[0]):
            problem = f"Host: {hosts[0]!r}"
        if problem is not None:
            return problem
        rest, problem = _body(fields, raw)
        if problem is not None or rest is None:
            return problem
        raw = rest
    return None


def problem_of_answer(head: bytes) -> str | None:
    lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    if not STATUS_LINE.match(lines[0]):
        return f"the line {lines[0][:60]!r}"
    fields, problem = _fields(lines[1:])
    return problem or framing(fields)


def _fields(lines: list[bytes]) -> tuple[list[tuple[bytes, bytes]], str | None]:
    found = []
    for line in lines:
        field = FIELD.match(line)
        if not field or FORBIDDEN.search(field.group(2)):
            return found, f"the field {line[:60]!r}"
        found.append((field.group(1).lower(), field.group(2)))
    return found, None


def _is_host(value: bytes) -> bool:
    found = HOST.match(value)
    return bool(found) and int(found.group(1) or b"0") < 65536


def framing(fields: list[tuple[bytes, bytes]]) -> str | None:
    lengths = [value for name, value in fields if name == b"content-length"]
    encodings = [value for name, value in fields if name == b"transfer-encoding"]
    if lengths and encodings:
        return "a length beside an encoding"
    if len(lengths) > 1 or any(not value.isdigit() or int(value) >= 1 << 63 for value in lengths):
        return f"the lengths {lengths}"
    if len(encodings) > 1 or any(value.lower() != b"chunked" for value in encodings):
        return f"the encodings {encodings}"
    return None


def _body(fields: list[tuple[bytes, bytes]], raw: bytes) -> tuple[bytes | None, str | None]:
    """What stands behind the body, or None when it has not come to its end."""
    if problem := framing(fields):
        return None, problem
    values = dict(fields)
    if b"transfer-encoding" not in values:
        length = int(values.get(b"content-length", b"0"))
        return (raw[length:], None) if len(raw) >= length else (None, None)
    while True:
        size, mark, raw = raw.partition(b"\r\n")
        if not mark:
            return None, None
        if not SIZE.match(size):
            return None, f"the chunk size {size[:60]!r}"
        if int(size, 16) == 0:
            return _trailers(raw)
        if len(raw) < int(size, 16) + 2:
            return None, None
        raw = raw[int(size, 16):]
        if raw[:2] != b"\r\n":
            return None, "a chunk that is longer than its size"
        raw = raw[2:]


def _trailers(raw: bytes) -> tuple[bytes | None, str | None]:
    while True:
        line, mark, raw = raw.partition(b"\r\n")
        if not mark:
            return None, None
        if not line:
            return raw, None
        fields, problem = _fields([line])
        if problem is None and fields[0][0] in UNFIT:
            problem = f"the trailer {line[:60]!r}"
        if problem is not None:
            return None, problem
