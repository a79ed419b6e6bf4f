"""Alerts reach real receivers: once, whole, signed, and also after somebody was down for a while."""

import collections
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from EndToEnd.harness.alert_receivers import SECRET, Hooks, Machine, MailServer
from EndToEnd.harness.ballast import request
from EndToEnd.harness.certificates import Authority
from EndToEnd.harness.waiting import free_port, wait_until

FULL = os.environ.get("BALLAST_FULL") == "1"

CONFIGURATION = """
listeners: { web: { address: "127.0.0.1:{port}", service: shop } }
services:
  shop:
    servers: [ {shop} ]
    health: { http: { path: / }, interval: 200ms, timeout: 1s, rise: 1, fall: 2 }
  pay:
    servers: [ {pay} ]
    health: { http: { path: / }, interval: 200ms, timeout: 1s, rise: 1, fall: 2 }
state: { path: ./state }
admin: { address: "127.0.0.1:{admin}" }
faults: { quiet: 1s }
alerts:
  channels: { {channels} }
  routes: [ { channels: [ {names} ], groupBy: [ service ], groupWait: {wait}, groupInterval: 1s{route} } ]
  rules:
    - { name: server-down, when: { fault: { types: [ server-unhealthy ] } }, severity: warning }
"""


def _listed(machine: Machine, which: range | None = None) -> str:
    return ", ".join(
        f'{{ name: s{n}, address: "{machine.host}:{machine.ports[n]}" }}'
        for n in which or range(len(machine.ports)))


@pytest.fixture
def hooks():
    one = Hooks()
    yield one
    one.stop()


@pytest.fixture
def machines():
    made: list[Machine] = []

    def make(count: int) -> Machine:
        made.append(Machine(count, f"127.0.0.{11 + len(made)}"))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def alerting(ballast, machines):
    """`alerting(channels, names)` has a service of one server beside one of `count`."""

    def make(channels: str, names: str, count: int = 2, wait: str = "2s", route: str = ""):
        shop, pay = machines(count), machines(1)
        one = ballast(
            CONFIGURATION, shop=_listed(shop), pay=_listed(pay), channels=channels, names=names, wait=wait,
            route=route)
        one.wait_for_healthy("shop", count)
        one.wait_for_healthy("pay", 1)
        return one, shop, pay

    return make


def _hook(hooks: Hooks, more: str = "") -> str:
    return f'hook: {{ webhook: {{ url: "{hooks.base}/hook" }}, retry: {{ first: 200ms, longest: 500ms }} {more} }}'


def _statuses(hooks: Hooks, service: str) -> list[str]:
    return [one["status"] for one in hooks.taken.get("hook", []) if one["groupLabels"] == {"service": service}]


