"""A server whose connections do what a test says, and clients that speak in raw bytes."""

import socket
import struct
import threading
from collections.abc import Callable

PATIENCE_SECONDS = 10


class Scripted:
    """`script(link, number)` serves one connection; they are numbered from 0. It may end by any error
    of its socket."""

    def __init__(self, script: Callable[["Link", int], None]) -> None:
        self.script = script
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.links: list[Link] = []
        self.failures: list[BaseException] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        # Closing alone does not wake a thread that waits in accept.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for link in self.links:
            link.close()
        assert not self.failures, self.failures

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self.listener.accept()
            except OSError:
                return
            link = Link(accepted)
            self.links.append(link)
            threading.Thread(target=self._serve, args=(link, len(self.links) - 1), daemon=True).start()

    def _serve(self, link: "Link", number: int) -> None:
        try:
            self.script(link, number)
        except (OSError, EOFError):
            pass
        except BaseException as failure:
            self.failures.append(failure)
        finally:
            link.close()


class Link:
    """One connection, of either side."""

    def __init__(self, link: socket.socket) -> None:
        self.socket, self.kept = link, b""
        link.settimeout(PATIENCE_SECONDS)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def until(self, mark: bytes) -> bytes:
        while mark not in self.kept:
            self._more()
        found, _, self.kept = self.kept.partition(mark)
        return found + mark

    def exactly(self, count: int) -> bytes:
        while len(self.kept) < count:
            self._more()
        found, self.kept = self.kept[:count], self.kept[count:]
        return found

    def rest(self) -> bytes:
        """All up to the end; a reset is an error."""
        while data := self.socket.recv(65536):
            self.kept += data
        found, self.kept = self.kept, b""
        return found

    def head(self) -> bytes:
        return self.until(b"\r\n\r\n")

    def answer(self) -> tuple[int, bytes]:
        """Status and body of an answer with Content-Length, interim answers left out."""
        while True:
            head = self.head()
            status = int(head[9:12])
            if status >= 200:
                break
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        return status, self.exactly(length)

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self) -> None:
        self.socket.close()

    def _more(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise EOFError
        self.kept += data


def connect(port: int) -> Link:
    return Link(socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS))


def ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
