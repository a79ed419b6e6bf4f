"""Where requests go and what becomes of them on their way, with curl in front and a server that says what it got behind."""

import http.server
import json
import pathlib
import re
import subprocess
import threading

import pytest

from EndToEnd.harness.ballast import ROOT
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.waiting import free_port, wait_until

EXAMPLE = ROOT / "Examples/routing/ballast.yaml"


class Echo:
    """Answers with what it got, as JSON."""

    def __init__(self, name: str) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                text = json.dumps({
                    "server": name, "method": self.command, "target": self.path, "body": body.decode(),
                    "fields": {key.lower(): value for key, value in self.headers.items()}}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.send_header("X-From", name)
                self.send_header("X-From", "twice")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_HEAD = do_OPTIONS = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def echoes():
    made: list[Echo] = []

    def make(*names: str) -> list[Echo]:
        fresh = [Echo(name) for name in names]
        made.extend(fresh)
        return fresh

    yield make
    for one in made:
        one.stop()


class Reply:
    def __init__(self, text: str) -> None:
        head, _, self.body = text.partition("\r\n\r\n")
        lines = head.split("\r\n")
        self.status = int(lines[0].split()[1])
        self.fields = [tuple(line.split(": ", 1)) if ": " in line else (line.rstrip(":"), "") for line in lines[1:]]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)

    @property
    def seen(self):
        return json.loads(self.body)


def curl(port: int, path: str = "/", *words: str, host: str = "shop.example.com") -> Reply:
    done = subprocess.run(
        ["curl", "-sS", "-i", "--path-as-is", "--max-time", "10", "-H", f"Host: {host}", *words, f"http://127.0.0.1:{port}{path}"],
        capture_output=True, text=False, check=True)
    return Reply(done.stdout.decode())


@pytest.fixture
def example(ballast, echoes):
    shop, orders, new = echoes("shop", "orders", "next")
    old = free_port()
    text = EXAMPLE.read_text()
    values = {"WEB": "127.0.0.1:{port}", "OLD": f"127.0.0.1:{old}", "ADMIN": "127.0.0.1:{admin}", "STATE": "{folder}/state",
              "SHOP": shop.address, "ORDERS": orders.address, "NEXT": new.address}
    for name, value in values.items():
        text = re.sub(r"\$\{" + name + r":-[^}]*\}", value, text)
    running = ballast(text)
    running.old = old
    running.wait_for_healthy("orders-next", 1)
    return running


def test_the_example_does_what_it_says(example):
    port = example.port
    assert curl(port, "/").seen["server"] == "shop"
    # A fixed answer but for the office's addresses.
    refused = curl(port, "/admin/users")
    assert (refused.status, refused.body, refused.get("Content-Type")) == (403, "not here\n", "text/plain; charset=utf-8")
    assert curl(port, "/%61dmin/users").status == curl(port, "//admin").status == 403
    assert curl(port, "/admin/users", "--interface", "127.0.0.2").seen["server"] == "shop"
    # A rewritten path, and headers on both ways.
    told = curl(port, "/api/orders/7?q=/a%2fb", "-H", "X-Debug: 1", "-H", "x-prefix: /evil")
    assert told.seen["target"] == "/7?q=/a%2fb"
    assert told.seen["fields"]["x-prefix"] == "/api/orders" and "x-debug" not in told.seen["fields"]
    assert told.seen["fields"]["host"] == "shop.example.com"
    assert told.get("X-Served-By") is not None
    assert curl(port, "/api/orders").seen["target"] == "/"
    # Testers, by a header, whatever the split says.
    assert curl(port, "/api/orders/7", "-H", "X-Beta: 0", "-H", "X-Beta: 1").seen["server"] == "next"
    assert curl(port, "/api/orders/7", "-X", "PUT").seen["server"] == "shop"
    # Names and groups.
    assert curl(port, "/users/j%2e/orders?a").seen["target"] == "/by-user/j.?a"
    assert curl(port, "/v12/a/b.c").seen["target"] == "/version/12/a/b.c"
    assert curl(port, "/v12").seen["target"] == "/v12"
    # The old address, and a host that is none of ours.
    moved = curl(example.old, "/a/../b?c=d")
    assert (moved.status, moved.get("Location")) == (308, "https://shop.example.com/b?c=d")
    assert curl(example.old, "/", host="m.shop.example.com:8081").get("Location") == "https://m.shop.example.com/"
    foreign = curl(example.old, "/", host="evil.example")
    assert (foreign.status, foreign.get("X-Ballast-Reason"), foreign.get("Location")) == (421, "misdirected", None)


