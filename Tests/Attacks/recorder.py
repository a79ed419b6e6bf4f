"""The server behind the proxy: records every byte, frames strictly, answers what the case says."""

import dataclasses
import socket
import struct
import threading

from Attacks.case import Reply

READ_SECONDS = 30
SETTLE_SECONDS = 0.2


@dataclasses.dataclass
class Request:
    connection: int
    method: str
    target: str
    fields: list[tuple[str, str]]
    body: bytes
    raw: bytes

    def field(self, name: str) -> list[str]:
        return [value for found, value in self.fields if found.lower() == name.lower()]


class Recorder:
    """`begin` sets what is answered from now on; `requests` are the whole ones since then, `raw`
    all bytes of it, by connection. A target that begins with `/after` always gets its own body."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.changed = threading.Condition()
        self.reply = Reply()
        self.requests: list[Request] = []
        self.raw: dict[int, bytearray] = {}
        self.open: set[int] = set()
        self.count = 0
        self.go_on = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def begin(self, reply: Reply) -> None:
        with self.changed:
            self.reply = reply
            self.requests = []
            self.raw = {}
            self.go_on = threading.Event()

    def wait_for(self, condition, seconds: float) -> bool:
        with self.changed:
            return self.changed.wait_for(condition, seconds)

    def settle(self) -> None:
        """Waits until nothing more comes: a proxy may still be passing on what a client left behind."""
        with self.changed:
            while self.changed.wait(SETTLE_SECONDS):
                pass

    def stop(self) -> None:
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            link.settimeout(READ_SECONDS)
            with self.changed:
                self.count += 1
                number = self.count
                self.open.add(number)
            threading.Thread(target=self._serve, args=(link, number), daemon=True).start()

    def _serve(self, link: socket.socket, number: int) -> None:
        try:
            with link:
                stream = Stream(link, lambda data: self._record(number, data))
                while self._exchange(stream, link, number):
                    pass
        except (OSError, ValueError, EOFError):
            pass
        finally:
            with self.changed:
                self.open.discard(number)
                self.changed.notify_all()

    def _record(self, number: int, data: bytes) -> None:
        with self.changed:
            self.raw.setdefault(number, bytearray()).extend(data)
            self.changed.notify_all()

    def _exchange(self, stream: "Stream", link: socket.socket, number: int) -> bool:
        head = stream.until(b"\r\n\r\n")
        reply, go_on = self.reply, self.go_on
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ")
        fields = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines[1:] if line)]
        after = target.startswith("/after")
        if reply.early and not after:
            link.sendall(reply.raw)
        body = _body(stream, fields)
        with self.changed:
            self.requests.append(Request(number, method, target, fields, body, head))
            self.changed.notify_all()
        if after:
            link.sendall(_own_answer(target))
            return True
        if not reply.early:
            right_to_head = method == "HEAD" and reply == Reply()
            link.sendall(reply.raw.removesuffix(b"ok") if right_to_head else reply.raw)
        if reply.reset:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if reply.close or reply.reset:
            return False
        if reply.later and go_on.wait(READ_SECONDS):
            link.sendall(reply.later)
        return True


def _own_answer(target: str) -> bytes:
    body = target.encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def _body(stream: "Stream", fields: list[tuple[str, str]]) -> bytes:
    values = {name.lower(): value for name, value in fields}
    if values.get("transfer-encoding", "").lower() == "chunked":
        body = bytearray()
        while size := int(stream.until(b"\r\n"), 16):
            body += stream.exactly(size)
            if stream.exactly(2) != b"\r\n":
                raise ValueError("a chunk is longer than its size")
        while stream.until(b"\r\n") != b"\r\n":
            pass
        return bytes(body)
    return stream.exactly(int(values.get("content-length", "0")))


class Stream:
    """What came and was not taken yet stands in `kept` from `at` on; taking moves `at` only."""

    def __init__(self, link: socket.socket, record) -> None:
        self.link, self.record, self.kept, self.at = link, record, b"", 0

    def _more(self) -> None:
        data = self.link.recv(65536)
        if not data:
            raise EOFError
        self.record(data)
        self.kept, self.at = self.kept[self.at :] + data, 0

    def _take(self, end: int) -> bytes:
        found = self.kept[self.at : end]
        self.at = end
        return found

    def until(self, mark: bytes) -> bytes:
        while (found := self.kept.find(mark, self.at)) < 0:
            self._more()
        return self._take(found + len(mark))

    def exactly(self, count: int) -> bytes:
        while len(self.kept) - self.at < count:
            self._more()
        return self._take(self.at + count)