def test_a_lost_machine_of_20_servers_is_one_message_a_channel_and_one_when_it_is_back(
    ballast, machines, hooks, tmp_path
):
    authority = Authority(tmp_path)
    mails = MailServer(authority.issue("127.0.0.1", file="mail"))
    try:
        channels = ", ".join([
            f'ding: {{ dingtalk: {{ url: "{hooks.base}/dingtalk/send?access_token=T", secret: {SECRET} }} }}',
            f'fei: {{ feishu: {{ url: "{hooks.base}/feishu/T", secret: {SECRET} }} }}',
            f'we: {{ wecom: {{ url: "{hooks.base}/wecom/send?key=K" }} }}',
            f'slack: {{ slack: {{ url: "{hooks.base}/slack/T" }} }}', _hook(hooks),
            f'mail: {{ email: {{ server: "127.0.0.1:{mails.port}", from: ballast@example.com, to: ops@example.com, '
            f'username: ballast, password: correct horse, ca: "{authority.certificate}" }} }}',
        ])
        # All servers of the one service are there, and of the other one all but one.
        machine, other = machines(20), machines(1)
        pay = f'{_listed(machine, range(15, 20))}, {{ name: other, address: "{other.host}:{other.ports[0]}" }}'
        one = ballast(
            CONFIGURATION, shop=_listed(machine, range(15)), pay=pay, channels=channels, wait="3s", route="",
            names="ding, fei, we, slack, hook, mail")
        one.wait_for_healthy("shop", 15)
        one.wait_for_healthy("pay", 6)
        kinds = ["dingtalk", "feishu", "wecom", "slack", "hook"]
        machine.stop()
        wait_until(
            lambda: all(hooks.taken.get(kind) for kind in kinds) and mails.mails, 30,
            f"a message on every channel: {hooks.taken.keys()} {hooks.refused} {one.output()[-3000:]}")
        (root,) = one.get("/v1/faults?open=true")
        beneath = [it for it in root["beneath"] if "resolved" not in it]
        assert root["type"] == "machine-down" and len([it for it in beneath if it.get("server")]) == 20, root
        assert "service-down" in {it["type"] for it in beneath}, root
        machine.start()
        wait_until(
            lambda: all(len(hooks.taken[kind]) > 1 for kind in kinds) and len(mails.mails) > 1, 30,
            f"a message that it is over on every channel: {hooks.refused} {one.output()[-3000:]}")
    finally:
        mails.stop()
    assert not hooks.refused and not mails.insecure
    assert {kind: len(hooks.taken[kind]) for kind in kinds} == dict.fromkeys(kinds, 2)
    assert len(mails.mails) == 2
    texts = {
        "dingtalk": [it["markdown"]["text"] for it in hooks.taken["dingtalk"]],
        "feishu": [it["content"]["text"] for it in hooks.taken["feishu"]],
        "wecom": [it["markdown"]["content"] for it in hooks.taken["wecom"]],
        "slack": [it["text"] for it in hooks.taken["slack"]],
        "mail": [it.get_payload(decode=True).decode() for _, it in mails.mails],
    }
    for kind, (fired, over) in texts.items():
        assert "[FIRING" in fired and "127.0.0.11: machine-down" in fired and "[RESOLVED" in over, (kind, fired, over)
        # Each server is in it, or it says how many did not fit.
        assert all(f"/s{n}:" in fired for n in range(20)) or " more" in fired, (kind, fired)
    told = [it["message"] for it in one.get(f"/v1/faults/{root['id']}/timeline") if it["kind"] == "alert"]
    assert sum("was told: [FIRING" in it for it in told) == 6, told
    fired, over = hooks.taken["hook"]
    assert fired["version"] == "4" and (fired["status"], over["status"]) == ("firing", "resolved")
    named = {alert["labels"].get("server") for alert in fired["alerts"]}
    assert {f"s{n}" for n in range(20)} <= named
    assert all(alert["status"] == "resolved" for alert in over["alerts"])


def test_a_channel_that_is_down_and_an_engine_that_is_killed_lose_and_repeat_nothing(alerting, hooks):
    one, shop, pay = alerting(_hook(hooks), "hook")
    hooks.stop()
    shop.stop()
    # One attempt in two seconds: two minutes of them in full.
    failures = 60 if FULL else 1
    wait_until(lambda: one.get("/v1/alerts/channels")[0]["failures"] > failures, 180, "deliveries that fail")
    os.kill(one.engine_pid(), signal.SIGKILL)
    hooks.start()
    wait_until(lambda: _statuses(hooks, "shop") == ["firing"], 30, f"the message: {one.output()[-3000:]}")
    wait_until(lambda: one.get("/v1/alerts/channels")[0]["pending"] == 0, 10, "nothing that waits")
    # What was told is not told again by the next engine; what comes then is.
    os.kill(one.engine_pid(), signal.SIGKILL)
    wait_until(one.is_ready, 15, "the next engine")
    pay.stop()
    wait_until(lambda: "firing" in _statuses(hooks, "pay"), 20, f"another message: {one.output()[-3000:]}")
    assert _statuses(hooks, "shop") == ["firing"]
    shop.start()
    wait_until(lambda: _statuses(hooks, "shop") == ["firing", "resolved"], 20, "that it is over")
    kinds = {line["kind"] for line in one.get("/v1/alerts/log")}
    assert {"fired", "failed", "delivered", "resolved"} <= kinds
    page = one.metrics()
    assert 'ballast_alert_deliveries_total{channel="hook",result="delivered"}' in page
    assert 'ballast_alerts_firing{severity="critical"}' in page


