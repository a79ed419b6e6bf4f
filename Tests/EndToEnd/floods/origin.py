"""The server behind while clients attack: `origin.py PORT`. /large is 8 MiB; a body is read whole before the answer."""

import asyncio
import socket
import sys

LARGE = b"x" * (8 << 20)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            body = LARGE if head.startswith(b"GET /large ") else b"ok\n"
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
            # In parts, so that an answer that nobody takes is not copied for each.
            for begin in range(0, len(body), 65536):
                writer.write(body[begin:begin + 65536])
                await writer.drain()
    except (asyncio.IncompleteReadError, OSError):
        pass
    finally:
        writer.close()


async def main() -> None:
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=4096)
    # Else the kernel takes megabytes for each slow reader, and the work of copying them would be what honest clients notice.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    async with await asyncio.start_server(serve, sock=listener) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
