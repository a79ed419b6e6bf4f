"""Rows 46, 47, 53 and 55: one form of path and host for matching, access rules and the server.

The proxy answers 403 to what is below /admin, and to a field `X-Role: admin`; all else goes to the server.
"""

from Attacks.case import OK, Case, Seen, request

FORBIDDEN, REFUSED = ({403},), ({400},)


def _get(target: bytes) -> bytes:
    return request(start=b"GET " + target + b" HTTP/1.1")


def _same(name: str, target: bytes, seen: str) -> Case:
    """The server gets the one form of the path, which is what was matched."""
    return Case(46, name, _get(target), OK, closed=False, seen=(Seen("GET", seen),))


def _forbidden(name: str, target: bytes) -> Case:
    return Case(46, f"access rule, {name}", _get(target), FORBIDDEN, closed=False)


def _refused(name: str, target: bytes) -> Case:
    return Case(46, name, _get(target), REFUSED)


FORMS = [
    _same("encoded letters", b"/%61%62c", "/abc"),
    _same("encoded tilde and dash", b"/%7ea%2Db", "/~a-b"),
    _same("small hexadecimal digits", b"/caf%c3%a9", "/caf%C3%A9"),
    _same("encoded space", b"/a%20b", "/a%20b"),
    _same("encoded percent sign", b"/a%25b", "/a%25b"),
    _same("double encoding stays double", b"/%252e%252e/a", "/%252e%252e/a"),
    _same("encoded question mark", b"/a%3fb?c", "/a%3Fb?c"),
    _same("dot", b"/./a/./b", "/a/b"),
    _same("dot at the end", b"/a/.", "/a/"),
    _same("dots", b"/a/../b", "/b"),
    _same("dots at the end", b"/a/b/..", "/a/"),
    _same("encoded dots", b"/a/%2e%2E/b", "/b"),
    _same("half-encoded dots", b"/a/.%2e/b", "/b"),
    _same("three dots are a name", b"/a/.../b", "/a/.../b"),
    _same("two slashes", b"//a//b", "/a/b"),
    _same("slashes at the end", b"/a//", "/a/"),
    _same("parameters of a segment", b"/a;v=1/b;w", "/a;v=1/b;w"),
    _same("encoded semicolon", b"/a%3bb", "/a%3Bb"),
    _same("dots in the query", b"/a?b=/../c//d", "/a?b=/../c//d"),
    _same("encoded slash in the query", b"/a?b=%2f%00", "/a?b=%2f%00"),
    _same("absolute-form", b"http://shop/a/../%62", "/b"),
    _same("long path with dots", b"/" + b"a" * 300 + b"/../b/c", "/b/c"),
]

REFUSALS = [
    _refused("dots above the root", b"/../a"),
    _refused("dots above the root later", b"/a/../../b"),
    _refused("encoded dots above the root", b"/%2e%2e/a"),
    _refused("encoded slash", b"/a%2fb"),
    _refused("encoded slash in capitals", b"/a%2Fb"),
    _refused("encoded slash with dots", b"/public%2f..%2fadmin"),
    _refused("backslash", b"/a\\b"),
    _refused("backslash with dots", b"/public\\..\\admin"),
    _refused("encoded backslash", b"/a%5cb"),
    _refused("encoded NUL", b"/a%00b"),
    _refused("encoded NUL at the end", b"/admin%00"),
    _refused("encoded line break", b"/a%0d%0ab"),
    _refused("encoded delete", b"/a%7f"),
    _refused("encoded tab", b"/a%09"),
    _refused("half an encoding", b"/a%2"),
    _refused("percent sign alone", b"/a%"),
    _refused("encoding without digits", b"/a%zz"),
    _refused("IIS's encoding", b"/a%u002e"),
    _refused("overlong dot", b"/%c0%ae%c0%ae/a"),
    _refused("overlong slash", b"/..%c0%af../a"),
    _refused("overlong slash of three bytes", b"/..%e0%80%afa"),
    _refused("overlong slash of four bytes", b"/..%f0%80%80%afa"),
    _refused("dots with parameters", b"/a/..;/b"),
    _refused("dots with a parameter", b"/a/..;v=1/b"),
    _refused("encoded dots with parameters", b"/a/%2e%2e;/b"),
    _refused("dot with parameters", b"/.;/a"),
    _refused("parameters of nothing", b"/;/a"),
    _refused("absolute-form with an encoded slash", b"http://shop/a%2fb"),
]

RULES = [
    _forbidden("as it is", b"/admin/x"),
    _forbidden("itself", b"/admin"),
    _forbidden("with a query", b"/admin?a"),
    _forbidden("encoded letter", b"/%61dmin/x"),
    _forbidden("all letters encoded", b"/%61%64%6d%69%6e"),
    _forbidden("two slashes", b"//admin/x"),
    _forbidden("slashes between", b"/admin//x"),
    _forbidden("dots", b"/public/../admin/x"),
    _forbidden("encoded dots", b"/public/%2e%2e/admin/x"),
    _forbidden("dot", b"/./admin/x"),
    _forbidden("dots behind", b"/admin/a/../x"),
    _forbidden("absolute-form", b"http://shop/%61dmin"),
    _forbidden("absolute-form and two slashes", b"http://shop//admin"),
    Case(46, "access rule, a way out of it", _get(b"/admin/../public"), OK, closed=False, seen=(Seen("GET", "/public"),)),
    Case(46, "access rule, another path in the query", _get(b"/public?/../admin/"), OK, closed=False, seen=(Seen("GET", "/public?/../admin/"),)),
]


