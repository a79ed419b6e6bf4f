import Glibc
import LibFuzzer
import Messaging

/// Whatever a server of NATS or Redis answers, the session says the same of it in any pieces, and
/// never more acknowledgements than there were messages.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let bytes = [UInt8](UnsafeBufferPointer(start: start + 1, count: count - 1))
  let step = Int(start[0] >> 2) + 1
  for session in sessions(Int(start[0] & 3)) {
    let whole = talk(session, bytes, step: bytes.count)
    precondition(talk(session, bytes, step: step) == whole, "in pieces it is another talk")
  }
  return 0
}

private struct Said: Equatable {
  var progress: SinkProgress
  var acknowledged: Int
  var refusal: SinkRefusal?
}

private let messages = (1...2).map {
  SinkMessage(number: Int64($0), id: "i\($0)", topic: "event.a", body: Array("{}".utf8))
}

/// One that begins, and one that is open and waits for what becomes of two messages.
private func sessions(_ kind: Int) -> [SinkSession] {
  var nats = NATSOptions(subject: "a")
  nats.isJetStream = kind & 1 == 0
  nats.usesTLS = kind == 1
  let fresh: SinkSession =
    kind & 2 == 0
    ? .nats(NATSSession(nats, secret: "s"))
    : .redis(RedisSession(RedisOptions(stream: "s", maxLength: kind == 2 ? nil : 7)))
  var open = fresh
  let greeting =
    kind & 2 == 0
    ? #"INFO {"headers":true,"tls_required":\#(kind == 1)}"# + "\r\n" : "+PONG\r\n+OK\r\n+OK\r\n"
  open.receive(greeting.utf8)
  if open.progress == .wantsTLS { open.secured() }
  if kind & 2 == 0 { open.receive("PONG\r\n".utf8) }
  precondition(open.progress == .ready)
  open.send(messages)
  return [fresh, open]
}

private func talk(_ session: SinkSession, _ bytes: [UInt8], step: Int) -> Said {
  var session = session
  var at = 0
  while at < bytes.count {
    let end = min(bytes.count, at + step)
    session.receive(bytes[at..<end])
    precondition((0...messages.count).contains(session.acknowledged), "too many acknowledgements")
    at = end
  }
  return Said(
    progress: session.progress, acknowledged: session.acknowledged, refusal: session.refusal)
}

@main
struct Program {
  static func main() { exit(fuzzer_run(CommandLine.argc, CommandLine.unsafeArgv, fuzz)) }
}
