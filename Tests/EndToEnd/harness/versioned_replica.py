"""A service in a version that is good or bad, by PORT, VERSION and MODE.

good; crash: ends at once; never: /healthz is 503; errors: one answer of twenty is 500; slow: five times the time of the
others; leak: 2 MiB more memory with each request, until LIMIT MiB are held, which ends it as its limit of memory would.
An Upgrade is answered, and then every byte comes back.
"""

import asyncio
import base64
import hashlib
import os
import sys

VERSION, MODE = os.environ.get("VERSION", "0"), os.environ.get("MODE", "good")
DELAY = 0.1 if MODE == "slow" else 0.02
LIMIT = int(os.environ.get("LIMIT", "64"))
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
held: list[bytes] = []
answered = 0


class Replica(asyncio.Protocol):
    def connection_made(self, transport) -> None:
        self.transport, self.head, self.switched = transport, b"", False

    def data_received(self, data: bytes) -> None:
        if self.switched:
            self.transport.write(data)
            return
        self.head += data
        while b"\r\n\r\n" in self.head:
            head, _, self.head = self.head.partition(b"\r\n\r\n")
            self.take(head)

    def take(self, head: bytes) -> None:
        global answered
        if head.startswith(b"GET /healthz "):
            return self.answer(503 if MODE == "never" else 200, b"health\n")
        key = [line[19:].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key: ")]
        if key:
            accept = base64.b64encode(hashlib.sha1(key[0] + GUID).digest())
            self.switched = True
            self.transport.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: %s\r\n\r\n" % accept)
            return
        if MODE == "leak":
            held.append(os.urandom(2 << 20))
            if 2 * len(held) > LIMIT:
                print(f"out of memory at {2 * len(held)} MiB", flush=True)
                os._exit(137)
        answered += 1
        status = 500 if MODE == "errors" and answered % 20 == 0 else 200
        asyncio.get_running_loop().call_later(DELAY, self.answer, status, f"{VERSION}\n".encode())

    def answer(self, status: int, body: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))


async def main() -> None:
    if MODE == "crash":
        print(f"version {VERSION} cannot start: no such table", flush=True)
        sys.exit(3)
    server = await asyncio.get_running_loop().create_server(Replica, "127.0.0.1", int(os.environ["PORT"]), backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
