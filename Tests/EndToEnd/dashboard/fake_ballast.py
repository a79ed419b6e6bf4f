"""A stand-in for Ballast's admin listener: the dashboard's files and canned answers of the API.

By hand, in Tests: `python3 -m EndToEnd.dashboard.fake_ballast [PORT] [--fault]`, then open the address that it prints.
"""

import json
import math
import random
import re
import sys
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from EndToEnd.dashboard import answers

SOURCES = Path(__file__).resolve().parents[3] / "Sources" / "CDashboard"
POLICY = "".join(re.findall(r'"(.*?)"', re.search(
    r"contentPolicy =(.*?)\n\n", (SOURCES.parent / "Engine/Admin/AdminConnection+Heads.swift").read_text(), re.S)[1]))
SERVICES = {"storefront": (3, 240.0), "catalog": (2, 410.0), "orders": (2, 36.0)}


def rfc3339(seconds):
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def script():
    """The script as the binary holds it: the files that dashboard.c names, in its order."""
    array = re.search(r"ballast_dashboard_js\[\] = \{(.*?)\};", (SOURCES / "dashboard.c").read_text(), re.S)[1]
    names = re.findall(r'#embed "(page/.*?\.js)"', array)
    return b"".join((SOURCES / name).read_bytes() for name in names)


FILES = {
    "/": ("text/html", lambda: (SOURCES / "page/dashboard.html").read_bytes()),
    "/dashboard.css": ("text/css", lambda: (SOURCES / "page/dashboard.css").read_bytes()),
    "/dashboard.svg": ("image/svg+xml", lambda: (SOURCES / "page/dashboard.svg").read_bytes()),
    "/dashboard.js": ("text/javascript", script),
}


