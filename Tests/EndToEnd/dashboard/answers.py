"""What the stand-in for Ballast answers to the calls that the page makes."""

import random
import time

CONFIGURATION = """listeners:
  web: { address: ":8080" }
services:
  # what customers see
  storefront:
    run: { command: [ ./storefront ], replicas: 3, version: "41" }
  catalog:
    run: { command: [ ./catalog ], replicas: 2 }
"""
NO_PLAN = {"differences": [], "listeners": [], "services": [], "needsUpgrade": [], "risks": [], "isUnderCapacity": False,
           "warnings": []}


def answer(cluster, method, path, query, body):
    """The value of an answer, or None where there is nothing."""
    found = FUNCTIONS.get((method, path[0], len(path) > 1))
    return found(cluster, path, query, body) if found else None


def rows(list_, query):
    return list_[:int(query.get("limit", 100))]


def faults(cluster, path, query, body):
    return rows([f for f in reversed(cluster.faults) if "open" not in query or "resolved" not in f], query)


def fault(cluster, path, query, body):
    if path[1] == "summary":
        return [{"service": name, "faults": 2, "open": 0, "mtbf": 86_400.0, "mttr": 4.2, "availability": 0.99995}
                for name in cluster.rates]
    if path[1] == "months":
        return [{"service": name, "month": "2026-11", "observed": 1e6, "faults": 2, "open": 0, "down": 130.0, "availability": 0.99987,
                 "objective": 0.999, "budget": 1000.0, "budgetSpent": 130.0, "budgetLeft": 0.87} for name in cluster.rates]
    if path[2:] == ["timeline"]:
        one = next(one for one in cluster.faults if str(one["id"]) == path[1])
        return [{"at": one["began"], "kind": "fault", "severity": "error", "service": one["service"], "message": f"{one['server']} is unhealthy: {one['cause']}"}]
    return next((one for one in cluster.faults if str(one["id"]) == path[1]), None)


def fault_change(cluster, path, query, body):
    one = next(one for one in cluster.faults if str(one["id"]) == path[1])
    if path[2:] == ["resolve"]:
        cluster.recover(one["server"])
        one["cause"] = body["cause"]
    return one


def service(cluster, path, query, body):
    name = path[1]
    if name not in cluster.rates:
        return None
    if path[2:] == ["history"]:
        return cluster.history[name]
    if path[2:]:
        return None
    return {
        "service": cluster.service_status(name), "servers": [s for s in cluster.servers.values() if s["service"] == name],
        "replicas": [r for r in cluster.replicas.values() if r["service"] == name],
        "routes": [one for one in routes(cluster, path, query, body) if one["service"] == name],
        "faults": [f for f in reversed(cluster.faults) if f["service"] == name][:20],
        "events": [e for e in cluster.events if e.get("service") == name][-20:],
    }


def service_change(cluster, path, query, body):
    return {"service": path[1], "state": "began", "number": 1, "message": f"{path[2]} of {path[1]} has begun"}


def history(cluster, path, query, body):
    """Points of five seconds, whatever is asked for."""
    last = int(query.get("last", 120))
    now = int(time.time()) // 5 * 5
    times = [now - 5 * (last - place) for place in range(last)]
    names = [s["name"] for s in cluster.servers.values() if s["service"] == query.get("service")] or list(cluster.rates)

    def series(name, share):
        source = cluster.history.get(name) or cluster.history[query.get("service")]
        points = [source[-5 * (last - place)] if 5 * (last - place) <= len(source) else None for place in range(last)]
        mine = random.Random(name)
        part = [share * mine.uniform(0.9, 1.1) for _ in points]
        value = lambda field: [p and p.get(field) and p[field] * f for p, f in zip(points, part)]
        return {"name": name, "requests": value("requests"), "failures": value("failures"),
                "p50": value("p50"), "p99": value("p99")}

    if "service" not in query:
        return {"step": 5, "times": times, "series": [series(name, 1) for name in names]}
    return {"step": 5, "times": times, "total": series(query["service"], 1),
            "series": [series(name, 1 / len(names)) for name in names]}