def test_text_messages_and_pagerduty_take_what_they_are_sent(alerting, hooks):
    channels = ", ".join([
        f'tw: {{ sms: {{ twilio: {{ account: AC1, token: {SECRET}, from: "+15550100", to: [ "+15550101", "+15550102" ], '
        f'url: "{hooks.base}/twilio" }} }}, template: {{ title: "${{state}} ${{subject}}", line: "${{name}} at ${{service}}" }} }}',
        f'al: {{ sms: {{ aliyun: {{ accessKey: K1, secret: {SECRET}, signature: 运维, template: SMS_1, '
        f'to: [ "13800000000" ], url: "{hooks.base}/aliyun" }} }} }}',
        f'pd: {{ pagerduty: {{ routingKey: R1, url: "{hooks.base}/pagerduty/v2/enqueue" }} }}',
    ])
    one, shop, _ = alerting(channels, "tw, al, pd", wait="1s")
    shop.stop()
    wait_until(
        lambda: len(hooks.taken.get("twilio", [])) == 2 and hooks.taken.get("aliyun") and hooks.taken.get("pagerduty"), 30,
        f"a message on every channel: {hooks.taken} {hooks.refused} {one.output()[-3000:]}")
    assert {it["To"] for it in hooks.taken["twilio"]} == {"+15550101", "+15550102"}
    assert hooks.taken["twilio"][0]["Body"].startswith("FIRING shop\nservice-down at shop\n")
    shop.start()
    wait_until(lambda: len(hooks.taken["pagerduty"]) == 2, 30, f"that it is over: {hooks.refused}")
    fired, over = hooks.taken["pagerduty"]
    assert (fired["event_action"], over["event_action"]) == ("trigger", "resolve")
    assert fired["dedup_key"] == over["dedup_key"] and fired["payload"]["severity"] == "critical"
    assert not hooks.refused
    # No secret is shown by the admin API or a command, and what was shown can be sent back.
    text = one.get("/v1/config")["text"]
    value = one.run_command("config", "get", "alerts.channels", "--admin", f"http://127.0.0.1:{one.admin}").stdout
    for shown in (text, value, str(one.get("/v1/config/history/1"))):
        assert SECRET not in shown and "K1" not in shown and "R1" not in shown and "运维" in shown, shown
    answer = one.change("PUT", "/v1/config", {"files": [{"name": "ballast.yaml", "text": text + "# more\n"}]})
    assert answer["changed"]
    saved = one.file.read_text()
    assert saved.endswith("# more\n") and SECRET in saved and "(hidden)" not in saved


def test_what_nobody_acknowledges_is_escalated_and_a_failing_channel_has_a_fallback(alerting, hooks):
    dead = free_port()
    channels = ", ".join([
        f'dead: {{ webhook: {{ url: "http://127.0.0.1:{dead}/" }}, retry: {{ first: 200ms, longest: 500ms }}, '
        f'fallback: hook, fallbackAfter: 2 }}', _hook(hooks), f'boss: {{ slack: {{ url: "{hooks.base}/slack/T" }} }}'])
    one, shop, pay = alerting(channels, "dead", wait="500ms", route=", escalate: [ { after: 6s, channels: [ boss ] } ]")
    pay.stop()
    wait_until(lambda: _statuses(hooks, "pay") == ["firing"], 20, f"the fallback: {one.output()[-3000:]}")
    idents = [it["id"] for it in one.get("/v1/alerts?service=pay") if it["state"] == "firing"]
    one.change("POST", "/v1/alerts/acknowledge", {"alerts": idents, "comment": "on it"})
    shop.stop()
    wait_until(lambda: "slack" in hooks.taken, 30, f"the escalation: {one.get('/v1/alerts/log')}")
    assert len(hooks.taken["slack"]) == 1 and "shop" in hooks.taken["slack"][0]["text"]
    log = one.get("/v1/alerts/log")
    assert [line["group"] for line in log if line["kind"] == "escalated"] == ["0/service=shop"]


def test_quiet_hours_hold_back_what_is_not_critical(alerting, hooks):
    quiet = ', quietHours: [ { at: "00:00", until: "24:00", except: critical } ]'
    one, shop, pay = alerting(_hook(hooks), "hook", wait="500ms", route=quiet)
    # One server of two is a warning; a service without any is critical.
    shop.stop_one()
    wait_until(lambda: one.get("/v1/alerts?service=shop"), 20, "an alert")
    pay.stop()
    wait_until(lambda: _statuses(hooks, "pay") == ["firing"], 20, "what is critical")
    assert [it["state"] for it in one.get("/v1/alerts?service=shop")] == ["firing"]
    assert _statuses(hooks, "shop") == []


@pytest.mark.skipif(not FULL, reason="an hour and 5 minutes are looked at, so it takes 5 minutes; set BALLAST_FULL")
def test_a_budget_that_burns_too_fast_is_an_alert_and_a_fault(ballast, machines, hooks):
    shop = machines(1)
    one = ballast(
        CONFIGURATION.replace("servers: [ {shop} ]", "servers: [ {shop} ]\n    slo: { availability: 99% }"),
        shop=_listed(shop), pay=_listed(machines(1)), channels=_hook(hooks), names="hook", wait="1s", route="")
    one.wait_for_healthy("shop", 1)

    def burns() -> list:
        for _ in range(10):
            request(one.port, "GET", "/bad")
        return [it for it in one.get("/v1/faults?open=true") if it["type"] == "slo-burn"]

    (fault,) = wait_until(burns, 400, "the fault", step=1)
    assert fault["service"] == "shop" and fault["subject"] == "availability 99 %", fault
    wait_until(
        lambda: any("slo-availability-fast" in it["title"] for it in hooks.taken.get("hook", [])), 20, "the message")


