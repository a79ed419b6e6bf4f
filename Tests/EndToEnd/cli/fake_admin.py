"""An admin API that answers what it is told to, over TCP and a unix socket."""

import copy
import json
import os
import socketserver
import threading
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

LONG_AGO = "2026-01-02T03:04:05.678Z"


def service(name="shop", **changes):
    return {
        "name": name, "state": "up", "balance": "least-connections", "servers": 2, "healthy": 2,
        "requests": 1200, "failures": 3, "retries": 1, "inflight": 4, "requestsPerSecond": 12.34,
        "failuresPerSecond": 0, "p50": 0.0021, "p99": 0.25,
        "replicas": {"desired": 2, "running": 2, "ready": 2}, "version": "1.4.2",
    } | changes


def server(name, **changes):
    return {
        "service": "shop", "name": name, "address": "127.0.0.1:20001", "weight": 1, "backup": False,
        "state": "ready", "health": "healthy", "ejected": False, "inflight": 0, "requests": 600,
        "failures": 1, "requestsPerSecond": 6,
        "lastCheck": {"at": LONG_AGO, "passed": True, "detail": "200", "duration": 0.001},
    } | changes


def replica(name, **changes):
    return {
        "service": "shop", "name": name, "state": "ready", "pid": 100, "address": "127.0.0.1:20001",
        "restarts": 0, "startedAt": LONG_AGO, "version": "1.4.2",
    } | changes


def event(number, **changes):
    return {
        "id": number, "at": LONG_AGO, "type": "replica-started", "severity": "info",
        "service": "shop", "server": "shop-1", "message": f"event number {number}",
    } | changes


def fault(number, **changes):
    return {
        "id": number, "type": "replica-exited", "service": "shop", "server": "shop-2",
        "began": LONG_AGO, "detected": LONG_AGO, "cause": "killed by signal 9",
        "actions": ["took it out", "started it again"], "resolved": "2026-01-02T03:04:15.678Z",
        "duration": 10,
    } | changes


