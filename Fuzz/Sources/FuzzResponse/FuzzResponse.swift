import Glibc
import LibFuzzer
import Primitives
import Proxying
import Wire

/// An answer that we take is relayed as an answer that we would take, of the same status and body, with a
/// cookie of ours or without. The cookie that a server sets is found in its own field.
// Named as libFuzzer's own main wants it, though ours is used.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let bytes = [UInt8](UnsafeBufferPointer(start: start + 1, count: count - 1))
  let isHead = start[0] & 1 == 1
  let isOldClient = start[0] & 2 == 2
  let hasCookie = start[0] & 4 == 4
  guard let head = read(bytes, isHead: isHead) else { return 0 }
  guard head.count < HeadLimits.bytes - 1024, head.fields.count < HeadLimits.fields - 6 else {
    return 0
  }
  var writer = ByteWriter(capacity: 2 * HeadLimits.bytes)
  if head.isInterim {
    RelayedAnswer.writeInterim(head, bytes.span, to: &writer)
  } else {
    let framing = AnswerFraming(head.framing, isOldClient: isOldClient)
    RelayedAnswer.write(
      head, bytes.span, framing: framing, isOldClient: isOldClient,
      keepsConnection: framing != .untilClose, cookie: hasCookie ? cookie : nil, to: &writer)
  }
  let relayed = [UInt8](writer.bytes)
  guard let again = read(relayed, isHead: isHead) else {
    preconditionFailure("we relay what we would refuse")
  }
  precondition(again.count == relayed.count && again.status == head.status)
  if hasCookie, !head.isInterim { precondition(value(again, relayed, cookie.name) == cookie.token) }
  if let value = SetCookieField.find(head, bytes.span, name: Array("a".utf8)) {
    precondition(!value.isEmpty && value.upperBound < head.count)
    precondition(bytes[value.lowerBound - 1] == UInt8(ascii: "="))
  }
  if head.framing == .none || isOldClient { return 0 }
  switch head.framing {
  case .length: precondition(again.framing == head.framing)
  case .chunked, .untilClose: precondition(again.framing == .chunked)
  case .none: break
  }
  return 0
}

private let cookie = SessionCookie(
  name: Array("b".utf8), token: Array("token".utf8), age: .seconds(60), isSecure: true)

private func value(_ head: ResponseHead, _ bytes: [UInt8], _ name: [UInt8]) -> [UInt8]? {
  SetCookieField.find(head, bytes.span, name: name).map { Array(bytes[$0]) }
}

private func read(_ bytes: [UInt8], isHead: Bool) -> ResponseHead? {
  var head = ResponseHead()
  return (try? head.read(bytes.span, isHead: isHead)) == true ? head : nil
}

@main
struct Program {
  static func main() { exit(fuzzer_run(CommandLine.argc, CommandLine.unsafeArgv, fuzz)) }
}
