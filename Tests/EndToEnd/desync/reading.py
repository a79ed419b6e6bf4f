"""The one reading that a client's bytes have by RFC 9112 without its leniencies: the third opinion,
beside Ballast's and the server's."""

import dataclasses

from Attacks.strictness import FIELD, REQUEST_LINE, framing


@dataclasses.dataclass(frozen=True)
class Read:
    method: str
    target: str
    body: bytes
    # False: its end did not come.
    whole: bool = True


def read(data: bytes) -> list[Read]:
    """Up to the first request that is not well-formed; nothing behind it may be served."""
    found: list[Read] = []
    while data:
        if data.startswith(b"\r\n"):
            # RFC 9112 section 2.2: empty lines before a request are to be passed over.
            data = data[2:]
            continue
        head, mark, data = data.partition(b"\r\n\r\n")
        line, *lines = head.split(b"\r\n")
        parts = REQUEST_LINE.match(line)
        fields = [FIELD.match(one) for one in lines]
        if not mark or not parts or not all(fields) or any(b"\r" in one or b"\n" in one or b"\0" in one for one in lines):
            break
        pairs = [(one.group(1).lower(), one.group(2)) for one in fields]
        if framing(pairs) is not None or (parts.group(3) == b"0" and b"transfer-encoding" in dict(pairs)):
            break
        body, rest, well = _body(dict(pairs), data)
        if not well:
            break
        found.append(Read(parts.group(1).decode(), parts.group(2).decode(), body, rest is not None))
        if rest is None:
            break
        data = rest
    return found


def _body(fields: dict[bytes, bytes], data: bytes) -> tuple[bytes, bytes | None, bool]:
    """The body, what stands behind it (None: it does not end), and whether it is well-formed so far."""
    if b"transfer-encoding" not in fields:
        length = int(fields.get(b"content-length", b"0"))
        return data[:length], data[length:] if len(data) >= length else None, True
    body = b""
    while True:
        line, mark, rest = data.partition(b"\r\n")
        size, _, extension = line.partition(b";")
        if not mark:
            return body, None, True
        if not size or len(size) > 16 or size.strip(b"0123456789abcdefABCDEF") or any(byte < 32 and byte != 9 or byte == 127 for byte in extension):
            return body, None, False
        count = int(size, 16)
        if count == 0:
            break
        if len(rest) < count + 2:
            return body + rest[:count], None, rest[count:] in (b"", b"\r")
        if rest[count:count + 2] != b"\r\n":
            return body, None, False
        body, data = body + rest[:count], rest[count + 2:]
    while True:
        line, mark, rest = rest.partition(b"\r\n")
        if not mark:
            return body, None, True
        if not line:
            return body, rest, True
        if not FIELD.match(line) or b"\r" in line or b"\n" in line or b"\0" in line:
            return body, None, False