MANY = """
listeners: { web: { address: "127.0.0.1:{port}", service: s0 } }
services:
{services}
state: { path: ./state }
admin: { address: "127.0.0.1:{admin}" }
alerts:
  standardRules: false
  channels: { {channel} }
  routes: [ { channels: [ hook ], groupBy: [ service ], groupWait: 1s, groupInterval: 1s } ]
  rules:
{rules}
"""


def test_very_many_alerts_at_once_are_grouped_within_the_budget_and_all_in_the_log(ballast, hooks):
    services, rules = (500, 20) if FULL else (40, 5)
    budget, period = 20, 60 if FULL else 5
    one = ballast(
        MANY, channel=f'hook: {{ webhook: {{ url: "{hooks.base}/hook" }}, budget: {budget}, budgetPeriod: {period}s }}',
        services="".join(
            f'  s{n}: {{ servers: [ "127.0.0.1:{free_port()}" ], health: {{ tcp: {{}}, interval: 2s, fall: 1 }} }}\n'
            for n in range(services)),
        rules="".join(f"    - {{ name: r{n}, when: {{ healthyServers: {{ below: 1 }} }}, for: 4s }}\n" for n in range(rules)))

    def memory() -> int:
        with open(f"/proc/{one.engine_pid()}/status") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))

    before = memory()
    total = services * rules

    def told() -> int:
        return sum(len(it["alerts"]) + it["truncatedAlerts"] for it in list(hooks.taken.get("hook", [])))

    wait_until(lambda: told() >= total, 150, f"all of them: {hooks.refused} {one.output()[-3000:]}", step=0.2)
    moments = hooks.moments["hook"]
    for place in range(budget, len(moments)):
        assert moments[place] - moments[place - budget] >= period - 0.5, "more than the budget"
    assert not hooks.refused and len(moments) < services
    assert memory() - before < 200 << 10, "memory grows with the alerts"
    wait_until(lambda: one.get("/v1/alerts/channels")[0]["pending"] == 0, 10, "nothing that waits")
    with sqlite3.connect(f"file:{one.folder}/state/ballast.db?mode=ro", uri=True) as state:
        fired = state.execute("SELECT alert FROM alert_log WHERE kind = 'fired'").fetchall()
    assert collections.Counter(fired).most_common(1)[0][1] == 1 and len(fired) == total
    began = time.monotonic()
    first = one.get("/v1/alerts")
    took = time.monotonic() - began
    assert len(first) == min(total, 100)
    pages, after = [], ""
    while page := one.get(f"/v1/alerts?limit={total // 3}{after}"):
        pages += [it["id"] for it in page]
        after = f"&after={pages[-1]}"
    assert len(pages) == len(set(pages)) == total and pages[:100] == [it["id"] for it in first]
    assert request(one.admin, "GET", "/v1/alerts?after=nobody").status == 404
    assert request(one.admin, "GET", "/v1/alerts?limit=0").status == 400
    print(f"{total} alerts: {len(moments)} messages, {memory() - before} KiB more, a page in {took:.3f} s")


def test_people_silence_acknowledge_and_test(alerting, hooks):
    one, shop, pay = alerting(_hook(hooks), "hook", wait="500ms")

    def run(*words: str):
        return one.run_command(*words, "--admin", f"http://127.0.0.1:{one.admin}", "--no-color")

    tested = run("alerts", "test", "hook")
    assert tested.returncode == 0 and "took the message" in tested.stdout, tested
    assert hooks.taken["hook"][0]["alerts"][0]["labels"]["alertname"] == "test"
    wrong = run("alerts", "test", "hok")
    assert wrong.returncode == 1 and "did you mean" in wrong.stderr and "hook" in wrong.stderr, wrong
    assert run("alerts", "silence", "service=shop", "--for", "1h", "--comment", "a move").returncode == 0
    shop.stop()
    pay.stop()
    wait_until(lambda: "firing" in _statuses(hooks, "pay"), 20, "the alert of the other service")
    wait_until(
        lambda: any(it["silenced"] and it["state"] == "firing" for it in one.get("/v1/alerts?service=shop")), 10,
        "a silenced alert")
    assert _statuses(hooks, "shop") == []
    assert "a move" in run("alerts", "silences").stdout
    table = run("get", "alerts").stdout
    assert "silenced" in table and "service-down" in table, table
    (ident, *_) = [it["id"] for it in one.get("/v1/alerts?service=pay") if it["name"] == "service-down"]
    assert run("alerts", "ack", ident, "--comment", "on it").returncode == 0
    card = run("describe", "alert", ident).stdout
    assert "on it" in card and "service-down" in card and "acknowledged" in card, card
    assert run("alerts", "unsilence", "1").returncode == 0
    wait_until(lambda: "firing" in _statuses(hooks, "shop"), 10, "what the silence held back")
    assert "webhook" in run("alerts", "channels").stdout


