import Glibc
import HTTP2
import LibFuzzer
import Primitives
import Wire

/// Whatever a peer sends, in pieces of whatever size: a session tells of whole heads only, holds what its
/// limits let it hold, and when it has ended says so and nothing more.
// Named as libFuzzer's own main wants it, though ours is used.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let isServer = start[0] & 1 == 0
  let piece = max(1, Int(start[0]) * 3)
  let session = HTTP2Session(role: isServer ? .server : .client, seed: 1)
  let batch = FrameBatch()
  var bytes = isServer ? Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) : []
  bytes += UnsafeBufferPointer(start: start + 1, count: count - 1)
  if !isServer {
    for _ in 0..<3 {
      let head = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
      _ = session.request(head.span, isSecure: false, hasBody: start[0] & 2 == 0, context: 9)
    }
  }
  var now = Instant(nanoseconds: 1)
  var offset = 0
  while offset < bytes.count {
    let end = min(bytes.count, offset + piece)
    bytes[offset..<end].withUnsafeBytes { feed(session, $0, &now) }
    offset = end
    while session.write(to: batch) { batch.removeAll() }
    batch.removeAll()
    take(session, 0)
    precondition(session.openStreams <= 128 + 3, "more streams than are allowed")
    precondition(session.heldBytes >= 0)
  }
  if session.end != nil { precondition(session.isOver, "it has ended, and goes on") }
  return 0
}

private func feed(
  _ session: HTTP2Session, _ bytes: UnsafeRawBufferPointer, _ now: inout Instant
) {
  var offset = 0
  while offset < bytes.count {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
    let taken = session.receive(rest, now: now)
    precondition(taken > 0 && taken <= rest.count, "it reads nothing, or more than there is")
    take(session, rest.count)
    offset += taken
    now = now + .milliseconds(1)
  }
}

private func take(_ session: HTTP2Session, _ count: Int) {
  while let event = session.nextEvent() {
    switch event {
    case .head(let stream, _, let ends):
      checkHead(session)
      guard session.role == .server else { continue }
      _ = session.setContext(stream, Int(stream))
      let head = Array("HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n".utf8)
      guard session.answer(stream, head.span, hasBody: ends) != nil else { continue }
      _ = session.send(stream, session.headText)
      session.end(stream)
    case .data(let stream, _, let range):
      precondition(range.lowerBound >= 0 && range.upperBound <= count, "data out of its bytes")
      session.consume(stream, range.count)
    default: break
    }
  }
}

private func checkHead(_ session: HTTP2Session) {
  let text = Array(session.headText)
  precondition(text.suffix(4) == [13, 10, 13, 10], "a head without an end")
  for index in text.indices.dropLast(4) {
    precondition(text[index...].prefix(4) != [13, 10, 13, 10], "a head with an end in it")
  }
  if session.role == .server {
    var head = RequestHead()
    if let isWhole = try? head.read(text.span) {
      precondition(isWhole && head.count == text.count, "a head that is not all of the text")
    }
  } else {
    var head = ResponseHead()
    if let isWhole = try? head.read(text.span, isHead: false) {
      precondition(isWhole && head.count == text.count, "a head that is not all of the text")
    }
  }
}

@main
struct Program {
  static func main() { exit(fuzzer_run(CommandLine.argc, CommandLine.unsafeArgv, fuzz)) }
}
