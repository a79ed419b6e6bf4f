"""Clients that keep connections busy, and count everything that a user would have noticed."""

import asyncio
import os
import socket
import threading
import time

import websockets.asyncio.client
import websockets.asyncio.server

from EndToEnd.harness.scripted import Link, connect

FULL = bool(os.environ.get("BALLAST_FULL"))
"""`BALLAST_FULL=1 make e2e ARGS='-k upgrades'` runs the sizes that the project promises."""


class Client(threading.Thread):
    """One connection that asks again and again; `failures` has what went wrong."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port, self.done, self.failures = port, 0, []
        self.ended = threading.Event()

    def run(self) -> None:
        try:
            self.work()
        except Exception as problem:
            self.failures.append(f"{type(self).__name__} after {self.done}: {problem!r}")

    def work(self) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        self.ended.set()
        self.join(60)
        assert not self.is_alive(), "a client hangs"


class KeepAlive(Client):
    """Requests on a connection that is kept until an answer says that it closes. Whatever else ends it is
    a failure: a request that was sent and not answered is one for whoever sent it."""

    def __init__(self, port: int, pause: float = 0.0) -> None:
        super().__init__(port)
        self.pause, self.connections = pause, 0

    def work(self) -> None:
        link: Link | None = None
        while not self.ended.wait(self.pause):
            if link is None:
                link = connect(self.port)
                self.connections += 1
            link.send(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
            head = link.head().lower()
            assert head.startswith(b"http/1.1 200 "), head
            link.exactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
            self.done += 1
            if b"connection: close" in head:
                link.close()
                link = None


class Knocking(Client):
    """A new connection for each request, as a stream of new clients."""

    def work(self) -> None:
        while not self.ended.is_set():
            link = connect(self.port)
            link.send(b"GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
            head = link.head()
            assert head.startswith(b"HTTP/1.1 200 "), head
            link.rest()
            link.close()
            self.done += 1


class Download(Client):
    """One answer without end, which comes in numbered parts: none may be missing."""

    def work(self) -> None:
        link = connect(self.port)
        link.send(b"GET /endless HTTP/1.1\r\nHost: shop\r\n\r\n")
        assert link.head().startswith(b"HTTP/1.1 200 ")
        text = b""
        while not self.ended.is_set():
            # Chunks are the way's own: several parts may come in one.
            text += link.exactly(int(link.until(b"\r\n"), 16) + 2)[:-2]
            *parts, text = text.split(b"\n")
            for part in parts:
                assert int(part) == self.done, part
                self.done += 1
        link.close()


class Echo(Client):
    """A TCP stream that comes back as it went."""

    def work(self) -> None:
        link = connect(self.port)
        while not self.ended.wait(0.02):
            sent = b"%d " % self.done + os.urandom(64)
            link.send(sent)
            assert link.exactly(len(sent)) == sent
            self.done += 1
        link.socket.shutdown(socket.SHUT_WR)
        assert link.rest() == b""


class LongPoll(Client):
    """Requests that are answered after a while."""

    def work(self) -> None:
        link = connect(self.port)
        while not self.ended.is_set():
            link.send(b"GET /late HTTP/1.1\r\nHost: shop\r\n\r\n")
            head = link.head().lower()
            assert head.startswith(b"http/1.1 200 "), head
            link.exactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
            self.done += 1
            if b"connection: close" in head:
                link.close()
                link = connect(self.port)


class WebSockets(Client):
    """Many WebSockets of a real library, each with a message that comes back, again and again."""

    def __init__(self, port: int, count: int) -> None:
        super().__init__(port)
        self.count = count

    def work(self) -> None:
        asyncio.run(self._all())

    async def _all(self) -> None:
        await asyncio.gather(*(self._one(number) for number in range(self.count)))

    async def _one(self, number: int) -> None:
        async with websockets.asyncio.client.connect(
            f"ws://127.0.0.1:{self.port}/chat", proxy=None, compression=None
        ) as link:
            turn = 0
            while not self.ended.is_set():
                await link.send(f"{number} {turn}")
                assert await link.recv() == f"{number} {turn}"
                turn += 1
                self.done += 1
                await asyncio.sleep(0.1)


class EchoServer(threading.Thread):
    """A WebSocket server that sends back what comes."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.port, self.loop = 0, asyncio.new_event_loop()
        self.listens, self.ended = threading.Event(), asyncio.Event()
        self.start()
        self.listens.wait(10)

    def run(self) -> None:
        self.loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        async def echo(link) -> None:
            async for message in link:
                await link.send(message)

        async with websockets.asyncio.server.serve(echo, "127.0.0.1", 0, compression=None) as server:
            self.port = server.sockets[0].getsockname()[1]
            self.listens.set()
            await self.ended.wait()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.ended.set)
        self.join(10)


def echoing(link: Link, number: int) -> None:
    """A script for `Scripted`: sends back what comes, to its end."""
    while data := link.socket.recv(65536):
        link.send(data)


def endless(link: Link, number: int) -> None:
    """A script for `Scripted`: answers everything, `/endless` in parts until the client leaves, `/late`
    after a third of a second."""
    part = 0
    while True:
        head = link.head()
        if head.startswith(b"GET /endless "):
            link.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                text = b"%d\n" % part
                link.send(b"%x\r\n%s\r\n" % (len(text), text))
                part += 1
                time.sleep(0.02)
        if head.startswith(b"GET /late "):
            time.sleep(0.3)
        link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n")
