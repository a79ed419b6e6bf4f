"""A server whose answers take a stated time, some of them errors: what a measurement is measured against.

`python3 steady.py PORT SECONDS EVERY`: answers after SECONDS in the mean, a quarter more or less, so that clients that begin
together do not go on together; every EVERYth is a 500.
"""

import asyncio
import sys


class Steady(asyncio.Protocol):
    count = 0

    def connection_made(self, transport) -> None:
        self.transport, self.head = transport, b""

    def data_received(self, data: bytes) -> None:
        self.head += data
        while b"\r\n\r\n" in self.head:
            _, _, self.head = self.head.partition(b"\r\n\r\n")
            Steady.count += 1
            status = b"500 Internal Server Error" if Steady.count % EVERY == 0 else b"200 OK"
            # The golden ratio's multiples are spread evenly over one.
            part = 0.75 + Steady.count * 0.6180339887 % 1 / 2
            asyncio.get_running_loop().call_later(SECONDS * part, self.answer, status)

    def answer(self, status: bytes) -> None:
        self.transport.write(b"HTTP/1.1 %s\r\nContent-Length: 3\r\n\r\nok\n" % status)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Steady, "127.0.0.1", int(sys.argv[1]), backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    SECONDS, EVERY = float(sys.argv[2]), int(sys.argv[3])
    asyncio.run(main())
