"""Receivers of alerts: stand-ins for the robots that check signature, size and rate, and a mail server."""

import base64
import email
import hashlib
import hmac
import http.server
import json
import ssl
import threading
import time
import urllib.parse

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from EndToEnd.harness.waiting import free_port

SECRET = "SECthisisasecret"


def _hmac(key: str, message: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()).decode()


class Hooks:
    """One HTTP server for all kinds; what it takes stands in `taken` by the first part of the path, and why it
    refused something in `refused`."""

    LIMITS = {
        "dingtalk": 20_000, "feishu": 20_000, "wecom": 8_192, "slack": 16_000, "hook": 1 << 20, "pagerduty": 512 << 10,
        "twilio": 4_096, "aliyun": 2_048}
    A_MINUTE = {"dingtalk": 20, "feishu": 20, "wecom": 20, "twilio": 20, "aliyun": 5}

    def __init__(self) -> None:
        self.port = free_port()
        self.taken: dict[str, list] = {}
        self.moments: dict[str, list[float]] = {}
        self.refused: list[str] = []
        self.times: dict[str, list[float]] = {}
        self.server = None
        self.start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        hooks = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                url = urllib.parse.urlsplit(self.path)
                kind = url.path.split("/")[1]
                if "json" in self.headers["Content-Type"]:
                    said = json.loads(body)
                else:
                    said = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
                problem = hooks.judge(kind, urllib.parse.parse_qs(url.query), self.headers, said, len(body))
                if problem:
                    hooks.refused.append(f"{kind}: {problem}")
                else:
                    hooks.taken.setdefault(kind, []).append(said)
                    hooks.moments.setdefault(kind, []).append(time.time())
                answer = {"errcode": 0, "code": 0, "Code": "OK"}
                if problem:
                    answer = {"errcode": 310000, "errmsg": problem, "code": 19021, "Code": "isv.ERROR"}
                data = json.dumps(answer).encode()
                self.send_response(400 if problem else 202 if kind == "pagerduty" else 200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def judge(self, kind: str, query: dict, headers, said: dict, size: int) -> str | None:
        if size > self.LIMITS[kind]:
            return f"{size} bytes"
        now = time.time()
        times = self.times.setdefault(kind, [])
        times.append(now)
        if sum(now - one < 60 for one in times) > self.A_MINUTE.get(kind, 1000):
            return "too often"
        if kind == "dingtalk":
            moment = query["timestamp"][0]
            if abs(now - int(moment) / 1000) > 3600 or query["sign"][0] != _hmac(SECRET, f"{moment}\n{SECRET}"):
                return "sign does not match"
        if kind == "feishu" and said["sign"] != _hmac(f"{said['timestamp']}\n{SECRET}", ""):
            return "sign does not match"
        if kind == "aliyun":
            return self._judge_aliyun(said)
        if kind == "twilio":
            login = base64.b64encode(f"AC1:{SECRET}".encode()).decode()
            return None if headers["Authorization"] == f"Basic {login}" and len(said["Body"]) <= 1_600 else "no login"
        if kind == "pagerduty":
            wanted = said["routing_key"] == "R1" and said["event_action"] in ("trigger", "resolve") and said["dedup_key"]
            return None if wanted and len(said["payload"]["summary"]) <= 1_024 else "no such event"
        return None

    @staticmethod
    def _judge_aliyun(said: dict) -> str | None:
        """As the service's documentation tells to sign: all parameters but the signature, sorted and encoded."""
        def coded(text: str) -> str:
            return urllib.parse.quote(text, safe="-_.~")

        rest = sorted((name, value) for name, value in said.items() if name != "Signature")
        text = "POST&%2F&" + coded("&".join(f"{coded(name)}={coded(value)}" for name, value in rest))
        sign = base64.b64encode(hmac.new(f"{SECRET}&".encode(), text.encode(), hashlib.sha1).digest()).decode()
        if said["Signature"] != sign or said["AccessKeyId"] != "K1":
            return "sign does not match"
        return None if len(json.loads(said["TemplateParam"])["message"]) <= 35 else "too long"


class MailServer:
    """STARTTLS and a login are needed before a mail is taken."""

    def __init__(self, pair) -> None:
        self.mails: list = []
        self.insecure: list[str] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(pair.certificate), str(pair.key))
        self.controller = Controller(
            self, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True,
            auth_required=True, authenticator=self._judge)
        self.controller.start()

    @property
    def port(self) -> int:
        return self.controller.port

    def stop(self) -> None:
        self.controller.stop()

    @staticmethod
    def _judge(server, session, envelope, mechanism, data) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"ballast", b"correct horse")
        return AuthResult(success=good)

    async def handle_DATA(self, server, session, envelope) -> str:
        if session.ssl is None or not session.authenticated:
            self.insecure.append(envelope.mail_from)
        self.mails.append((envelope, email.message_from_bytes(envelope.content)))
        return "250 taken"


class Machine:
    """Many servers that are lost and come back together."""

    def __init__(self, count: int, host: str = "127.0.0.1") -> None:
        self.host = host
        self.ports = [free_port() for _ in range(count)]
        self.servers: list = []
        self.start()

    def start(self) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(500 if self.path == "/bad" else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_) -> None:
                pass

        for port in self.ports:
            server = http.server.ThreadingHTTPServer((self.host, port), Handler)
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
            self.servers.append(server)

    def stop_one(self) -> None:
        server = self.servers.pop()
        server.shutdown()
        server.server_close()

    def stop(self) -> None:
        for server in self.servers:
            server.shutdown()
            server.server_close()
        self.servers = []
