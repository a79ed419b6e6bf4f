"""Clients that send what `mutations` makes, many at once, and what came back to each."""

import asyncio
import dataclasses
import random

from EndToEnd.desync.mutations import conversation

TOGETHER = 24
# Of the conversations, that many have something wrong in them.
WRONG = 0.75
SECONDS = 20


@dataclasses.dataclass
class Answer:
    status: int
    # What the server saw, by its own word; None when Ballast answered.
    seen: tuple[str, str] | None
    body: bytes
    whole: bool


@dataclasses.dataclass
class Outcome:
    number: int
    sent: bytes
    received: bytes
    wrong: bool
    # The connection was still open when the time was over.
    hung: bool = False
    methods: list[str] = dataclasses.field(default_factory=list)


async def hold(port: int, seed: int, numbers: range) -> list[Outcome]:
    """All conversations of these numbers; each is the same whenever its seed and number are."""
    todo = iter(numbers)
    outcomes: list[Outcome] = []

    async def work() -> None:
        for number in todo:
            outcomes.append(await _one(port, seed, number))

    await asyncio.gather(*(work() for _ in range(TOGETHER)))
    return outcomes


def drafted(seed: int, number: int) -> tuple[list[bytes], bool]:
    chance = random.Random(f"{seed}/{number}")
    wrong = chance.random() < WRONG
    return conversation(chance, number, wrong), wrong


async def _one(port: int, seed: int, number: int) -> Outcome:
    segments, wrong = drafted(seed, number)
    outcome = Outcome(number, b"".join(segments), b"", wrong)
    # Addresses of their own, so that ports suffice.
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(f"127.0.0.{number % 200 + 1}", 0))
    try:
        async with asyncio.timeout(SECONDS):
            receiving = asyncio.ensure_future(_all(reader))
            try:
                for segment in segments:
                    writer.write(segment)
                    await writer.drain()
                    await asyncio.sleep(0)
                # Nothing more comes: who waits for the rest of a body need not.
                writer.write_eof()
            except OSError:
                pass
            outcome.received = await receiving
    except TimeoutError:
        outcome.hung = True
    finally:
        writer.close()
    return outcome


async def _all(reader: asyncio.StreamReader) -> bytes:
    """Up to the end, however it came."""
    received = bytearray()
    try:
        while data := await reader.read(65536):
            received += data
    except OSError:
        pass
    return bytes(received)


def answers(received: bytes, methods: list[str]) -> list[Answer]:
    """The answers in order; `methods` are those of the requests they belong to."""
    found: list[Answer] = []
    while received:
        head, mark, received = received.partition(b"\r\n\r\n")
        status = int(head[9:12]) if head.startswith(b"HTTP/1.1 ") else 0
        if not mark or status == 0:
            found.append(Answer(0, None, head, False))
            break
        if status < 200:
            continue
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])}
        method = methods[len(found)] if len(found) < len(methods) else ""
        body, received, whole = _body(fields, received, bodiless=method == "HEAD" or status in (204, 304))
        found.append(Answer(status, _seen(fields.get(b"x-seen")), body, whole))
    return found


def _seen(value: bytes | None) -> tuple[str, str] | None:
    """`ID TARGET`, or with the whole request line from Apache."""
    if value is None:
        return None
    words = value.decode("latin-1").split(" ")
    return words[0], words[2] if len(words) == 4 else words[-1]


def _body(fields: dict[bytes, bytes], data: bytes, bodiless: bool) -> tuple[bytes, bytes, bool]:
    if bodiless:
        return b"", data, True
    if fields.get(b"transfer-encoding") == b"chunked":
        body = b""
        while True:
            size, mark, data = data.partition(b"\r\n")
            if not mark:
                return body, b"", False
            count = int(size, 16)
            if count == 0:
                return body, data.removeprefix(b"\r\n"), data.startswith(b"\r\n")
            body, data = body + data[:count], data[count + 2:]
    length = int(fields.get(b"content-length", b"0"))
    return data[:length], data[length:], len(data) >= length