class State:
    """What the answers are made of; a test changes it."""

    def __init__(self):
        self.lock = threading.RLock()
        self.services = [
            service(), service("cart", state="down", healthy=0, replicas=None, p50=None, p99=None)]
        self.servers = [server("shop-1"), server("shop-2", health="unhealthy", weight=3)]
        self.replicas = [replica("shop-1"), replica("shop-2", pid=101)]
        self.routes = [
            {"name": "pages", "listeners": ["web"], "host": None, "path": "/*", "priority": 0,
             "service": "shop"}]
        self.listeners = [
            {"name": "web", "address": "0.0.0.0:8080", "protocol": "http", "connections": 7, "connectionsTotal": 900,
             "requestsPerSecond": 12.34}]
        self.faults = [
            fault(2, resolved=None, duration=None, type="crash-loop"), fault(1)]
        self.summary = [
            {"service": "shop", "faults": 2, "open": 1, "mtbf": 3600, "mttr": 10,
             "availability": 0.99951}]
        self.months = [
            {"service": "shop", "month": "2026-11", "observed": 86400, "faults": 2, "open": 1, "mtbf": 43200,
             "mttr": 10, "mtta": 30, "down": 60, "availability": 0.99930, "objective": 0.999, "budget": 2592,
             "budgetSpent": 60, "budgetLeft": 0.9768}]
        self.timeline = [
            {"at": "2026-01-02T03:04:05.678Z", "kind": "deployment", "severity": "info", "service": "shop",
             "message": "version 2 in the place of version 1"},
            {"at": "2026-01-02T03:05:05.678Z", "kind": "fault", "severity": "error", "service": "shop",
             "server": "shop-1", "fault": 1, "message": "fault 1 (replica-exited): first sign"}]
        self.events = [event(1), event(2, severity="error", type="replica-exited")]
        self.logs = ["shop-1 | hello", "shop-2 | going down"]
        self.status = {
            "version": "0.0.0", "pid": 77, "startedAt": LONG_AGO, "topologyVersion": 7, "configurationFile": "shop.yaml",
            "workers": 2}
        # None: of a Ballast without alerts.
        self.alerts = None
        self.text = "listeners:\n  web: { address: \":8080\" }\n"
        self.unsaved = False
        self.stream = []
        self.calls = []
        self.after_scale = None

    def config(self):
        return {"file": "shop.yaml", "text": self.text, "unsaved": self.unsaved,
                "topologyVersion": 7}

    def named(self, things, name):
        return next((thing for thing in things if thing["name"] == name), None)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def address_string(self):
        return "peer"

    def answer(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, code, message, details=()):
        self.answer({"error": {"code": code, "message": message, "details": list(details)}}, status)

    def chunks(self, kind, pieces):
        """A stream that ends after its pieces."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(piece.encode())
            self.wfile.flush()
        self.close_connection = True

    def body(self):
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"null")

    def do_GET(self):
        state = self.server.state
        parts = urlsplit(self.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        words = [word for word in parts.path.split("/") if word][1:]
        with state.lock:
            state.calls.append(("GET", self.path, None))
            chosen = query.get("service", [None])[0]

            def mine(things):
                return [thing for thing in things if chosen in (None, thing["service"])]

            match words:
                case ["status"]: return self.answer(state.status)
                case ["alerts"] if state.alerts is not None: return self.answer(state.alerts)
                case ["services"]: return self.answer(state.services)
                case ["services", name]:
                    found = state.named(state.services, name)
                    if not found:
                        return self.refuse(404, "not-found", f"no service is named {name}")
                    if state.after_scale:
                        state.after_scale(state)
                    return self.answer(copy.deepcopy({
                        "service": found, "servers": state.servers, "replicas": state.replicas,
                        "routes": state.routes, "faults": state.faults, "events": state.events}))
                case ["services", name, "logs"]:
                    wanted = query.get("replica", [None])[0]
                    if wanted and not state.named(state.replicas, wanted):
                        return self.refuse(404, "not-found", f"there is no replica {wanted}")
                    lines = [line + "\n" for line in state.logs]
                    return self.chunks("text/plain", lines)
                case ["servers"]: return self.answer(mine(state.servers))
                case ["routes"]: return self.answer(state.routes)
                case ["listeners"]: return self.answer(state.listeners)
                case ["replicas"]: return self.answer(state.replicas)
                case ["faults"]:
                    faults = mine(state.faults)
                    if query.get("open") == ["true"]:
                        faults = [one for one in faults if not one["resolved"]]
                    return self.answer(faults)
                case ["faults", "summary"]: return self.answer(state.summary)
                case ["faults", "months"]: return self.answer(state.months)
                case ["faults", "export"]: return self.answer(state.faults)
                case ["faults", number]:
                    found = next((one for one in state.faults if str(one["id"]) == number), None)
                    if not found:
                        return self.refuse(404, "not-found", f"there is no fault {number}")
                    return self.answer(found)
                case ["faults", _, "timeline"]: return self.answer(state.timeline)
                case ["events"] if "follow" in query:
                    return self.chunks("text/event-stream", [": hello\n\n"] + [
                        f"event: event\ndata: {json.dumps(one)}\n\n" for one in state.stream])
                case ["events"]:
                    after = int(query.get("after", ["0"])[0])
                    return self.answer([one for one in mine(state.events) if one["id"] > after])
                case ["config"]: return self.answer(state.config())
                case ["config", "value"]:
                    return self.answer({"path": query["path"][0], "value": "round-robin\n"})
        self.refuse(404, "not-found", "nothing here")

    def do_POST(self):
        self.change()

    def do_PUT(self):
        self.change()

    def change(self):
        state = self.server.state
        words = [word for word in self.path.split("/") if word][1:]
        body = self.body()
        with state.lock:
            state.calls.append((self.command, self.path, body))
            match words:
                case ["services", name, "scale"]:
                    found = state.named(state.services, name)
                    if not found.get("replicas"):
                        return self.refuse(409, "conflict", f"{name} is not run by Ballast")
                    found["replicas"]["desired"] = body["replicas"]
                    return self.answer(found, 202)
                case ["services", name, "restart"]:
                    return self.answer(state.named(state.services, name), 202)
                case ["servers", service_name, name]:
                    found = state.named(state.servers, name)
                    if not found:
                        return self.refuse(404, "not-found", f"no server is named {name}")
                    found.update(body)
                    return self.answer(found)
                case ["faults", number, "acknowledge"]:
                    found = next(one for one in state.faults if one["id"] == int(number))
                    found.update(acknowledged="2026-01-02T03:05:05.678Z", acknowledgedBy="ann")
                    return self.answer(found)
                case ["faults", number]:
                    found = next(one for one in state.faults if one["id"] == int(number))
                    found.update(inferredCause=found["cause"], cause=body["cause"])
                    return self.answer(found)
                case ["faults", number, "resolve"]:
                    found = next(one for one in state.faults if one["id"] == int(number))
                    found.update(cause=body["cause"], resolved="2026-01-02T03:05:05.678Z",
                                 duration=60)
                    return self.answer(found)
                case ["config", "value"]:
                    if body["value"] == "wrong":
                        return self.refuse(
                            400, "invalid", "the configuration is refused",
                            ["shop.yaml:3:5: error: no such balance\n  balance: wrong\n           ^~~~~"])
                    state.unsaved = True
                    return self.answer(state.config())
                case ["config", "save"] | ["config", "reload"]:
                    state.unsaved = False
                    return self.answer(state.config())
        self.refuse(404, "not-found", "nothing here")


class TCP(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class FakeAdmin:
    def __init__(self, folder):
        self.state = State()
        self.socket = os.path.join(folder, "admin.sock")
        self.servers = [TCP(("127.0.0.1", 0), Handler), Unix(self.socket, Handler)]
        self.url = "http://127.0.0.1:%d" % self.servers[0].server_address[1]
        for one in self.servers:
            one.state = self.state
            threading.Thread(target=one.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        for one in self.servers:
            one.shutdown()
            one.server_close()
