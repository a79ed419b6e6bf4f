"""A service that takes its time, by PORT and REPLICA: DELAY seconds of waiting and BURN seconds of CPU a request.

GET /healthz says ok at once; START is how many seconds it takes before it listens. The replica that
SLOW names takes four times as long.
"""

import asyncio
import os
import time

DELAY, BURN, START = (float(os.environ.get(name, "0")) for name in ("DELAY", "BURN", "START"))
if os.environ["REPLICA"] == os.environ.get("SLOW"):
    DELAY *= 4


class Replica(asyncio.Protocol):
    def connection_made(self, transport) -> None:
        self.transport, self.head = transport, b""

    def data_received(self, data: bytes) -> None:
        self.head += data
        while b"\r\n\r\n" in self.head:
            head, _, self.head = self.head.partition(b"\r\n\r\n")
            if head.startswith(b"GET /healthz "):
                self.answer(b"ok\n")
                continue
            until = time.process_time() + BURN
            while time.process_time() < until:
                pass
            asyncio.get_running_loop().call_later(DELAY, self.answer, f"{os.environ['REPLICA']}\n".encode())

    def answer(self, body: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


async def main() -> None:
    # What a program does before it can serve: a deadline of the service, not of a test.
    await asyncio.sleep(START)
    server = await asyncio.get_running_loop().create_server(Replica, "127.0.0.1", int(os.environ["PORT"]), backlog=1024)
    print("serving", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
