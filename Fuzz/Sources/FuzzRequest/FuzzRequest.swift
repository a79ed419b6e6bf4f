import Glibc
import LibFuzzer
import Primitives
import Proxying
import Topology
import Wire

/// 1. A head that comes in two parts is read like one that comes whole.
/// 2. What we forward is read by our own parser to the same meaning: nothing is smuggled through.
/// 3. A body that comes in two parts has the same content and end as one that comes whole.
/// 4. The parts that requests are balanced by and sessions are known by are found inside of the head,
///    whatever stands behind it.
// Named as libFuzzer's own main wants it, though ours is used.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let cut = bytes.last.map({ Int($0) % max(1, bytes.count) }) else { return 0 }
  guard let head = read(bytes) else { return 0 }
  readInTwoParts(bytes, cut, like: head)
  forward(head, bytes)
  findKeys(head, bytes)
  let body = [UInt8](bytes[head.count...])
  let whole = decode(body, head.framing, cut: body.count)
  let parts = decode(body, head.framing, cut: min(cut, body.count))
  precondition(whole == parts, "a cut at \(cut) changes the body")
  return 0
}

private func read(_ bytes: [UInt8]) -> RequestHead? {
  var head = RequestHead()
  return (try? head.read(bytes.span)) == true ? head : nil
}

private func readInTwoParts(_ bytes: [UInt8], _ cut: Int, like whole: RequestHead) {
  var head = RequestHead()
  do {
    // A part that is complete by itself holds the whole head, and more behind it.
    let isComplete = try head.read(bytes.span.extracting(..<cut))
    precondition(isComplete == (cut >= whole.count))
    if !isComplete {
      let isCompleteNow = try head.read(bytes.span)
      precondition(isCompleteNow)
    }
  } catch {
    preconditionFailure("a cut at \(cut) makes a good head bad: \(error)")
  }
  precondition(head.count == whole.count && head.framing == whole.framing)
  precondition(head.fields.count == whole.fields.count && head.hostRange == whole.hostRange)
}

private func forward(_ head: RequestHead, _ bytes: [UInt8]) {
  // Our own fields and the service's name may lead a head over the limit that was just under it.
  guard head.count < HeadLimits.bytes - 1024, head.fields.count < HeadLimits.fields - 8 else {
    return
  }
  var writer = ByteWriter(capacity: 2 * HeadLimits.bytes)
  ForwardedRequest.write(
    head, bytes.span, peer: PeerText(.loopback(port: 1)),
    identifier: ForwardedRequest.Identifier(high: 1, low: 2), defaultHost: Array("shop".utf8),
    to: &writer)
  let forwarded = [UInt8](writer.bytes)
  guard let again = read(forwarded) else { preconditionFailure("we forward what we would refuse") }
  precondition(again.count == forwarded.count, "a second request stands in what we forward")
  precondition(again.framing == head.framing && again.method == head.method)
}

private func findKeys(_ head: RequestHead, _ bytes: [UInt8]) {
  let name = Array("a".utf8)
  if let value = CookieField.find(head, bytes.span, name: name) {
    precondition(isAround(value, head, bytes, .cookie), "a cookie outside of its field")
  }
  if let value = QueryParameter.find(head, bytes.span, name: name) {
    precondition(head.targetRange.lowerBound < value.lowerBound)
    precondition(value.upperBound <= head.targetRange.upperBound)
  }
  for keys in everyKey + [everyKey.flatMap(\.self), []] {
    let whole = hash(keys, head, bytes)
    // What stands behind the head is none of its business.
    precondition(whole == hash(keys, head, Array(bytes[..<head.count])))
  }
}

/// Whether a value lies in a field of that name, behind `name=`.
private func isAround(
  _ value: Range<Int>, _ head: RequestHead, _ bytes: [UInt8], _ name: FieldName
) -> Bool {
  (0..<head.fields.count).contains { index in
    let field = head.fields[index]
    return field.name == name && field.valueRange.lowerBound + 2 <= value.lowerBound
      && value.upperBound <= field.valueRange.upperBound
  }
}

private let everyKey: [[RequestKey]] = [
  [.clientIP], [.clientPort], [.header(Array("x".utf8))], [.header(Array("cookie".utf8))],
  [.cookie(Array("a".utf8))], [.uri], [.path], [.host], [.query(Array("a".utf8))],
  [.time(.seconds(60))],
]

private func hash(_ keys: [RequestKey], _ head: RequestHead, _ bytes: [UInt8]) -> UInt64 {
  RequestKeyHash.hash(
    keys, head, bytes.span, client: ClientAddress(.loopback(port: 1)),
    now: WallTime(milliseconds: 1_800_000_000_000))
}

private struct Decoded: Equatable {
  var content: [UInt8] = []
  var end: Int? = 0
  var isBroken = false
}

private func decode(_ body: [UInt8], _ framing: MessageFraming, cut: Int) -> Decoded {
  var decoder = BodyDecoder(framing)
  var result = Decoded()
  var at = 0
  for part in [Array(body[..<cut]), Array(body[cut...])] where !decoder.isComplete {
    var bytes = part
    do {
      var span = bytes.mutableSpan
      let found = try decoder.decode(&span, 0..<part.count)
      at += found.end
      result.content += bytes[found.content]
    } catch {
      // How much was passed on before the mistake depends on the parts.
      return Decoded(isBroken: true)
    }
  }
  result.end = at
  return result
}

@main
struct Program {
  static func main() { exit(fuzzer_run(CommandLine.argc, CommandLine.unsafeArgv, fuzz)) }
}