def routes(cluster, path, query, body):
    return [{"name": name, "listeners": ["web"], "path": f"/{name}/*", "priority": 0, "service": name, "services": [name],
             "action": name} for name in cluster.rates]


def change_server(cluster, path, query, body):
    server = cluster.servers[path[2]]
    if path[3:] == ["promote"]:
        return {"service": path[1], "server": path[2], "epoch": 1, "timeout": 5, "dryRun": True}
    server.update(body)
    cluster.event("server-changed", f"{path[2]} is now {server['state']}, weight {server['weight']}", path[1], path[2])
    return server


def configuration(cluster, path, query, body):
    if path[1:] == ["history"]:
        return [{"number": n, "at": cluster.history["storefront"][0]["at"], "origin": "apply" if n > 1 else "start", "by": "anna",
                 "file": "/etc/ballast/ballast.yaml", "bytes": len(CONFIGURATION), "isCurrent": n == 3} for n in (3, 2, 1)]
    if len(path) == 3:
        number = int(path[2])
        text = CONFIGURATION if number == 3 else CONFIGURATION.replace("replicas: 3", f"replicas: {number}")
        return {"number": number, "files": [{"name": "ballast.yaml", "text": text}]}
    return {"file": "/etc/ballast/ballast.yaml", "text": CONFIGURATION, "unsaved": False, "topologyVersion": 14}


def applied(cluster, path, query, body):
    return {"number": 4, "file": "/etc/ballast/ballast.yaml", "topologyVersion": 15, "changed": True, "rollouts": [], "warnings": []}


def alert(cluster, number, name, severity, state="firing", **more):
    return {"id": f"{number:016x}", "name": name, "severity": severity, "state": state, "labels": {"alertname": name},
            "summary": f"{name} of {more.get('service', 'Ballast')}", "since": cluster.history["storefront"][-240]["at"],
            "fired": cluster.history["storefront"][-180]["at"], "silenced": False, "inhibited": False, **more}


def alerts(cluster, path, query, body):
    names = {"channels": [{"name": "ops", "kind": "slack", "pending": 0, "delivered": 41, "failed": 0, "failures": 0}], "log": []}
    if len(path) > 1 and path[1] in names:
        return names[path[1]]
    if len(path) > 1:
        one = next((one for one in cluster.alerts if one["id"] == path[1]), None)
        return one and {"alert": one, "log": [{"at": one["fired"], "kind": "fired", "message": one["summary"]}]}
    return cluster.alerts[:int(query.get("limit", "100"))]


def alerts_change(cluster, path, query, body):
    if path[1] == "acknowledge":
        for one in cluster.alerts:
            if one["id"] in body["alerts"]:
                one["acknowledgedBy"] = "anna"
        return cluster.alerts
    return {"name": body["channel"], "kind": "slack", "pending": 0, "delivered": 42, "failed": 0, "failures": 0}


def silences(cluster, path, query, body):
    if body is None:
        return cluster.silences
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + body["duration"]))
    cluster.silences.append({"id": str(len(cluster.silences) + 1), "match": body["match"], "author": "anna",
                             "comment": body["comment"], "starts": cluster.history["storefront"][-1]["at"], "ends": ends})
    return cluster.silences[-1]


def unsilence(cluster, path, query, body):
    cluster.silences = [one for one in cluster.silences if one["id"] != path[1]]
    return {}


