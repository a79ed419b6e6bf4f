"""Rows 1 to 15: how a request's end is told."""

from collections.abc import Iterator

from Attacks.case import HOST, NOTHING_WHOLE, OK, SMUGGLED, Case, Seen, chunked, post, request

HELLO = b"5\r\nhello\r\n0\r\n\r\n"
REFUSED = ({400, 501},)


def _refused(row: int, statuses, make, **cases: bytes) -> list[Case]:
    return [Case(row, name.replace("_", " "), make(value), statuses=statuses) for name, value in cases.items()]


LENGTH_AND_ENCODING = [
    Case(1, "length then chunked", post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=HELLO + SMUGGLED)),
    Case(1, "chunked then length", post(b"Transfer-Encoding: chunked", b"Content-Length: 15", body=HELLO)),
    Case(1, "length zero", post(b"Content-Length: 0", b"Transfer-Encoding: chunked", body=HELLO)),
    Case(1, "names in capitals", post(b"CONTENT-LENGTH: 15", b"TRANSFER-ENCODING: chunked", body=HELLO)),
    Case(1, "on a GET", request(b"Content-Length: 15", b"Transfer-Encoding: chunked", body=HELLO)),
    Case(1, "encoding before Host", post(start=b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 4", body=HELLO)),
]

ENCODING = _refused(
    2, REFUSED, lambda value: post(b"Transfer-Encoding: " + value, body=HELLO),
    xchunked=b"xchunked", vertical_tab_after=b"chunked\x0b", vertical_tab_before=b"\x0bchunked",
    form_feed=b"chunked\x0c", nul=b"chunked\x00", identity=b"identity", not_last=b"chunked, identity",
    twice_in_a_list=b"chunked, chunked", gzip=b"gzip", quoted=b'"chunked"', parameter=b"chunked;q=1", empty=b"",
    split_word=b"chun ked", prefix=b"chunke", suffix=b"chunkedx", not_ascii=b"chunked\xa0",
) + [
    Case(2, "two lines", post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=HELLO), statuses=REFUSED),
    Case(2, "second line unknown", post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: cow", body=HELLO), statuses=REFUSED),
    Case(2, "first line unknown", post(b"Transfer-Encoding: cow", b"Transfer-Encoding: chunked", body=HELLO), statuses=REFUSED),
    Case(2, "capitals are right", post(b"Transfer-Encoding: CHUNKED", body=HELLO), OK, closed=False,
         seen=(Seen("POST", "/", (b"hello",)),)),
    Case(2, "tab before the value is right", post(b"Transfer-Encoding:\tchunked", body=HELLO), OK, closed=False,
         seen=(Seen("POST", "/", (b"hello",)),)),
]

OLD_VERSION = [
    Case(3, "chunked on 1.0", post(b"Transfer-Encoding: chunked", body=HELLO, start=b"POST / HTTP/1.0")),
    Case(3, "chunked on 1.0 kept alive",
         post(b"Connection: keep-alive", b"Transfer-Encoding: chunked", body=HELLO + SMUGGLED, start=b"POST / HTTP/1.0")),
    Case(3, "chunked and length on 1.0",
         post(b"Content-Length: 15", b"Transfer-Encoding: chunked", body=HELLO, start=b"POST / HTTP/1.0")),
    Case(3, "identity on 1.0", post(b"Transfer-Encoding: identity", start=b"POST / HTTP/1.0")),
]

SEVERAL_LENGTHS = [
    Case(4, "two equal lines", post(b"Content-Length: 5", b"Content-Length: 5", body=b"hello")),
    Case(4, "two lines that differ", post(b"Content-Length: 5", b"Content-Length: 6", body=b"hello!")),
    Case(4, "zero and five", post(b"Content-Length: 0", b"Content-Length: 5", body=b"hello")),
    Case(4, "with a field between", post(b"Content-Length: 5", b"X-A: 1", b"content-length: 5", body=b"hello")),
    *_refused(4, ({400},), lambda value: post(b"Content-Length: " + value, body=b"hello"),
              equal_list=b"5, 5", list_that_differs=b"5, 6", list_without_space=b"5,5", empty_member=b"5,", leading_comma=b",5"),
]

LENGTH = _refused(
    5, ({400},), lambda value: post(b"Content-Length: " + value, body=b"hello"),
    empty=b"", plus=b"+5", minus=b"-5", hexadecimal=b"0x5", hexadecimal_digit=b"a", underscore=b"5_0", two_to_63=b"9223372036854775808",
    two_to_64=b"18446744073709551616", two_to_64_and_five=b"18446744073709551621", thirty_digits=b"9" * 30,
    inner_space=b"5 5", fraction=b"5.0", exponent=b"5e0", parameter=b"5;a", quoted=b'"5"', arabic_digit="٥".encode(),
    nul=b"5\x00", vertical_tab=b"\x0b5", chunked=b"chunked",
)

LINE_ENDS = [
    Case(6, "bare LF after the request line", b"GET / HTTP/1.1\n" + HOST + b"\r\n"),
    Case(6, "bare LF after a field", b"GET / HTTP/1.1\r\nHost: shop\nX-A: 1\r\n\r\n"),
    Case(6, "bare LF at the end", b"GET / HTTP/1.1\r\nHost: shop\r\n\n"),
    Case(6, "bare LF everywhere", b"GET / HTTP/1.1\nHost: shop\n\n"),
    Case(6, "LF LF inside a head", b"GET / HTTP/1.1\r\nHost: shop\r\nX-A: 1\n\nGET /smuggled HTTP/1.1\r\nHost: shop\r\n\r\n"),
    Case(6, "bare CR in a value", request(b"X-A: a\rb")),
    Case(6, "bare CR before a smuggled field", request(b"X-A: a\rTransfer-Encoding: chunked")),
    Case(6, "bare CR in the request line", b"GET /\r HTTP/1.1\r\n" + HOST + b"\r\n"),
    Case(6, "bare CR ends the request line", b"GET / HTTP/1.1\rHost: shop\r\n\r\n"),
    Case(6, "bare CR in a name", request(b"X\rA: a")),
    Case(6, "CR CR LF", b"GET / HTTP/1.1\r\nHost: shop\r\r\n\r\n"),
    Case(6, "CR CR LF at the end", b"GET / HTTP/1.1\r\nHost: shop\r\n\r\r\n"),
]

SPACES = [
    Case(7, "folded by a space", request(b"X-A: a", b" b")),
    Case(7, "folded by a tab", request(b"X-A: a", b"\tb")),
    Case(7, "folded encoding", post(b"Transfer-Encoding:", b" chunked", body=HELLO)),
    Case(7, "folded length", post(b"Content-Length: 5", b" 0", body=b"hello")),
    Case(7, "space before the first field", b"GET / HTTP/1.1\r\n Host: shop\r\n\r\n"),
    Case(7, "tab before the first field", b"GET / HTTP/1.1\r\n\tHost: shop\r\n\r\n"),
    Case(7, "line of a space before the first field", b"GET / HTTP/1.1\r\n \r\nHost: shop\r\n\r\n"),
    Case(7, "space before the colon", request(b"X-A : a")),
    Case(7, "tab before the colon", request(b"X-A\t: a")),
    Case(7, "space before the colon of an encoding", post(b"Transfer-Encoding : chunked", body=HELLO)),
    Case(7, "space before the colon of a length", post(b"Content-Length : 5", b"Content-Length: 0", body=b"hello")),
    Case(7, "line of a space at the end", request(b" ")),
]

FIELDS = _refused(
    8, ({400},), request,
    empty_name=b": a", no_colon=b"X-A", space_in_the_name=b"X A: a", parenthesis=b"X(A: a", at_sign=b"X@A: a", slash=b"X/A: a",
    quote=b'X"A: a', bracket=b"X[A: a", brace=b"X{A: a", comma=b"X,A: a", semicolon=b"X;A: a", not_ascii=b"X-\xc3\xa9: a", nul_in_the_name=b"X\x00A: a",
    control_in_the_name=b"X\x01A: a", delete_in_the_name=b"X\x7fA: a", nul_in_the_value=b"X-A: a\x00b", control_in_the_value=b"X-A: a\x01b",
    backspace_in_the_value=b"X-A: a\x08", escape_in_the_value=b"X-A: \x1b[2J", delete_in_the_value=b"X-A: a\x7f", form_feed_in_the_value=b"X-A: a\x0cb",
)


def _chunk(name: str, body: bytes, row: int = 9, statuses=({400},)) -> Case:
    return Case(row, name, chunked(body), statuses=statuses, seen=NOTHING_WHOLE, never=(b"/smuggled",))


END = b"0\r\n\r\n"
CHUNKS = [
    _chunk("size with 0x", b"0x5\r\nhello\r\n" + END),
    _chunk("size with plus", b"+5\r\nhello\r\n" + END),
    _chunk("size with minus", b"-5\r\nhello\r\n" + END),
    _chunk("size with underscore", b"0_5\r\nhello\r\n" + END),
    _chunk("size with a space before", b" 5\r\nhello\r\n" + END),
    _chunk("size with a space after", b"5 \r\nhello\r\n" + END),
    _chunk("size with a tab after", b"5\t\r\nhello\r\n" + END),
    _chunk("size empty", b"\r\nhello\r\n" + END),
    _chunk("size not a digit", b"g\r\nhello\r\n" + END),
    _chunk("size of 16 F", b"FFFFFFFFFFFFFFFF\r\nhello\r\n" + END),
    _chunk("size of 2 to 63", b"8000000000000000\r\nhello\r\n" + END),
    _chunk("size of 2 to 64 and 5", b"10000000000000005\r\nhello\r\n" + END),
    _chunk("size of 40 digits", b"1" * 40 + b"\r\nhello\r\n" + END),
    _chunk("size ended by LF", b"5\nhello\r\n" + END),
    _chunk("size ended by CR", b"5\rhello\r\n" + END),
    _chunk("NUL in the size", b"5\x00\r\nhello\r\n" + END),
    _chunk("no CRLF after the data", b"5\r\nhello" + END),
    _chunk("LF after the data", b"5\r\nhello\n" + END),
    _chunk("data longer than its size", b"5\r\nhelloworld\r\n" + END),
    _chunk("two other bytes after the data", b"5\r\nhelloXX" + END + SMUGGLED),
    _chunk("last chunk ended by LF", b"5\r\nhello\r\n0\n\r\n" + SMUGGLED),
    _chunk("body ended by LF", b"5\r\nhello\r\n0\r\n\n" + SMUGGLED),
    Case(9, "second chunk in a segment of its own", (chunked(b"5\r\nhello\r\n"), b"zz\r\n"), seen=NOTHING_WHOLE),
    Case(9, "leading zeros and capitals are right", chunked(b"00a\r\nhellohello\r\n" + END), OK, closed=False,
         seen=(Seen("POST", "/", (b"hellohello",)),)),
]

EXTENSIONS = [
    _chunk("CR in an extension", b"5;a\rb\r\nhello\r\n" + END, 10),
    _chunk("LF in an extension", b"5;a\nb\r\nhello\r\n" + END, 10),
    _chunk("LF ends an extension", b"5;a=b\nhello\r\n" + END, 10),
    _chunk("NUL in an extension", b"5;a\x00\r\nhello\r\n" + END, 10),
    _chunk("control in an extension", b"5;a=\x01\r\nhello\r\n" + END, 10),
    _chunk("escape in a quoted extension", b'5;a="\x1b"\r\nhello\r\n' + END, 10),
    _chunk("CR in the last chunk's extension", b"5\r\nhello\r\n0;a\rb\r\n\r\n" + SMUGGLED, 10),
    *(Case(10, f"{name} is dropped", chunked(b"5" + text + b"\r\nhello\r\n0" + text + b"\r\n\r\n"), OK, closed=False,
           seen=(Seen("POST", "/", (b"hello",)),), never=(b"secret",))
      for name, text in {"name": b";secret", "value": b";a=secret", "quoted value": b';a="secret"', "two": b";secret;b=c"}.items()),
]


def _tiny_chunks(text: bytes = b"1\r\nx\r\n") -> Iterator[bytes]:
    """Four megabytes, or until the connection closes."""
    yield chunked(b"")
    for _ in range(4_000_000 // (len(text) * 1000)):
        yield text * 1000


CAPPED = ({400, 413, 431},)
OVERHEAD = [
    Case(11, "one huge extension", chunked(b"5;a=" + b"b" * 100_000 + b"\r\nhello\r\n" + END), CAPPED, seen=NOTHING_WHOLE),
    Case(11, "endless extensions", lambda: _tiny_chunks(b"1;" + b"a" * 60 + b"\r\nx\r\n"), CAPPED, seen=NOTHING_WHOLE),
    Case(11, "endless chunks of a byte", _tiny_chunks, CAPPED, seen=NOTHING_WHOLE),
    Case(11, "endless size", chunked(b"0" * 100_000), CAPPED, seen=NOTHING_WHOLE),
]


def _trailer(name: str, trailers: bytes) -> Case:
    dropped = ("content-length", "host-trailer", "authorization", "x-checksum")
    return Case(12, name, chunked(b"5\r\nhello\r\n0\r\n" + trailers + b"\r\n"), OK, closed=False,
                seen=(Seen("POST", "/", (b"hello",), absent=dropped),), never=(b"evil",))


TRAILERS = [
    _trailer("length is dropped", b"Content-Length: 3\r\n"),
    _trailer("encoding is dropped", b"Transfer-Encoding: evil\r\n"),
    _trailer("Host is dropped", b"Host: evil\r\n"),
    _trailer("Authorization is dropped", b"Authorization: evil\r\n"),
    _trailer("four at once are dropped", b"Content-Length: 3\r\nHost: evil\r\nAuthorization: evil\r\nX-A: b\r\n"),
    Case(12, "100 kB of them", chunked(b"5\r\nhello\r\n0\r\n" + b"X-A: b\r\n" * 12_500 + b"\r\n"), CAPPED, seen=NOTHING_WHOLE),
    _chunk("without a colon", b"5\r\nhello\r\n0\r\nX-A\r\n\r\n", 12),
    _chunk("bare LF in one", b"5\r\nhello\r\n0\r\nX-A: b\nX-B: c\r\n\r\n", 12),
    _chunk("folded", b"5\r\nhello\r\n0\r\nX-A: b\r\n c\r\n\r\n", 12),
    _chunk("NUL in one", b"5\r\nhello\r\n0\r\nX-A: \x00\r\n\r\n", 12),
]

EITHER = (SMUGGLED, b"")
LENGTH_SMUGGLED = b"Content-Length: %d" % len(SMUGGLED)
UNWANTED_BODIES = [
    *(Case(13, f"{method} with a body, then another request",
           request(LENGTH_SMUGGLED, start=method.encode() + b" /a HTTP/1.1", body=SMUGGLED)
           + request(start=b"GET /b HTTP/1.1"),
           ({200}, {200}), closed=False, heads=frozenset({0} if method == "HEAD" else set()),
           seen=(Seen(method, "/a", EITHER), Seen("GET", "/b")))
      for method in ("GET", "HEAD", "OPTIONS", "DELETE")),
    *(Case(13, f"{method} with chunks, then another request",
           request(b"Transfer-Encoding: chunked", start=method.encode() + b" /a HTTP/1.1", body=HELLO)
           + request(start=b"GET /b HTTP/1.1"),
           ({200}, {200}), closed=False, seen=(Seen(method, "/a", (b"hello", b"")), Seen("GET", "/b")))
      for method in ("GET", "OPTIONS", "DELETE")),
    Case(13, "body of a request that we answer ourselves",
         post(LENGTH_SMUGGLED, body=SMUGGLED).replace(b"Host: shop", b"Host: nowhere", 1) + request(start=b"GET /b HTTP/1.1"),
         ({404}, {200}), may_stop_early=True, closed=None, seen=(Seen("GET", "/b"),)),
    Case(13, "chunks of a request that we answer ourselves",
         chunked(b"%x\r\n%s\r\n" % (len(SMUGGLED), SMUGGLED) + END).replace(b"Host: shop", b"Host: nowhere", 1)
         + request(start=b"GET /b HTTP/1.1"),
         ({404}, {200}), may_stop_early=True, closed=None, seen=(Seen("GET", "/b"),)),
    Case(13, "body of a GET that we answer ourselves",
         request(LENGTH_SMUGGLED, host=b"Host: nowhere\r\n", body=SMUGGLED) + request(start=b"GET /b HTTP/1.1"),
         ({404}, {200}), may_stop_early=True, closed=None, seen=(Seen("GET", "/b"),)),
]

EXPECT = [
    Case(14, "another expectation", post(b"Expect: 200-ok", b"Content-Length: 5", body=b"hello"), ({417},)),
    Case(14, "another expectation with a request for a body",
         post(b"Expect: cookies", LENGTH_SMUGGLED, body=SMUGGLED), ({417},), never=(b"/smuggled",)),
    Case(14, "two expectations", post(b"Expect: 100-continue, x", b"Content-Length: 5", body=b"hello"), ({417},)),
    Case(14, "empty", post(b"Expect:", LENGTH_SMUGGLED, body=SMUGGLED), ({417, 400},)),
    Case(14, "on a GET", request(b"Expect: x", start=b"GET / HTTP/1.1"), ({417},)),
    Case(14, "100-continue is right", post(b"Expect: 100-continue", b"Content-Length: 5", body=b"hello"), OK, closed=False,
         seen=(Seen("POST", "/", (b"hello",)),)),
]

CONNECTION = [
    Case(15, "names the encoding", chunked(HELLO, b"Connection: Transfer-Encoding")),
    Case(15, "names the length", post(b"Content-Length: 5", b"Connection: Content-Length", body=b"hello")),
    Case(15, "names the length in another case", post(b"Content-Length: 5", b"Connection: close, cONTENT-lENGTH", body=b"hello")),
    Case(15, "names the encoding in a second line", chunked(HELLO, b"Connection: keep-alive", b"Connection: transfer-encoding")),
    Case(15, "names Host", request(b"Connection: Host"), ({200, 400},), closed=None, seen=(Seen(fields=(("host", "shop"),)),), may_stop_early=True),
    *(Case(15, f"names {field}", request(b"Connection: " + field.encode()), OK, closed=False, seen=(Seen(fields=((field, None),)),))
      for field in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Request-Id", "Via")),
    Case(15, "what it names is dropped", request(b"Connection: X-Hop", b"X-Hop: 1", b"Keep-Alive: timeout=5", b"Proxy-Connection: keep-alive"), OK,
         closed=False, seen=(Seen(absent=("X-Hop", "Keep-Alive", "Proxy-Connection")),)),
    Case(15, "a malformed option", request(b"Connection: a b"), ({200, 400},), closed=None, seen=(Seen(),), may_stop_early=True),
]

CASES = [
    *LENGTH_AND_ENCODING, *ENCODING, *OLD_VERSION, *SEVERAL_LENGTHS, *LENGTH, *LINE_ENDS, *SPACES, *FIELDS, *CHUNKS,
    *EXTENSIONS, *OVERHEAD, *TRAILERS, *UNWANTED_BODIES, *EXPECT, *CONNECTION,
]
