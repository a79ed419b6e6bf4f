"""Rows 48 and 49: what a client says of who it is, in fields that we set and in their twins."""

from Attacks.case import OK, Case, Seen, request

EVIL = b"198.51.100.66"
OURS = (("x-forwarded-for", "127.0.0.1"), ("x-forwarded-proto", "http"), ("x-forwarded-host", "shop"), ("x-request-id", None))


def _case(row: int, name: str, *lines: bytes, absent: tuple[str, ...] = ()) -> Case:
    return Case(row, name, request(*lines), OK, closed=False, seen=(Seen(fields=OURS, absent=absent),), never=(EVIL, b"evil"))


FIELDS = [
    b"X-Forwarded-For", b"X-Forwarded-Host", b"X-Forwarded-Proto", b"X-Request-Id", b"X-Real-IP", b"Forwarded", b"X-Forwarded",
    b"X-Forwarded-Port", b"X-Forwarded-Server", b"X-Forwarded-Prefix", b"X-Forwarded-By"]

OVERWRITTEN = [
    *(_case(48, name.decode(), name + b": evil") for name in FIELDS),
    *(_case(48, f"{name.decode()} in capitals", name.upper() + b": evil") for name in FIELDS),
    _case(48, "an address before the true one", b"X-Forwarded-For: " + EVIL + b", 127.0.0.1"),
    _case(48, "twice", b"X-Forwarded-For: " + EVIL, b"X-Forwarded-For: evil"),
    _case(48, "named by Connection", b"Connection: X-Forwarded-For", b"X-Forwarded-For: " + EVIL),
    _case(48, "all at once", *(name + b": evil" for name in FIELDS)),
    _case(48, "an invalid traceparent", b"traceparent: 00-evil", b"tracestate: evil=1", absent=("traceparent", "tracestate")),
]

TWINS = [
    b"X_Forwarded_For", b"X_FORWARDED_FOR", b"X-Forwarded_For", b"X_Forwarded-For", b"X_Forwarded_Host", b"X_Forwarded_Proto", b"X_Forwarded_Port",
    b"X_Request_Id", b"X-Request_Id", b"X_Real_IP", b"X-Real_IP", b"Content_Length", b"Transfer_Encoding"]
DROPPED = [
    *(_case(49, name.decode(), name + b": evil", absent=(name.decode(),)) for name in TWINS),
    Case(49, "others stay", request(b"X_Shop: a"), OK, closed=False, seen=(Seen(fields=(("x_shop", "a"), *OURS)),)),
]

CASES = [*OVERWRITTEN, *DROPPED]