def test_explain_and_get_routes_tell_matches_and_actions(example):
    def run(*words: str) -> str:
        done = example.run_command(*words, "--admin", f"http://127.0.0.1:{example.admin}", "--no-color")
        assert done.returncode == 0, done.stderr
        return done.stdout

    told = run("explain", "PUT", f"http://shop.example.com:{example.port}/api//orders/7")
    assert "takes only the method GET, POST" in told
    assert "takes only the header x-beta: 1" in told
    told = run("explain", "GET", f"http://shop.example.com:{example.port}/admin")
    assert "takes only the client 10.0.0.0/8, 127.0.0.2" in told
    assert "Ballast answers itself: respond 403" in told
    trial = json.loads(run("explain", "GET", f"http://x:{example.port}/admin", "-o", "json"))
    assert trial["action"] == "respond 403" and "service" not in trial
    routes = {route["name"]: route for route in json.loads(run("get", "routes", "-o", "json"))}
    assert routes["orders"]["services"] == ["orders", "orders-next"]
    assert routes["orders"]["action"] == "split orders 95, orders-next 5"
    assert routes["orders"]["conditions"] == ["method GET, POST"]
    assert routes["orders"]["requestHeaders"] == ["set X-Prefix: /api/orders", "remove x-debug"]
    assert routes["moved"]["host"] == "shop.example.com, *.shop.example.com"
    card = run("describe", "route", "orders")
    assert "path /*" in card and "set X-Served-By: ${server}" in card
    assert "redirect 308 to https://${host}${uri}" in run("get", "routes")


CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
routes:
{routes}
services:
  shop:  { servers: [ "{shop}" ], health: { none: {} } }
  other: { servers: [ "{other}" ], health: { none: {} } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
log: { access: { path: "{folder}/access.log" } }
workers: 2
"""


@pytest.fixture
def routed(ballast, echoes):
    """`routed(routes)` is Ballast with two services."""
    shop, other = echoes("shop", "other")

    def make(*routes: str):
        return ballast(CONFIGURATION, routes="\n".join(f"  - {route}" for route in routes), shop=shop.address, other=other.address)

    return make


def test_variables_say_what_they_are_for(routed):
    names = ["client", "host", "path", "query", "uri", "method", "scheme", "listener", "route", "service", "request-id"]
    values = ", ".join(f'V-{name}: "<${{{name}}}>"' for name in names)
    running = routed(
        "{ name: all, service: shop, match: { path: \"/{a}/{b}\" }, requestHeaders: { set: { " + values + ', X-Header: "${header:X-In}", '
        'X-Cookie: "${cookie:sid}", X-Q: "${query:q}", X-B: "${path.b}", X-Plain: "$${host}" } }, '
        'responseHeaders: { set: { X-From: "${server}", X-Uri: "${method} ${host} ${uri}" }, add: { X-Id: "${request-id}" }, remove: [ Server ] }, '
        "rewrite: { path: \"/x/${path.a}\", host: inner } }")
    reply = curl(running.port, "/one/two?q=%20a", "-H", "X-In: in", "-H", "Cookie: a=b; sid=7", "-H", "v-host: forged", host="Shop.Example:81")
    seen = reply.seen["fields"]
    assert seen["v-client"] == "<127.0.0.1>" and seen["v-host"] == "<Shop.Example>" and seen["v-path"] == "</one/two>"
    assert seen["v-query"] == "<q=%20a>" and seen["v-uri"] == "</one/two?q=%20a>" and seen["v-method"] == "<GET>"
    assert seen["v-scheme"] == "<http>" and seen["v-listener"] == "<web>" and seen["v-route"] == "<all>" and seen["v-service"] == "<shop>"
    assert seen["v-request-id"] == f"<{seen['x-request-id']}>" and reply.get("X-Id") == seen["x-request-id"]
    assert (seen["x-header"], seen["x-cookie"], seen["x-q"], seen["x-b"], seen["x-plain"]) == ("in", "7", "%20a", "two", "${host}")
    assert reply.seen["target"] == "/x/one?q=%20a" and seen["host"] == "inner" and seen["x-forwarded-host"] == "Shop.Example:81"
    assert len(reply.all("X-From")) == 1 and reply.get("X-From").startswith("127.0.0.1:")
    assert reply.get("X-Uri") == "GET Shop.Example /one/two?q=%20a" and reply.get("Server") is None
    # The log has what the client asked for.
    log = running.folder / "access.log"
    line = json.loads(wait_until(lambda: log.exists() and log.read_text().splitlines(), 10, "a line in the access log")[0])
    assert (line["target"], line["host"]) == ("/one/two?q=%20a", "Shop.Example:81")


def test_a_rewrite_by_a_group_cannot_leave_the_form(routed):
    running = routed("{ service: shop, match: { path: { regex: \"/x(.*)\" } }, rewrite: { path: \"/a${1}\" } }")
    assert curl(running.port, "/x/b").seen["target"] == "/a/b"
    assert curl(running.port, "/x").seen["target"] == "/a"
    inner = routed("{ service: shop, match: { path: { regex: \"/x(.*)\" } }, rewrite: { path: \"/${1}\" } }")
    refused = curl(inner.port, "/x/evil")
    assert (refused.status, refused.get("X-Ballast-Reason")) == (400, "bad-target")


def test_a_split_keeps_a_client_on_its_side(routed):
    running = routed("{ name: both, split: { shop: 70, other: 30 }, splitKey: \"header:X-User\" }")
    sides = {user: curl(running.port, "/", "-H", f"X-User: {user}").seen["server"] for user in range(40)}
    assert 5 <= list(sides.values()).count("other") <= 20
    for user, side in sides.items():
        assert curl(running.port, "/again", "-H", f"X-User: {user}").seen["server"] == side
    running.write(running.file.read_text().replace("shop: 70, other: 30", "shop: 50, other: 50"))
    running.run_command("reload", "--admin", f"http://127.0.0.1:{running.admin}")
    after = {user: curl(running.port, "/", "-H", f"X-User: {user}").seen["server"] for user in range(40)}
    assert all(after[user] == "other" for user, side in sides.items() if side == "other")
    counted = Metrics(running.metrics())
    assert counted.sum("ballast_requests_total", route="both", service="other") > 0
    assert counted.sum("ballast_requests_total", route="both", service="shop") > 0


def test_answers_of_ours_keep_the_connection_in_step(routed):
    running = routed(
        "{ match: { path: /fixed }, respond: { status: 200, body: '{\"a\":1}', contentType: application/json }, "
        "responseHeaders: { set: { X-A: \"1\" } } }",
        "{ match: { path: /gone }, respond: { status: 204 } }",
        "{ match: { path: \"/old/*\" }, redirect: { to: \"/new/*\", status: 301 } }",
        "{ service: shop }")
    port = running.port
    fixed = curl(port, "/fixed")
    assert (fixed.status, fixed.body, fixed.get("Content-Type"), fixed.get("X-A")) == (200, '{"a":1}', "application/json", "1")
    head = curl(port, "/fixed", "-I")
    assert (head.status, head.body, head.get("Content-Length")) == (200, "", "7")
    assert curl(port, "/gone").status == 204
    assert curl(port, "/old/a%20b?c").get("Location") == "/new/a%20b"
    # One connection for all of them; with a body it is closed after the answer, and curl comes again.
    done = subprocess.run(
        ["curl", "-sS", "--max-time", "10", "-w", "%{http_code} ", "-o", "/dev/null", f"http://127.0.0.1:{port}/fixed", "-o", "/dev/null",
         f"http://127.0.0.1:{port}/gone", "-o", "/dev/null", f"http://127.0.0.1:{port}/x"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["200", "204", "200"]
    big = pathlib.Path(running.folder / "big")
    big.write_bytes(b"x" * 3_000_000)
    assert curl(port, "/fixed", "--data-binary", f"@{big}", "-H", "Expect:").body == '{"a":1}'
    assert curl(port, "/x", "--data-binary", "hello").seen["body"] == "hello"


def test_mistakes_are_told_with_their_place(ballast):
    running = ballast(
        CONFIGURATION.replace("{shop}", "127.0.0.1:1").replace("{other}", "127.0.0.1:2").replace(
            "{routes}", "  - { service: shop, requestHeaders: { set: { X-A: \"${hots}\", Content-Length: \"1\" } } }\n"
            "  - { redirect: { to: \"https://${path}/\" } }\n"
            "  - { match: { path: { regex: \"/a(b\" } }, service: shop }"), start=False)
    done = running.run_command("check", str(running.file))
    text = done.stdout + done.stderr
    assert done.returncode == 1
    assert ":4:53: error: '${hots}' has ${hots}, which is no variable" in text and "did you mean '${host}'?" in text, text
    assert "the header 'Content-Length' frames messages" in text
    assert "the host of a redirect is written out, or '${host}'" in text
    assert ":6:34: error: the expression has a '(' without its ')'" in text, text


def test_clients_without_tls_are_sent_to_https(ballast, echoes):
    (shop,) = echoes("shop")
    running = ballast("""
listeners:
  web: { address: "127.0.0.1:{port}", redirectToHttps: { port: 8443 } }
  shop: { address: "127.0.0.1:%d" }
routes:
  - { listeners: [ web ], match: { path: "/.well-known/acme-challenge/*" }, service: shop }
  - { match: { host: shop.example.com }, service: shop }
services: { shop: { servers: [ "%s" ] } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
""" % (free_port(), shop.address))
    running.wait_for_healthy("shop", 1)
    moved = curl(running.port, "/a?b=c", "-X", "POST", host=f"shop.example.com:{running.port}")
    assert (moved.status, moved.get("Location")) == (308, "https://shop.example.com:8443/a?b=c")
    assert curl(running.port, "/.well-known/acme-challenge/x").seen["server"] == "shop"
    foreign = curl(running.port, "/", host="evil.example")
    assert (foreign.status, foreign.get("X-Ballast-Reason"), foreign.get("Location")) == (421, "misdirected", None)
