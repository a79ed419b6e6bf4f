"""Requests whose framing is now and then wrong, from a seed."""

import dataclasses
import random

METHODS = ["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH"]
ODD_METHODS = ["BREW", "PROPFIND", "TRACE", "CONNECT", "get", "PO ST", "POST\t", "M-SEARCH", "X" * 40]
LENGTHS = ["+{n}", "-{n}", " {n} ", "{n},{n}", "{n}, {m}", "0{n}", "000000{n}", "0x{n:x}", "", "{n}.0", "{n}e0", "{n} 0", "\t{n}", "{n}\t", "{n};", "{m}",
           "18446744073709551616", "9223372036854775807", "{n}_0", "\x0b{n}"]
ENCODINGS = ["chunked", "Chunked", "CHUNKED", "xchunked", "chunked, chunked", "identity", "identity, chunked", "chunked, identity", "gzip, chunked",
             " chunked ", "\tchunked", "chunked\t", "chunked;q=1", "chun\tked", '"chunked"', "\x0bchunked", "chunked\x00", "", ",chunked", "chunked,", "cow"]
NAMES = ["{name} ", " {name}", "{name}\t", "{lower}", "{upper}", "{name}\x00", "X-{name}", "{under}", "{name}:", "{name}\x0b", "\xa0{name}"]
SIZES = ["0x{n:x}", "+{n:x}", "-{n:x}", " {n:x}", "{n:x} ", "{n:x}\t", "0{n:x}", "{n:X}", "{m:x}", "", "g", "{n:x};a=b", '{n:x};a="b"', "{n:x};", "{n:x};a\rb",
         "{n:x};a\nb", "{n:x}\x00", "fffffffffffffffff", "8000000000000000", "{n:x},", "{n:x} ;a", "{n:x}\r"]
ENDS = ["\n", "\r", "\r\r\n", "\n\r", "\r\n\r\n", "", " \r\n", "\x0b\r\n"]
EXTRA = ["Expect: 100-continue", "Expect: 100-Continue, x", "Expect: other", "Expect:", "Connection: close", "Connection: keep-alive", "Connection: Content-Length",
         "Connection: Transfer-Encoding", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "Upgrade: websocket", "HTTP2-Settings: AAMAAABkAAQAAP__",
         "TE: trailers", "Trailer: X-A", "X-A: a\r\n b", "X-A: a\r\n\tContent-Length: 3", "X-A: a\rContent-Length: 3", "X-A: a\nContent-Length: 3", "X-A", ": a", "X A: a",
         "Content-Length", "Transfer-Encoding", "Host: other", "X-A: " + "a" * 3000, "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive",
         "Content-Encoding: chunked", "Transfer_Encoding: chunked", "Content_Length: 3", "X-Request-Id: mine", "Range: bytes=0-1", "Via: 1.1 a", "Max-Forwards: 0"]
TRAILERS = ["X-A: a", "Content-Length: 3", "Transfer-Encoding: chunked", "Host: evil", "X-A", " X-A: a", "X-A: a\n", "X-A : a", "X-A: \x00"]
STRAY = ["\r", "\n", "\r\n", "\x00", " ", "\t", ":", "\x0b", "0", "\r\n\r\n", ";", "\xff", ",", "\x7f"]


@dataclasses.dataclass
class Draft:
    """A request in parts, so that one part can go wrong."""

    method: str
    target: str
    version: str = "HTTP/1.1"
    fields: list[str] = dataclasses.field(default_factory=list)
    body: str = ""
    chunks: list[tuple[str, str, str, str]] | None = None
    end: str = "\r\n"

    def text(self) -> str:
        body = self.body if self.chunks is None else "".join(map("".join, self.chunks))
        return f"{self.method} {self.target} {self.version}{self.end}" + "".join(field + self.end for field in self.fields) + self.end + body


