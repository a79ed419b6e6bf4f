"""What RFC 7541 asks of a decoder: h2spec's part `hpack`."""

from HTTP2.cases import Suite
from HTTP2.frames import COMPRESSION_ERROR, END_HEADERS, END_STREAM, HEADERS, block, frame, get, integer, text

SUITE = Suite("hpack")
case = SUITE.case


def refused(link, representation: bytes) -> None:
    link.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, block(get()) + representation))
    link.connection_error(COMPRESSION_ERROR)


def check(section: str, name: str, representation: bytes) -> None:
    case(section, name)(lambda link: refused(link, representation))


check("2.3.3", "sends a indexed header field representation with invalid index", integer(70, 7, 0x80))
check("2.3.3", "sends a literal header field representation with invalid index", integer(70, 6, 0x40) + text("test"))
check("4.2", "sends a dynamic table size update at the end of header block", integer(1, 5, 0x20))
# "test" is 49 50 9F in Huffman's code.
check("5.2", "sends a Huffman-encoded string literal representation with padding longer than 7 bits",
      b"\x00" + text("x-test") + b"\x84\x49\x50\x9f\xff")
check("5.2", "sends a Huffman-encoded string literal representation padded by zero",
      b"\x00" + text("x-test") + b"\x83\x49\x50\x90")
check("5.2", "sends a Huffman-encoded string literal representation containing the EOS symbol",
      b"\x00" + text("x-test") + b"\x88\x49\x50\x9f\xff\xff\xff\xff\xff")
check("6.1", "sends a indexed header field representation with index 0", b"\x80")


@case("6.3", "sends a dynamic table size update larger than the value of SETTINGS_HEADER_TABLE_SIZE")
def _(link):
    link.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, integer(4097, 5, 0x20) + block(get())))
    link.connection_error(COMPRESSION_ERROR)