class Cluster:
    """What Ballast would know of the shop: servers, replicas, faults, events, history."""

    def __init__(self, services=None):
        self.lock = threading.RLock()
        self.random = random.Random(7)
        self.started = time.time() - 11_640
        self.rates = dict(services or SERVICES)
        self.servers, self.replicas, self.faults, self.events = {}, {}, [], []
        self.store_problem = None
        self.deployments, self.alerts, self.silences, self.tokens = [], [], [], []
        self.session, self.role = {"required": False, "signedIn": True, "setup": False, "role": "admin"}, "admin"
        self.users = [{"name": "anna", "role": "admin", "disabled": False, "sessions": 1}]
        self.totals = {name: [1_843_120, 3] for name in self.rates}
        self.retries = {name: 4 for name in self.rates}
        self.history = {name: [] for name in self.rates}
        for service, (number, _) in self.rates.items():
            for index in range(1, number + 1):
                self._add(service, f"{service}-{index}", 21_000 + len(self.servers))
            self.event("service-up", f"{service} is up with {number} servers", service, at=self.started + 1)
        now = int(time.time())
        for second in range(now - 600, now):
            self.tick(second)

    def _add(self, service, name, port):
        self.servers[name] = {
            "service": service, "name": name, "address": f"127.0.0.1:{port}", "weight": 1,
            "backup": False, "state": "ready", "health": "healthy", "ejected": False,
            "inflight": 0, "requests": 0, "failures": 0, "requestsPerSecond": 0.0,
            "lastCheck": self._check(True, "200", 0.0011),
        }
        self.replicas[name] = {
            "service": service, "name": name, "state": "ready", "pid": 4_100 + len(self.replicas),
            "address": f"127.0.0.1:{port}", "restarts": 0, "startedAt": rfc3339(self.started + 0.3),
        }

    def _check(self, passed, detail, duration):
        return {"at": rfc3339(time.time()), "passed": passed, "detail": detail, "duration": duration}

    def event(self, kind, message, service=None, server=None, severity="info", at=None):
        record = {"id": len(self.events) + 1, "at": rfc3339(at or time.time()), "type": kind,
                  "severity": severity, "message": message}
        record.update({key: value for key, value in (("service", service), ("server", server)) if value})
        self.events.append(record)
        return record

    def fail(self, name, cause="connection refused", kind="server-unhealthy", began=None):
        with self.lock:
            server, moment = self.servers[name], began or time.time()
            server["health"], server["lastCheck"] = "unhealthy", self._check(False, cause, 0.0002)
            self.replicas[name].update(state="starting", restarts=self.replicas[name]["restarts"] + 1,
                                       lastExit="killed by SIGKILL")
            fault = {"id": len(self.faults) + 1, "type": kind, "service": server["service"],
                     "server": name, "began": rfc3339(moment), "detected": rfc3339(moment + 0.012),
                     "cause": cause, "actions": [f"took {name} out of service", f"started {name} again"]}
            self.faults.append(fault)
            self.event(kind, f"{name} is unhealthy: {cause}", server["service"], name, "error", moment)
            return fault

    def recover(self, name, at=None):
        with self.lock:
            server, moment = self.servers[name], at or time.time()
            server["health"], server["lastCheck"] = "healthy", self._check(True, "200", 0.0011)
            self.replicas[name]["state"] = "ready"
            for fault in self.faults:
                if fault["server"] == name and "resolved" not in fault:
                    began = datetime.fromisoformat(fault["began"].replace("Z", "+00:00")).timestamp()
                    fault.update(resolved=rfc3339(moment), duration=moment - began)
            self.event("server-healthy", f"{name} is healthy", server["service"], name, at=moment)

    def tick(self, second):
        """One second of traffic."""
        with self.lock:
            for service, (_, rate) in self.rates.items():
                wave = 1 + 0.22 * math.sin(second / 47) + 0.1 * math.sin(second / 11) + self.random.gauss(0, 0.05)
                requests = max(0, int(rate * wave))
                p50 = 0.0012 * (1 + abs(self.random.gauss(0, 0.1)))
                point = {"at": rfc3339(second), "requests": requests, "failures": 0, "p50": p50,
                         "p99": p50 * (4.5 + abs(self.random.gauss(0, 0.8)))}
                self.history[service] = self.history[service][-599:] + [point]
                self.totals[service][0] += requests
                working = [s for s in self.servers.values() if s["service"] == service and works(s)]
                for server in self.servers.values():
                    if server["service"] == service:
                        share = requests / len(working) if server in working else 0
                        server.update(requestsPerSecond=share, inflight=self.random.randint(0, 4) if share else 0)
                        server["requests"] += int(share)
                        if server["health"] == "healthy":
                            server["lastCheck"]["at"] = rfc3339(time.time())

    def sleep(self, service):
        """Nobody asks for it any more, and its autoscaler may take the last replica."""
        with self.lock:
            for name in [name for name, server in self.servers.items() if server["service"] == service]:
                del self.servers[name], self.replicas[name]

    def service_status(self, name):
        servers = [s for s in self.servers.values() if s["service"] == name]
        replicas = [r for r in self.replicas.values() if r["service"] == name]
        working = sum(works(s) for s in servers)
        recent = self.history[name][-10:]
        state = "asleep" if not servers else "up" if working == len(servers) else "degraded" if working else "down"
        return {
            "name": name, "state": state, "balance": "round-robin",
            "balanceReason": "the servers are few and alike", "servers": len(servers), "healthy": working,
            "requests": self.totals[name][0], "failures": self.totals[name][1],
            "retries": self.retries[name], "inflight": sum(s["inflight"] for s in servers),
            "requestsPerSecond": sum(p["requests"] for p in recent) / 10,
            "failuresPerSecond": sum(p["failures"] for p in recent) / 10,
            "p50": recent[-1].get("p50"), "p99": recent[-1].get("p99"),
            "replicas": {"desired": len(replicas), "running": len(replicas),
                         "ready": sum(r["state"] == "ready" for r in replicas)},
        }

    def live(self, service=None, flows=False):
        with self.lock:
            engine = {"version": "0.1.0", "pid": 4099, "startedAt": rfc3339(self.started),
                      "topologyVersion": 14, "configurationFile": "/etc/ballast/ballast.yaml", "workers": 2}
            if self.store_problem:
                engine["storeProblem"] = self.store_problem
            listeners = [{"name": "web", "address": "0.0.0.0:8080", "protocol": "http", "connections": 64,
                          "connectionsTotal": 9_120, "requestsPerSecond": 240.0}]
            services = [self.service_status(name) for name in self.rates]
            live = {"at": rfc3339(time.time()), "engine": engine, "services": services, "listeners": listeners,
                    "servers": [s for s in self.servers.values() if s["service"] == service or not works(s) or s.get("role") or s["ejected"]],
                    "replicas": [r for r in self.replicas.values() if r["service"] == service or r["state"] != "ready"],
                    "openFaults": sum("resolved" not in f for f in self.faults)}
            if flows:
                live["flows"] = [{"listener": "web", "route": one["name"], "service": one["name"],
                                  "requestsPerSecond": one["requestsPerSecond"]} for one in services]
            return live