def conversation(chance: random.Random, number: int, wrong: bool) -> list[bytes]:
    """What one client sends, in segments. `wrong`: one or more of its requests are mutated."""
    count = chance.choice([1, 2, 2, 3, 4, 6])
    victims = set(chance.sample(range(count), chance.randint(1, max(1, count // 2)))) if wrong else set()
    texts = []
    for place in range(count):
        draft = _right(chance, f"/c{number}-{place}")
        if place == count - 1:
            draft.fields.append("Connection: close")
        text = draft.text()
        if place in victims:
            for _ in range(chance.choice([1, 1, 1, 2, 3])):
                chance.choice(DRAFT_MUTATIONS)(chance, draft)
            text = draft.text()
            if chance.random() < 0.25:
                text = _stray(chance, text)
        texts.append(text)
    return _segments(chance, "".join(texts).encode("latin-1"))


def _right(chance: random.Random, target: str) -> Draft:
    draft = Draft(chance.choice(METHODS), target, fields=["Host: shop"])
    for _ in range(chance.choice([0, 0, 1, 3])):
        draft.fields.append(f"X-{chance.randrange(1000)}: {chance.choice(['', 'a', 'b c', 'x' * 200])}")
    kind = chance.random()
    if kind < 0.3:
        return draft
    body = _body(chance, target)
    if kind < 0.65:
        draft.body = body
        draft.fields.insert(chance.randint(1, len(draft.fields)), f"Content-Length: {len(body)}")
    else:
        draft.fields.insert(chance.randint(1, len(draft.fields)), "Transfer-Encoding: chunked")
        draft.chunks = _chunks(chance, body)
    return draft


def _body(chance: random.Random, target: str) -> str:
    kind = chance.random()
    hidden = f"GET {target}-hidden HTTP/1.1\r\nHost: shop\r\n\r\n"
    if kind < 0.35:
        return hidden
    if kind < 0.5:
        return f"0\r\n\r\n{hidden}"
    if kind < 0.6:
        return hidden.removesuffix("\r\n\r\n") + "\r\nX-A: "
    if kind < 0.9:
        return "".join(chance.choice("abcdef0123456789\r\n") for _ in range(chance.choice([0, 1, 5, 60])))
    return "z" * chance.choice([1000, 5000, 40_000])


def _chunks(chance: random.Random, body: str) -> list[tuple[str, str, str, str]]:
    """Size, line end, data, line end; the last one is the end with its trailers."""
    chunks = []
    while body:
        size = chance.choice([1, 3, 10, 100, 10_000, len(body)]) if len(chunks) < 20 else len(body)
        data, body = body[:size], body[size:]
        extension = chance.choice(["", "", "", ";a", ";a=b", ';a="b c"'])
        chunks.append((f"{len(data):x}{extension}", "\r\n", data, "\r\n"))
    trailers = "X-Sum: 1\r\n" if chance.random() < 0.1 else ""
    return [*chunks, ("0", "\r\n", trailers, "\r\n")]


def _segments(chance: random.Random, data: bytes) -> list[bytes]:
    if chance.random() < 0.6:
        return [data]
    cuts = sorted(chance.randrange(len(data) + 1) for _ in range(chance.choice([1, 2, 5, 20])))
    return [part for begin, end in zip([0, *cuts], [*cuts, len(data)]) if (part := data[begin:end])]


# What can go wrong, each with one part of a draft.


def _length(chance: random.Random, draft: Draft) -> None:
    count = len(draft.body)
    other = max(0, count + chance.choice([-1, 1, -3, 5, 40, -count]))
    value = chance.choice(LENGTHS).format(n=count, m=other)
    _put(chance, draft, "Content-Length", value)


def _encoding(chance: random.Random, draft: Draft) -> None:
    _put(chance, draft, "Transfer-Encoding", chance.choice(ENCODINGS))


def _both(chance: random.Random, draft: Draft) -> None:
    _put(chance, draft, "Transfer-Encoding", "chunked")
    _put(chance, draft, "Content-Length", str(len(draft.body) + chance.choice([0, 3, 30])))


def _put(chance: random.Random, draft: Draft, name: str, value: str) -> None:
    """In place of what is there, or beside it."""
    line = f"{name}:{chance.choice([' ', ' ', ' ', '', '  ', chr(9)])}{value}"
    there = [place for place, field in enumerate(draft.fields) if field.startswith(name)]
    if there and chance.random() < 0.6:
        draft.fields[there[0]] = line
    else:
        draft.fields.insert(chance.randint(0, len(draft.fields)), line)


def _name(chance: random.Random, draft: Draft) -> None:
    place = chance.randrange(len(draft.fields)) if draft.fields else None
    if place is None or ":" not in draft.fields[place]:
        return
    name, _, value = draft.fields[place].partition(":")
    fresh = chance.choice(NAMES).format(name=name, lower=name.lower(), upper=name.upper(), under=name.replace("-", "_"))
    draft.fields[place] = f"{fresh}:{value}"


def _chunk(chance: random.Random, draft: Draft) -> None:
    if not draft.chunks:
        return _both(chance, draft)
    place = chance.randrange(len(draft.chunks))
    size, first, data, second = draft.chunks[place]
    kind = chance.random()
    if kind < 0.45:
        count = len(data) if place < len(draft.chunks) - 1 else 0
        size = chance.choice(SIZES).format(n=count, m=max(0, count + chance.choice([-1, 1, 2, 30])))
    elif kind < 0.6:
        first = chance.choice(ENDS)
    elif kind < 0.75:
        second = chance.choice(ENDS)
    elif kind < 0.9 and place == len(draft.chunks) - 1:
        data = "".join(chance.choice(TRAILERS) + "\r\n" for _ in range(chance.randint(1, 3)))
    elif kind < 0.95:
        draft.chunks.pop(place)
        return
    draft.chunks[place] = (size, first, data, second)


def _line_end(chance: random.Random, draft: Draft) -> None:
    if draft.fields and chance.random() < 0.7:
        place = chance.randrange(len(draft.fields))
        draft.fields[place] += chance.choice(["\n", "\r", "\r\n ", "\r\n\t", "\n ", " ", "\x00"]) + chance.choice(["", "X-B: b", "b"])
    else:
        draft.end = "\n"


def _extra(chance: random.Random, draft: Draft) -> None:
    draft.fields.insert(chance.randint(0, len(draft.fields)), chance.choice(EXTRA))


def _twice(chance: random.Random, draft: Draft) -> None:
    if draft.fields:
        draft.fields.insert(chance.randint(0, len(draft.fields)), chance.choice(draft.fields))


def _missing(chance: random.Random, draft: Draft) -> None:
    if draft.fields:
        draft.fields.pop(chance.randrange(len(draft.fields)))


def _method(chance: random.Random, draft: Draft) -> None:
    draft.method = chance.choice(ODD_METHODS)


def _version(chance: random.Random, draft: Draft) -> None:
    draft.version = chance.choice(["HTTP/1.0", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.1 ", "HTTP/1.10", " HTTP/1.1", "", "HTTP/1.1\t"])


def _target(chance: random.Random, draft: Draft) -> None:
    draft.target = chance.choice([
        "http://shop" + draft.target, "http://other" + draft.target, draft.target + "#a", draft.target + "?a=b", draft.target + " x", "*", "//shop" + draft.target,
        draft.target + "%0d%0a", draft.target + "\\", "shop:80", draft.target + "\x00", draft.target + ";a", draft.target.lstrip("/")])


DRAFT_MUTATIONS = [
    _length, _length, _length, _encoding, _encoding, _encoding, _both, _name, _name, _chunk, _chunk, _chunk, _chunk, _line_end, _line_end, _extra, _extra,
    _twice, _missing, _method, _version, _target,
]


def _stray(chance: random.Random, text: str) -> str:
    """A byte too many, too few, or another one, near the places that matter."""
    head = text.find("\r\n\r\n") + 8
    place = chance.randrange(min(len(text), max(head, 1)))
    kind = chance.random()
    if kind < 0.5:
        return text[:place] + chance.choice(STRAY) + text[place:]
    if kind < 0.75:
        return text[:place] + text[place + 1:]
    return text[:place] + chance.choice(STRAY) + text[place + 1:]