def _host(name: str, value: bytes) -> Case:
    return Case(47, name, request(start=b"GET /admin HTTP/1.1", host=b"Host: " + value + b"\r\n"), FORBIDDEN, closed=False)


HOSTS = [
    _host("host in capitals", b"SHOP"),
    _host("host with a final dot", b"shop."),
    _host("host with the default port", b"shop:80"),
    _host("host with another port", b"Shop:8443"),
    _host("host with all of it", b"sHoP.:80"),
    Case(47, "host of a target in capitals", request(start=b"GET http://SHOP.:80/admin HTTP/1.1", host=b"Host: x\r\n"), FORBIDDEN, closed=False),
]


def _role(name: str, *lines: bytes) -> Case:
    return Case(53, name, request(*lines), FORBIDDEN, closed=False)


FIELDS = [
    _role("field once", b"X-Role: admin"),
    _role("field in another case", b"x-rOLE:admin"),
    _role("field twice, the last", b"X-Role: user", b"X-Role: admin"),
    _role("field twice, the first", b"X-Role: admin", b"X-Role: user"),
    _role("field of three, the middle", b"X-Role: user", b"X-A: a", b"X-Role: admin", b"X-Role: guest"),
    _role("field as a list", b"X-Role: user, admin"),
    _role("field as a list without spaces", b"X-Role: user,admin,guest"),
    _role("field with white space", b"X-Role: \t admin \t"),
    Case(53, "field with another value", request(b"X-Role: administrator", b"X-Role: user"), OK, closed=False, seen=(Seen(),)),
]

# /old leads to /new, /away to https://HOST.
REDIRECTS = [
    Case(55, "to a path", _get(b"/old/a?b"), ({308},), closed=False),
    Case(55, "to two slashes", _get(b"/old//evil.example"), ({308, 400},), closed=None, never=(b"Location: //",)),
    Case(55, "to two slashes by dots", _get(b"/old/.//evil.example"), ({308, 400},), closed=None, never=(b"Location: //",)),
    Case(55, "to two encoded slashes", _get(b"/old/%2f%2fevil.example"), REFUSED),
    Case(55, "to a backslash", _get(b"/old/\\evil.example"), REFUSED),
    Case(55, "to a line break", _get(b"/old/%0d%0aSet-Cookie:%20a=b"), REFUSED, never=(b"Set-Cookie",)),
    Case(55, "of a known host", request(start=b"GET /away HTTP/1.1"), ({307},), closed=False),
    Case(55, "of a foreign host", request(start=b"GET /away HTTP/1.1", host=b"Host: evil.example\r\n"), ({400, 421},), closed=None,
         never=(b"evil.example",)),
    Case(55, "of a foreign host in the target", request(start=b"GET http://evil.example/away HTTP/1.1"), ({400, 421},), closed=None,
         never=(b"evil.example",)),
    Case(55, "of a host with userinfo", request(start=b"GET /away HTTP/1.1", host=b"Host: shop@evil.example\r\n"), REFUSED, never=(b"evil",)),
]

# An answer of ours is no end of framing either.
BODIES = [
    Case(13, "body to a fixed answer", request(b"Content-Length: 5", start=b"POST /admin HTTP/1.1", body=b"hello"), FORBIDDEN),
    Case(13, "request in a body to a fixed answer", request(
        b"Content-Length: 38", start=b"POST /admin HTTP/1.1", body=b"GET /smuggled HTTP/1.1\r\nHost: shop\r\n\r\n"), FORBIDDEN),
    Case(13, "chunks to a fixed answer", request(
        b"Transfer-Encoding: chunked", start=b"POST /admin HTTP/1.1", body=b"5\r\nhello\r\n0\r\n\r\n"), FORBIDDEN),
    Case(13, "body to a redirect", request(b"Content-Length: 5", start=b"POST /old/a HTTP/1.1", body=b"hello"), ({308},)),
    Case(13, "no body to a fixed answer, and a request behind it", _get(b"/admin") + _get(b"/b"), ({403}, {200}), closed=False,
         seen=(Seen("GET", "/b"),)),
    Case(13, "HEAD to a fixed answer, and a request behind it", request(start=b"HEAD /admin HTTP/1.1") + _get(b"/b"), ({403}, {200}),
         closed=False, heads=frozenset({0}), seen=(Seen("GET", "/b"),)),
]

CASES = [*FORMS, *REFUSALS, *RULES, *HOSTS, *FIELDS, *REDIRECTS, *BODIES]