def works(server):
    return server["health"] == "healthy" and server["state"] == "ready" and server["weight"] > 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == "/v1/live":
            return self.stream(parse_qs(url.query))
        if url.path in FILES:
            kind, read = FILES[url.path]
            return self.answer(200, read(), f"{kind}; charset=utf-8")
        if re.fullmatch(r"/v1/services/[^/]+/logs", url.path):
            return self.log()
        self.answer_call("GET", url, None)

    def do_PUT(self):
        self.change("PUT")

    def do_POST(self):
        self.change("POST")

    def do_DELETE(self):
        self.change("DELETE")

    def change(self, method):
        fake = self.server.fake
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(text) if text else None
        fake.changes.append((self.path, body))
        fake.csrf = self.headers.get("X-Ballast-CSRF")
        if fake.refusal:
            return self.refuse(409, "conflict", fake.refusal)
        self.answer_call(method, urlsplit(self.path), body)

    def answer_call(self, method, url, body):
        fake = self.server.fake
        path = [unquote(part) for part in url.path.split("/")[2:]]
        query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        if not fake.cluster.session["signedIn"] and path != ["session"]:
            return self.refuse(401, "unauthorized", "sign in first")
        try:
            with fake.cluster.lock:
                answer = answers.answer(fake.cluster, method, path, query, body)
        except answers.Refused as refused:
            return self.refuse(*refused.args)
        if answer is None:
            return self.refuse(404, "not-found", f"there is no {url.path}")
        self.answer_json(answer)

    def log(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.close_connection = True
        fake = self.server.fake
        number = 0
        while not fake.is_stopped.is_set():
            lines = "".join(f"storefront-{1 + n % 3} | GET /cart/{n} 200 {n % 9}.{n % 7} ms\n" for n in range(number, number + 40))
            number += 40 if number == 0 else 2
            try:
                self.wfile.write(lines.encode())
            except OSError:
                return
            fake.is_stopped.wait(0.5)

    def stream(self, query):
        fake, cluster = self.server.fake, self.server.fake.cluster
        if not cluster.session["signedIn"]:
            return self.refuse(401, "unauthorized", "sign in first")
        if fake.is_cut.is_set():
            return self.refuse(503, "unavailable", "cut")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.close_connection = True
        seen, open_before = len(cluster.events), {}
        while not fake.is_cut.is_set() and not fake.is_stopped.is_set() and cluster.session["signedIn"]:
            with cluster.lock:
                messages = [("status", cluster.live(query.get("service", [None])[0], "flows" in query))]
                messages += [("event", event) for event in cluster.events[seen:]]
                seen = len(cluster.events)
                for fault in cluster.faults:
                    if open_before.get(fault["id"]) != (value := json.dumps(fault)):
                        open_before[fault["id"]] = value
                        messages.append(("fault", fault))
            text = "".join(f"event: {kind}\ndata: {json.dumps(data)}\n\n" for kind, data in messages)
            try:
                self.wfile.write(text.encode())
            except OSError:
                return
            fake.is_cut.wait(fake.period)

    def answer_json(self, value):
        self.answer(200, json.dumps(value).encode(), "application/json")

    def refuse(self, status, code, message):
        body = {"error": {"code": code, "message": message, "details": []}}
        self.answer(status, json.dumps(body).encode(), "application/json")

    def answer(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class FakeBallast:
    """Serves until `stop`. `cut` ends the live stream and refuses it until `mend`."""

    def __init__(self, port=0, period=0.25, cluster=None):
        self.cluster = cluster or Cluster()
        self.changes, self.refusal, self.period = [], None, period
        self.is_cut, self.is_stopped = threading.Event(), threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.server.fake = self
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        threading.Thread(target=self._tick, daemon=True).start()

    def _tick(self):
        while not self.is_stopped.wait(1):
            self.cluster.tick(int(time.time()))

    def cut(self):
        self.is_cut.set()

    def mend(self):
        self.is_cut.clear()

    def stop(self):
        self.is_stopped.set()
        self.is_cut.set()
        self.server.shutdown()
        self.server.server_close()


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    fake = FakeBallast(port=int(words[0]) if words else 9901, period=1)
    if "--fault" in sys.argv:
        fake.cluster.fail("storefront-2")
    print(fake.address)
    threading.Event().wait()