def test_alertmanager_has_what_fires_and_loses_what_is_over(alerting, tmp_path):
    if not shutil.which("prometheus-alertmanager"):
        pytest.fail("there is no prometheus-alertmanager: run scripts/setup.sh")
    port = free_port()
    (tmp_path / "alertmanager.yml").write_text("route: { receiver: none }\nreceivers: [ { name: none } ]\n")
    manager = subprocess.Popen(
        ["prometheus-alertmanager", f"--config.file={tmp_path}/alertmanager.yml", f"--storage.path={tmp_path}/data",
         f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        one, shop, _ = alerting(f'am: {{ alertmanager: {{ url: "http://127.0.0.1:{port}" }} }}', "am", wait="1s")

        def alerts() -> str:
            return subprocess.run(
                ["amtool", f"--alertmanager.url=http://127.0.0.1:{port}", "alert", "query", "service=shop"],
                capture_output=True, text=True, timeout=10).stdout

        shop.stop()
        wait_until(lambda: "service-down" in alerts(), 30, f"amtool's alert: {one.output()[-3000:]}")
        assert "server-down" in alerts()
        shop.start()
        wait_until(lambda: "service-down" not in alerts(), 30, f"no alert: {one.output()[-3000:]}")
    finally:
        manager.terminate()
        manager.wait()


def test_what_is_said_to_alerts_is_in_the_audit_log_with_before_and_after(alerting, hooks):
    one, _, pay = alerting(_hook(hooks), "hook", wait="500ms")
    pay.stop()
    alerts = wait_until(
        lambda: [it for it in one.get("/v1/alerts?service=pay") if it["state"] == "firing" and it["name"] == "service-down"],
        20, "an alert")
    ident = alerts[0]["id"]
    one.change("POST", "/v1/alerts/test", {"channel": "hook"})
    one.change("POST", "/v1/alerts/acknowledge", {"alerts": [ident], "author": "li", "comment": "on it"})
    first = one.change("POST", "/v1/silences", {"match": {"service": "pay"}, "duration": 3600, "comment": "a move"})
    one.change("POST", "/v1/silences", {"match": {"service": "shop"}, "duration": 1.5, "author": "bo"})
    one.change("DELETE", f"/v1/silences/{first['id']}", {})
    assert request(one.admin, "POST", "/v1/alerts/acknowledge", b'{"alerts":["nobody"]}').status == 404

    def entries(action: str, result: str = "done") -> list[tuple]:
        found = one.get(f"/v1/audit?limit=1000&action={action}&result={result}")[::-1]
        return [(it.get("subject"), *(json.loads(it.get(side) or "null") for side in ("before", "after"))) for it in found]

    ((subject, before, after),) = entries("test-channel")
    assert subject == "hook" and before == {"kind": "webhook"} and after["outcome"] == "a test was delivered"
    ((subject, before, after),) = entries("acknowledge-alerts")
    assert subject == ident and before == {ident: {"rule": "service-down", "state": "firing"}}
    assert after == {ident: before[ident] | {"acknowledgedBy": "li", "comment": "on it"}}
    ((subject, before, after), (other, none, bo)) = entries("silence")
    assert (subject, other, before, none) == ("service=pay", "service=shop", [], []) and bo[0]["author"] == "bo"
    assert [(it["id"], it["match"], it["comment"]) for it in after] == [(first["id"], {"service": "pay"}, "a move")]
    ((subject, before, gone),) = entries("unsilence")
    assert (subject, before, gone) == (first["id"], after, [])
    ((subject, before, after),) = wait_until(lambda: entries("silence.expire"), 20, "the end of the silence")
    assert subject == bo[0]["id"] and (before, after) == (bo, [])
    assert entries("acknowledge-alerts", "refused") == [("nobody", None, None)]
    one.write(CONFIGURATION.replace("severity: warning", "severity: info"))
    one.reload_and_wait()
    ((_, before, after),) = wait_until(lambda: entries("config.reload"), 10, "the entry of the reload")
    assert "warning" in json.dumps(before["values"]) and "info" in json.dumps(after["values"]), (before, after)
    assert all(path.startswith("alerts.rules") for path in [*before["values"], *after["values"]])
