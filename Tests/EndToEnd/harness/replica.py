"""A small HTTP server that stands for a service: `python3 replica.py [PORT] [NAME]`, or by PORT and REPLICA.

GET /healthz says ok, everything else says the replica's name and pid. Fast enough to be put under load.
"""

import asyncio
import os
import sys


class Replica(asyncio.Protocol):
    def __init__(self, name: str) -> None:
        self.body = f"{name} {os.getpid()}\n".encode()
        self.head = b""

    def connection_made(self, transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.head += data
        while b"\r\n\r\n" in self.head:
            head, _, self.head = self.head.partition(b"\r\n\r\n")
            body = b"ok\n" if head.startswith(b"GET /healthz ") else self.body
            last = b"connection: close" in head.lower()
            self.transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n%s\r\n%s"
                % (len(body), b"Connection: close\r\n" if last else b"", body))
            if last:
                self.transport.close()
                return


async def main() -> None:
    port = int(sys.argv[1] if len(sys.argv) > 1 else os.environ["PORT"])
    name = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("REPLICA", str(port))
    server = await asyncio.get_running_loop().create_server(lambda: Replica(name), "127.0.0.1", port, backlog=1024)
    print(f"serving on {port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
