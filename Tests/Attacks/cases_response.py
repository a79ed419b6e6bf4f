"""Rows 25 to 30: what the server behind answers, and what of it may reach a client."""

from Attacks.case import ANYTHING, OK, Case, Reply, post, request

OK_HEAD = b"HTTP/1.1 200 OK\r\n"
POISON = OK_HEAD + b"Content-Length: 6\r\n\r\nPOISON"
BAD = ({502},)


def _answer(row: int, name: str, raw: bytes, statuses=BAD, send: bytes = request(), **more) -> Case:
    reply = Reply(raw, **{key: more.pop(key) for key in ("early", "later", "close", "reset") if key in more})
    more.setdefault("closed", None)
    return Case(row, name, send, statuses, seen=ANYTHING, reply=reply, **more)


def _head(name: str, lines: bytes, body: bytes = b"hello") -> Case:
    return _answer(27, name, OK_HEAD + lines + b"\r\n" + body, never=(b"hello",), fresh=True)


HALF_SENT = post(b"Content-Length: 100000", body=b"0123456789")
EARLY = [
    _answer(25, "answer before the body", OK_HEAD + b"Content-Length: 2\r\n\r\nok", OK, HALF_SENT, early=True, bodies=(b"ok",), fresh=True),
    _answer(25, "refusal before the body", b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno", ({413},), HALF_SENT,
            early=True, bodies=(b"no",), fresh=True),
    _answer(25, "chunked answer before the body", OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", OK, HALF_SENT, early=True,
            bodies=(b"ok",), fresh=True),
    _answer(25, "answer before half-sent chunks", OK_HEAD + b"Content-Length: 2\r\n\r\nok", OK,
            post(b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n"), early=True, bodies=(b"ok",), fresh=True),
]

SURPLUS = [
    _answer(26, "answer behind an answer", OK_HEAD + b"Content-Length: 2\r\n\r\nok" + POISON, OK, bodies=(b"ok",), closed=False, fresh=True, never=(b"POISON",)),
    _answer(26, "bytes behind an answer", OK_HEAD + b"Content-Length: 2\r\n\r\nokPOISON", OK, bodies=(b"ok",), closed=False, fresh=True, never=(b"POISON",)),
    _answer(26, "bytes behind chunks", OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n" + POISON, OK, bodies=(b"ok",), closed=False,
            fresh=True, never=(b"POISON",)),
    _answer(26, "answer on an idle connection", OK_HEAD + b"Content-Length: 2\r\n\r\nok", OK, later=POISON, bodies=(b"ok",), closed=False,
            fresh=True, never=(b"POISON",)),
    _answer(26, "a byte on an idle connection", OK_HEAD + b"Content-Length: 2\r\n\r\nok", OK, later=b"\n", bodies=(b"ok",), closed=False, fresh=True),
    _answer(26, "408 on an idle connection", OK_HEAD + b"Content-Length: 2\r\n\r\nok", OK,
            later=b"HTTP/1.1 408 POISON\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", bodies=(b"ok",), closed=False, fresh=True, never=(b"POISON",)),
]

LENGTHS = [
    _head("length and chunked", b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"5\r\nhello\r\n0\r\n\r\n"),
    *(_head(f"length {name}", b"Content-Length: " + value + b"\r\n") for name, value in {
        "of letters": b"abc", "empty": b"", "negative": b"-5", "with plus": b"+5", "hexadecimal": b"0x5", "of 2 to 64": b"18446744073709551616",
        "of 30 digits": b"9" * 30, "in a list that differs": b"5, 6", "with a space": b"5 5"}.items()),
    _head("two lengths that differ", b"Content-Length: 5\r\nContent-Length: 6\r\n"),
    _head("unknown encoding", b"Transfer-Encoding: cow\r\n"),
    _head("encoding xchunked", b"Transfer-Encoding: xchunked\r\n", b"5\r\nhello\r\n0\r\n\r\n"),
    _head("encoding twice", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"5\r\nhello\r\n0\r\n\r\n"),
]

HEADS = [
    *(_head(f"{name} in a value", b"X-A: a" + byte + b"b\r\nContent-Length: 5\r\n") for name, byte in {
        "NUL": b"\x00", "CR": b"\r", "LF": b"\n", "CR before a field": b"\rSet-Cookie: a="}.items()),
    _head("folded", b"X-A: a\r\n b\r\nContent-Length: 5\r\n"),
    _head("space before the colon", b"X-A : a\r\nContent-Length: 5\r\n"),
    _head("space in a name", b"X A: a\r\nContent-Length: 5\r\n"),
    _head("no colon", b"X-A\r\nContent-Length: 5\r\n"),
    _head("empty name", b": a\r\nContent-Length: 5\r\n"),
    _head("of 200 kB", b"X-A: aaaaaaaaaa\r\n" * 12_000 + b"Content-Length: 5\r\n"),
    _head("of 500 fields", b"X: a\r\n" * 500 + b"Content-Length: 5\r\n"),
    *(_answer(27, f"status line {name}", line + b"\r\nContent-Length: 5\r\n\r\nhello", never=(b"hello",), fresh=True) for name, line in {
        "of letters": b"HTTP/1.1 abc OK", "of two digits": b"HTTP/1.1 20 OK", "of four digits": b"HTTP/1.1 2000 OK", "of 000": b"HTTP/1.1 000 OK",
        "of 099": b"HTTP/1.1 099 OK", "negative": b"HTTP/1.1 -20 OK", "of version 2": b"HTTP/2.0 200 OK", "without a version": b"200 OK",
        "in small letters": b"http/1.1 200 OK", "of ICY": b"ICY 200 OK", "empty": b"", "with NUL": b"HTTP/1.1 200 O\x00K"}.items()),
    _answer(27, "a request for an answer", request(b"X-A: POISON"), never=(b"POISON",), fresh=True),
    _answer(27, "garbage", b"\xde\xad\xbe\xef" * 64 + b"\r\n\r\n", fresh=True),
    _answer(27, "garbage without an end", b"\xde\xad\xbe\xef" * 50_000, fresh=True),
    _answer(27, "unasked 101", b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello", never=(b"hello",), fresh=True),
    _answer(27, "endless 100", b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000, fresh=True),
    _answer(27, "endless 103", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 20_000, fresh=True),
    _answer(27, "close without an answer", b"", close=True),
    _answer(27, "close within the head", b"HTTP/1.1 200 OK\r\nContent-Le", close=True),
    _answer(27, "reset without an answer", b"", reset=True),
    _answer(27, "a few 1xx are right", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 3 + OK_HEAD + b"Content-Length: 2\r\n\r\nok", OK,
            bodies=(b"ok",), closed=False),
]


def _cut(row: int, name: str, raw: bytes, **more) -> Case:
    # Found before anything was passed on, it may still become a 502.
    return _answer(row, name, OK_HEAD + raw, ({200, 502},), cut=True, closed=True, **more)


CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
CUTS = [
    _cut(28, "length not reached", b"Content-Length: 100\r\n\r\nhello", close=True),
    _cut(28, "length not reached by reset", b"Content-Length: 100000\r\n\r\n" + b"a" * 50_000, reset=True),
    _cut(28, "no body at all", b"Content-Length: 100\r\n\r\n", close=True),
    _cut(28, "no last chunk", CHUNKED + b"5\r\nhello\r\n", close=True),
    _cut(28, "no first chunk", CHUNKED, close=True),
    _cut(28, "within a chunk", CHUNKED + b"ff\r\nhello", close=True),
    _cut(28, "within a size", CHUNKED + b"5\r\nhello\r\n1", close=True),
    _cut(28, "before the end of the trailers", CHUNKED + b"5\r\nhello\r\n0\r\n", close=True),
    _cut(28, "within a trailer", CHUNKED + b"5\r\nhello\r\n0\r\nX-A: a\r\n", close=True),
    _cut(27, "chunk size 0x5", CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n", fresh=True),
    _cut(27, "chunk size negative", CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n", fresh=True),
    _cut(27, "chunk size of 2 to 64", CHUNKED + b"10000000000000000\r\nhello\r\n0\r\n\r\n", fresh=True),
    _cut(27, "chunk longer than its size", CHUNKED + b"5\r\nhelloworld\r\n0\r\n\r\n", fresh=True),
    _cut(27, "chunk ended by LF", CHUNKED + b"5\nhello\n0\n\n", fresh=True),
    _answer(28, "ended by the connection is right", OK_HEAD + b"\r\nhello", OK, close=True, bodies=(b"hello",)),
    _answer(28, "1.0 ended by the connection is right", b"HTTP/1.0 200 OK\r\n\r\nhello", OK, close=True, bodies=(b"hello",)),
]

HEAD = request(start=b"HEAD / HTTP/1.1")
NO_BODY = [
    _answer(29, "204 with a body", b"HTTP/1.1 204 No Content\r\n\r\nPOISON", ({204},), closed=None, fresh=True, never=(b"POISON",)),
    _answer(29, "204 with a length", b"HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\nPOISON", ({204, 502},), closed=None, fresh=True, never=(b"POISON",)),
    _answer(29, "204 with chunks", b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nPOISON\r\n0\r\n\r\n", ({204, 502},), closed=None,
            fresh=True, never=(b"POISON",)),
    _answer(29, "304 with a body", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\nPOISON", ({304},), closed=None, fresh=True, never=(b"POISON",)),
    _answer(29, "304 with an answer", b"HTTP/1.1 304 Not Modified\r\n\r\n" + POISON, ({304},), closed=None, fresh=True, never=(b"POISON",)),
    _answer(29, "HEAD with a body", OK_HEAD + b"Content-Length: 6\r\n\r\nPOISON", OK, HEAD, closed=None, fresh=True, never=(b"POISON",), heads=frozenset({0})),
    _answer(29, "HEAD with chunks", OK_HEAD + CHUNKED + b"6\r\nPOISON\r\n0\r\n\r\n", OK, HEAD, closed=None, fresh=True, never=(b"POISON",),
            heads=frozenset({0})),
    _answer(29, "HEAD with a length and no body is right", OK_HEAD + b"Content-Length: 6\r\n\r\n", OK, HEAD, closed=False, heads=frozenset({0})),
    _answer(29, "HEAD with chunked and no body is right", OK_HEAD + CHUNKED, OK, HEAD, closed=False, heads=frozenset({0})),
    _answer(29, "304 with a length and no body is right", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\n", ({304},), closed=False),
]

# A server that wants TLS answers plain HTTP by an alert. The other way round, plaintext before
# our own handshake, needs services over TLS.
TLS = [
    _answer(30, "TLS alert", b"\x15\x03\x03\x00\x02\x02\x0a", close=True),
    _answer(30, "TLS alert, kept open", b"\x15\x03\x03\x00\x02\x02\x0a\r\n\r\n", fresh=True),
    _answer(30, "TLS hello", b"\x16\x03\x03\x00\x31\x02" + b"\x00" * 48, close=True),
]

CASES = [*EARLY, *SURPLUS, *LENGTHS, *HEADS, *CUTS, *NO_BODY, *TLS]
