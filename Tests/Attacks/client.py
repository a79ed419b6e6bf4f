"""The client of an attack: sends raw bytes, reads answers, and tells a clean end from a cut."""

import dataclasses
import socket
import threading
import time


class Cut(Exception):
    """The connection ended inside an answer; `answer` is what came."""

    def __init__(self, answer: "Answer | None") -> None:
        self.answer = answer


@dataclasses.dataclass
class Answer:
    status: int
    head: bytes
    body: bytes = b""


class Client:
    def __init__(self, port: int, seconds: float = 5) -> None:
        self.link = socket.create_connection(("127.0.0.1", port), seconds)
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.seconds = seconds
        self.received = b""
        self.kept = b""
        self.interim: list[int] = []

    def send(self, segments: list[bytes]) -> None:
        """The proxy may close before all is sent; what it answered is still read.

        Sending goes on beside reading, or both sides could wait for the other.
        """

        def run() -> None:
            try:
                for segment in segments:
                    self.link.sendall(segment)
            except OSError:
                pass

        self.sender = threading.Thread(target=run, daemon=True)
        self.sender.start()
        if sum(map(len, segments)) < 100_000:
            self.sender.join()

    def _more(self) -> bool:
        """False at the connection's end, however it came."""
        try:
            data = self.link.recv(65536)
        except ConnectionError:
            return False
        self.received += data
        self.kept += data
        return bool(data)

    def _until(self, mark: bytes) -> bytes | None:
        while mark not in self.kept:
            if not self._more():
                return None
        at = self.kept.index(mark) + len(mark)
        found, self.kept = self.kept[:at], self.kept[at:]
        return found

    def answer(self, to_head: bool = False) -> Answer | None:
        """The next final answer; None when the connection ends before one."""
        while True:
            head = self._until(b"\r\n\r\n")
            if head is None:
                if self.kept:
                    raise Cut(None)
                return None
            status = int(head.split(b" ", 2)[1])
            if status >= 200 or status == 101:
                break
            self.interim.append(status)
        answer = Answer(status, head)
        fields = [line.partition(b":") for line in head.lower().split(b"\r\n")[1:]]
        length = [value.strip() for name, _, value in fields if name == b"content-length"]
        encoding = [value.strip() for name, _, value in fields if name == b"transfer-encoding"]
        assert len(length) <= 1 and not (length and encoding), f"ambiguous answer: {head!r}"
        if to_head or status in (204, 304) or status == 101:
            return answer
        if encoding:
            self._chunks(answer)
        elif length:
            self._take(answer, int(length[0]))
        else:
            while self._more():
                pass
            answer.body, self.kept = self.kept, b""
        return answer

    def _take(self, answer: Answer, count: int) -> None:
        while len(self.kept) < count:
            if not self._more():
                answer.body += self.kept
                raise Cut(answer)
        answer.body += self.kept[:count]
        self.kept = self.kept[count:]

    def _chunks(self, answer: Answer) -> None:
        while True:
            size = self._until(b"\r\n")
            if size is None:
                raise Cut(answer)
            count = int(size, 16)
            if count == 0:
                break
            self._take(answer, count)
            if self._until(b"\r\n") is None:
                raise Cut(answer)
        while (line := self._until(b"\r\n")) != b"\r\n":
            if line is None:
                raise Cut(answer)

    def is_closed(self) -> bool:
        """Waits for the proxy to end the connection; anything more that it sends is kept."""
        deadline = time.monotonic() + self.seconds
        try:
            while time.monotonic() < deadline:
                if not self._more():
                    return True
        except TimeoutError:
            pass
        return False

    def close(self) -> None:
        self.link.close()