def audit(cluster, path, query, body):
    if path[1:] == ["head"]:
        return {"number": 3, "hash": "9f2c41aa51bb70e2", "entries": 3, "first": 1, "exports": []}
    if path[1:] == ["verify"]:
        return {"sound": True, "entries": 3, "first": 1, "last": 3, "hash": "9f2c41aa51bb70e2", "findings": [],
                "heads": 0, "headsCompared": 0, "findingsLeftOut": 0}
    at = cluster.history["storefront"][-60]["at"]
    entry = {"at": at, "source": "dashboard", "actor": "anna", "role": "operator", "from": "10.0.0.7:51234", "action": "server.change",
             "subject": "storefront/storefront-2", "before": '{"state":"ready"}', "after": '{"state":"draining"}', "result": "done", "hash": "9f"}
    found = [entry | {"number": number} for number in (3, 2, 1)]
    found[2] |= {"actor": "ben", "result": "refused", "source": "command", "detail": "it is not healthy"}
    return [one for one in found if query.get("actor", "") in one["actor"] and one["number"] < int(query.get("before", 99))]


def users(cluster, path, query, body):
    if body is None:
        return cluster.users
    cluster.users.append({"name": body["name"], "role": body["role"], "disabled": False, "sessions": 0})
    return cluster.users[-1]


def user_change(cluster, path, query, body):
    one = next(one for one in cluster.users if one["name"] == path[1])
    if body is None:
        cluster.users.remove(one)
    else:
        one.update({name: value for name, value in body.items() if name != "password"})
    return one


def tokens(cluster, path, query, body):
    if body is None:
        return cluster.tokens
    cluster.tokens.append({"name": body["name"], "scope": body["scope"], "owner": "anna"})
    return {"token": "ballast_0123456789abcdef", "status": cluster.tokens[-1]}


def revoke(cluster, path, query, body):
    cluster.tokens = [one for one in cluster.tokens if one["name"] != path[1]]
    return {}


def sign_in(cluster, path, query, body):
    if body["password"] != "right":
        raise Refused(401, "unauthorized", "the name or the password is wrong")
    cluster.session.update(signedIn=True, name=body["name"], role=cluster.role, means="session", csrf="c5rf")
    return cluster.session


class Refused(Exception):
    """Status, code and message of an error."""


FUNCTIONS = {
    ("GET", "audit", False): audit, ("GET", "audit", True): audit,
    ("GET", "users", False): users, ("POST", "users", False): users, ("PUT", "users", True): user_change, ("DELETE", "users", True): user_change,
    ("GET", "tokens", False): tokens, ("POST", "tokens", False): tokens, ("DELETE", "tokens", True): revoke,
    ("GET", "alerts", False): alerts, ("GET", "alerts", True): alerts, ("POST", "alerts", True): alerts_change,
    ("GET", "silences", False): silences, ("POST", "silences", False): silences, ("DELETE", "silences", True): unsilence,
    ("GET", "faults", False): faults, ("GET", "faults", True): fault,
    ("POST", "faults", True): fault_change, ("PUT", "faults", True): fault_change,
    ("GET", "events", False): lambda cluster, path, query, body: cluster.events[-int(query.get("limit", 100)):],
    ("GET", "services", True): service, ("POST", "services", True): service_change,
    ("GET", "history", False): history, ("GET", "routes", False): routes,
    ("GET", "replicas", False): lambda cluster, path, query, body: list(cluster.replicas.values()),
    ("GET", "deployments", False): lambda cluster, path, query, body: cluster.deployments,
    ("GET", "deployments", True): lambda cluster, path, query, body: next(
        (one for one in cluster.deployments if str(one["number"]) == path[1]), None),
    ("PUT", "servers", True): change_server, ("POST", "servers", True): change_server,
    ("GET", "config", False): configuration, ("GET", "config", True): configuration,
    ("POST", "plan", False): lambda cluster, path, query, body: NO_PLAN,
    ("PUT", "config", False): applied, ("POST", "config", True): applied,
    ("GET", "session", False): lambda cluster, path, query, body: cluster.session, ("POST", "session", False): sign_in,
    ("DELETE", "session", False): lambda cluster, path, query, body: cluster.session.update(signedIn=False, csrf=None) or {},
    ("GET", "certificates", False): lambda *_: [], ("GET", "backups", False): lambda *_: [], ("GET", "bans", False): lambda *_: [],
}
