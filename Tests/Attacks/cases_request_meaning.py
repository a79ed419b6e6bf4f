"""Rows 16 to 24: what a request asks for, and of whom."""

from Attacks.case import ANYTHING, HOST, OK, Case, Reply, Seen, post, request

VERSION = ({400, 505},)
SOCKET = (b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")



def _switch(protocol: bytes, behind: bytes = b"", connection: bytes = b"Connection: Upgrade\r\n") -> Reply:
    return Reply(b"HTTP/1.1 101 Switching Protocols\r\n" + connection + b"Upgrade: " + protocol + b"\r\n\r\n" + behind)


def _refused(row: int, name: str, protocol: bytes, reply: Reply, *more: bytes) -> Case:
    """A 101 that must not come to be, whatever the server thinks of it."""
    return Case(row, name, request(b"Connection: Upgrade", b"Upgrade: " + protocol, *more), ({502},), closed=None, seen=ANYTHING, reply=reply,
                fresh=True, never=(b"POISON",))


UPGRADE = [
    Case(16, "refused, with a request behind it", request(*SOCKET) + request(start=b"GET /b HTTP/1.1"), ({200}, {200}), closed=False,
         seen=(Seen(), Seen("GET", "/b"))),
    Case(16, "refused, with garbage behind it", request(*SOCKET) + b"\x81\x05hello garbage\r\n\r\n", ({200}, {400}), seen=(Seen(),), never=(b"garbage",)),
    Case(16, "refused, with a bad request behind it", request(*SOCKET) + b"GET /smuggled HTTP/1.1\r\nHost: shop\r\n folded\r\n\r\n",
         ({200}, {400}), seen=(Seen(),), never=(b"/smuggled",)),
    Case(16, "refused by 426, with a request behind it", request(*SOCKET) + request(start=b"GET /b HTTP/1.1"), ({426}, {426}), closed=False,
         seen=(Seen(), Seen("GET", "/b")), reply=Reply(b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nok")),
    Case(16, "refused by 101 in a reason", request(*SOCKET) + b"\x81\x05hello garbage\r\n\r\n", ({200}, {400}), seen=(Seen(),), never=(b"garbage",),
         reply=Reply(b"HTTP/1.1 200 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nok")),
    Case(16, "with a body", post(*SOCKET, b"Content-Length: 5", body=b"hello"), OK, closed=False, seen=(Seen("POST", "/", (b"hello",), absent=("Upgrade",)),)),
    Case(16, "with chunks", post(*SOCKET, b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\n\r\n"), OK, closed=False,
         seen=(Seen("POST", "/", (b"hello",), absent=("Upgrade",)),)),
    Case(16, "by HTTP 1.0", request(*SOCKET, start=b"GET / HTTP/1.0"), OK, seen=(Seen(absent=("Upgrade",)),)),
    Case(16, "not named by Connection", request(b"Upgrade: websocket"), OK, closed=False, seen=(Seen(absent=("Upgrade",)),)),
    Case(16, "Connection names it and no protocol", request(b"Connection: Upgrade"), OK, closed=False, seen=(Seen(absent=("Upgrade",)),)),
    *(Case(16, f"of {name}", request(b"Connection: Upgrade", b"Upgrade: " + value), OK, closed=False, seen=(Seen(absent=("Upgrade",)),))
      for name, value in {"two protocols": b"websocket, x", "the same twice": b"websocket, websocket", "no token": b"web socket", "a version alone": b"/13",
                          "nothing": b"", "TLS": b"TLS/1.2", "HTTP": b"HTTP/1.1"}.items()),
    Case(16, "in two fields", request(b"Connection: Upgrade", b"Upgrade: websocket", b"Upgrade: x"), OK, closed=False, seen=(Seen(absent=("Upgrade",)),)),
    _refused(16, "101 to another protocol", b"websocket", _switch(b"x", b"POISON")),
    _refused(16, "101 to another version", b"x/1", _switch(b"x/2", b"POISON")),
    _refused(16, "101 to two protocols", b"websocket", _switch(b"websocket, x", b"POISON")),
    _refused(16, "101 that Connection does not name", b"websocket", _switch(b"websocket", b"POISON", b"")),
    _refused(16, "101 to a request with a body", b"websocket", _switch(b"websocket", b"POISON"), b"Content-Length: 2\r\n\r\nok"),
    _refused(16, "101 to what was not named", b"websocket, x", _switch(b"websocket", b"POISON")),
]

H2C = [
    Case(17, "with settings", request(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"), OK,
         closed=False, seen=(Seen(absent=("Upgrade", "HTTP2-Settings")),)),
    Case(17, "not named by Connection", request(b"Upgrade: h2c"), OK, closed=False, seen=(Seen(absent=("Upgrade",)),)),
    Case(17, "in capitals", request(b"Connection: Upgrade", b"Upgrade: H2C"), OK, closed=False, seen=(Seen(absent=("Upgrade",)),)),
    Case(17, "on a POST", post(b"Connection: Upgrade", b"Upgrade: h2c", b"Content-Length: 5", body=b"hello"), OK, closed=False,
         seen=(Seen("POST", "/", (b"hello",), absent=("Upgrade",)),)),
    Case(17, "beside another protocol", request(b"Connection: Upgrade", b"Upgrade: websocket, h2c"), OK, closed=False, seen=(Seen(absent=("Upgrade",)),)),
    Case(17, "in a field of its own", request(b"Connection: Upgrade", b"Upgrade: websocket", b"Upgrade: h2c"), OK, closed=False,
         seen=(Seen(absent=("Upgrade",)),)),
    Case(17, "as HTTP 2.0", request(b"Connection: Upgrade", b"Upgrade: HTTP/2.0"), OK, closed=False, seen=(Seen(absent=("Upgrade",)),)),
    Case(17, "with the preface behind it", request(b"Connection: Upgrade", b"Upgrade: h2c") + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ({200}, {400, 505}),
         seen=(Seen(absent=("Upgrade",)),)),
    _refused(17, "answered 101", b"h2c", _switch(b"h2c", b"POISON")),
    _refused(17, "in capitals, answered 101", b"H2C", _switch(b"H2C", b"POISON")),
]


def _start(row: int, name: str, line: bytes, statuses=({400},)) -> Case:
    return Case(row, name, request(start=line), statuses)


VERSIONS = [
    Case(18, "0.9", b"GET /\r\n\r\n", VERSION),
    Case(18, "0.9 with a field", b"GET /\r\n" + HOST + b"\r\n", VERSION),
    _start(18, "1.2", b"GET / HTTP/1.2", VERSION),
    _start(18, "1.9", b"GET / HTTP/1.9", VERSION),
    _start(18, "2.0", b"GET / HTTP/2.0", VERSION),
    _start(18, "3.0", b"GET / HTTP/3.0", VERSION),
    _start(18, "0.9 written out", b"GET / HTTP/0.9", VERSION),
    _start(18, "1.10", b"GET / HTTP/1.10", VERSION),
    _start(18, "01.1", b"GET / HTTP/01.1", VERSION),
    _start(18, "no minor", b"GET / HTTP/1.", VERSION),
    _start(18, "no dot", b"GET / HTTP/11", VERSION),
    _start(18, "small letters", b"GET / http/1.1", VERSION),
    _start(18, "another protocol", b"GET / HTTQ/1.1", VERSION),
    _start(18, "a letter behind", b"GET / HTTP/1.1x", VERSION),
    _start(18, "a word behind", b"GET / HTTP/1.1 x", VERSION),
    _start(18, "a space inside", b"GET / HTTP/ 1.1", VERSION),
    _start(18, "not ASCII", b"GET / HTTP/1.\xb1", VERSION),
    _start(18, "comma", b"GET / HTTP/1,1", VERSION),
    Case(18, "1.0 is right and closes", request(start=b"GET / HTTP/1.0"), OK, seen=(Seen(),)),
    Case(18, "1.0 may be kept alive", request(b"Connection: keep-alive", start=b"GET / HTTP/1.0"), OK, closed=None, seen=(Seen(),)),
]

METHODS = [
    _start(19, "TRACE", b"TRACE / HTTP/1.1", ({405},)),
    Case(19, "TRACE with a body", request(b"Content-Length: 5", start=b"TRACE / HTTP/1.1", body=b"hello"), ({405},)),
    _start(19, "CONNECT", b"CONNECT shop:443 HTTP/1.1", ({405, 501},)),
    _start(19, "CONNECT to a path", b"CONNECT / HTTP/1.1", ({400, 405, 501},)),
    _start(19, "not a token", b"G@T / HTTP/1.1"),
    _start(19, "with a colon", b"GET: / HTTP/1.1"),
    _start(19, "empty", b" / HTTP/1.1"),
    _start(19, "with NUL", b"GE\x00T / HTTP/1.1"),
    _start(19, "not ASCII", b"G\xc9T / HTTP/1.1"),
    _start(19, "of 70 kB", b"G" * 70_000 + b" / HTTP/1.1", ({400, 414, 431, 501},)),
    Case(19, "an unknown one is passed on", request(start=b"BREW /pot HTTP/1.1"), OK, closed=False, seen=(Seen("BREW", "/pot"),)),
]


def _host(name: str, value: bytes) -> Case:
    return Case(20, name, request(host=b"Host: " + value + b"\r\n"))


HOSTS = [
    Case(20, "missing", b"GET / HTTP/1.1\r\nX-A: a\r\n\r\n"),
    Case(20, "missing with an absolute target", b"GET http://shop/ HTTP/1.1\r\nX-A: a\r\n\r\n"),
    Case(20, "twice the same", request(b"Host: shop")),
    Case(20, "twice different", request(b"Host: evil")),
    Case(20, "twice in another case", request(b"X-A: a", b"hOST: evil")),
    _host("with a path", b"shop/a"),
    _host("with userinfo", b"user@shop"),
    _host("with userinfo and a password", b"user:secret@shop"),
    _host("a URL", b"http://shop"),
    _host("with a query", b"shop?a"),
    _host("with a fragment", b"shop#a"),
    _host("with a space", b"sh op"),
    _host("with a tab", b"sh\top"),
    _host("with NUL", b"shop\x00evil"),
    _host("with a control byte", b"shop\x01"),
    _host("with delete", b"shop\x7f"),
    _host("not ASCII", b"sh\xc3\xb6p"),
    _host("a port of letters", b"shop:abc"),
    _host("a port too large", b"shop:65536"),
    _host("two ports", b"shop:80:81"),
    _host("a backslash", b"shop\\evil"),
    _host("an open bracket", b"[::1"),
    _host("a closed bracket", b"::1]"),
    _host("two names", b"shop evil"),
    Case(20, "with a port is right", request(host=b"Host: shop:80\r\n"), OK, closed=False, seen=(Seen(),)),
    Case(20, "in another case is right", request(host=b"Host: SHOP\r\n"), OK, closed=False, seen=(Seen(),)),
]

ABSOLUTE = [
    Case(21, "the target's authority wins", request(start=b"GET http://shop/a?b HTTP/1.1", host=b"Host: evil\r\n"), OK, closed=False,
         seen=(Seen("GET", "/a?b", fields=(("host", "shop"),)),), never=(b"evil",)),
    Case(21, "the target's authority wins over a right Host", request(start=b"GET http://nowhere/a HTTP/1.1"), ({404},), closed=None),
    Case(21, "without a path", request(start=b"GET http://shop HTTP/1.1"), OK, closed=False, seen=(Seen("GET", "/", fields=(("host", "shop"),)),)),
    _start(21, "with userinfo", b"GET http://user@shop/ HTTP/1.1"),
    _start(21, "with an empty authority", b"GET http:///a HTTP/1.1"),
    _start(21, "with a fragment", b"GET http://shop/#a HTTP/1.1"),
    _start(21, "with one slash", b"GET http:/shop/ HTTP/1.1"),
    _start(21, "with a bad port", b"GET http://shop:x/ HTTP/1.1"),
    _start(21, "with a backslash in the authority", b"GET http://shop\\@evil/ HTTP/1.1"),
]

TARGETS = [
    _start(22, "fragment", b"GET /a#b HTTP/1.1"),
    _start(22, "space", b"GET /a b HTTP/1.1"),
    _start(22, "two spaces before", b"GET  / HTTP/1.1"),
    _start(22, "two spaces behind", b"GET /  HTTP/1.1"),
    _start(22, "space before the method", b" GET / HTTP/1.1"),
    _start(22, "space behind the version", b"GET / HTTP/1.1 "),
    _start(22, "tab", b"GET\t/ HTTP/1.1"),
    _start(22, "tab inside", b"GET /a\tb HTTP/1.1"),
    _start(22, "NUL", b"GET /a\x00b HTTP/1.1"),
    _start(22, "control byte", b"GET /a\x01 HTTP/1.1"),
    _start(22, "escape", b"GET /\x1b[2J HTTP/1.1"),
    _start(22, "delete", b"GET /a\x7f HTTP/1.1"),
    _start(22, "vertical tab", b"GET /a\x0b HTTP/1.1"),
    _start(22, "UTF-8", b"GET /\xc3\xa9 HTTP/1.1"),
    _start(22, "byte FF", b"GET /\xff HTTP/1.1"),
    _start(22, "UTF-8 in the query", b"GET /?a=\xc3\xa9 HTTP/1.1"),
    _start(22, "no slash", b"GET a HTTP/1.1"),
    _start(22, "empty", b"GET  HTTP/1.1"),
    _start(22, "asterisk on a GET", b"GET * HTTP/1.1"),
    _start(22, "authority on a GET", b"GET shop:80 HTTP/1.1"),
    Case(22, "all that is allowed", request(start=b"GET /a-._~!$&'()*+,=:@%20?q=/?;x HTTP/1.1"), OK, closed=False,
         seen=(Seen("GET", "/a-._~!$&'()*+,=:@%20?q=/?;x"),)),
]

LARGE = ({414, 431},)
SIZES = [
    _start(23, "target of 70 kB", b"GET /" + b"a" * 70_000 + b" HTTP/1.1", LARGE),
    _start(23, "target of 1 MB", b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1", LARGE),
    _start(23, "endless target", b"GET /" + b"a" * 2_000_000, LARGE),
    Case(23, "value of 70 kB", request(b"X-A: " + b"a" * 70_000), ({431},)),
    Case(23, "name of 70 kB", request(b"X" * 70_000 + b": a"), ({431},)),
    Case(23, "300 fields", request(*[b"X-%d: a" % number for number in range(300)]), ({431},)),
    Case(23, "129 fields of one name", request(*[b"X-A: a"] * 129), ({431},)),
    Case(23, "endless fields", b"GET / HTTP/1.1\r\n" + HOST + b"X-A: abcdefgh\r\n" * 100_000, ({431},)),
    Case(23, "endless line without a colon", b"GET / HTTP/1.1\r\n" + HOST + b"X" * 200_000, ({400, 431},)),
    Case(23, "100 fields and 30 kB are right", request(*[b"X-%d: %s" % (number, b"a" * 300) for number in range(100)]), OK, closed=False,
         seen=(Seen(fields=(("x-99", "a" * 300),)),)),
]

HELLO = bytes.fromhex(
    "16030100510100004d03035f4e2d1c3b4a59687786958493a2b1c0dfeeedfcebdac9b8a79685741302000213011301000022"
    "0000000e000c00000973686f702e7465737400100005000302683200330002000000")
FOREIGN = [
    Case(24, "TLS", HELLO),
    Case(24, "TLS 1.0", b"\x16\x03\x00\x00\x05\x01\x00\x00\x01\x00"),
    Case(24, "HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00", VERSION),
    Case(24, "PROXY version 1", b"PROXY TCP4 10.0.0.1 10.0.0.2 1 80\r\n" + request()),
    Case(24, "PROXY version 2", b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + b"\x00" * 12 + request()),
    Case(24, "SSH", b"SSH-2.0-OpenSSH_9.2\r\n"),
    Case(24, "SMTP", b"EHLO shop\r\n\r\n"),
    Case(24, "Redis", b"*1\r\n$4\r\nPING\r\n\r\n"),
    Case(24, "an answer", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    Case(24, "zeros", b"\x00" * 64 + b"\r\n\r\n"),
    Case(24, "bytes FF", b"\xff" * 64 + b"\r\n\r\n"),
    Case(24, "a PROXY header between two requests", request() + b"PROXY TCP4 10.0.0.1 10.0.0.2 1 80\r\n" + request(), ({200}, {400}), seen=(Seen(),)),
    Case(24, "body without a length", request(start=b"POST / HTTP/1.1", body=b"hello\r\n\r\n"), ({200}, {400}), seen=(Seen("POST"),)),
]

# Several requests in one segment are no attack, but most attacks hide there.
PIPELINE = [
    Case(22, "three requests in one segment", b"".join(request(start=b"GET /%d HTTP/1.1" % number) for number in range(3)),
         ({200}, {200}, {200}), closed=False, seen=tuple(Seen("GET", f"/{number}") for number in range(3))),
    Case(13, "requests with bodies in one segment",
         b"".join(post(b"Content-Length: 5", start=b"POST /%d HTTP/1.1" % number, body=b"hello") for number in range(3)),
         ({200}, {200}, {200}), closed=False, seen=tuple(Seen("POST", f"/{number}", (b"hello",)) for number in range(3))),
]

CASES = [*UPGRADE, *H2C, *VERSIONS, *METHODS, *HOSTS, *ABSOLUTE, *TARGETS, *SIZES, *FOREIGN, *PIPELINE]
