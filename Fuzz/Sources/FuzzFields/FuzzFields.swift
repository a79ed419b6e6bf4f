import Glibc
import HTTP2
import LibFuzzer
import Primitives
import Wire

/// Fields of HTTP/2 become one head of HTTP/1.1 or none, and a head that was read becomes fields that make
/// the same head again.
// Named as libFuzzer's own main wants it, though ours is used.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let first = bytes.first else { return 0 }
  let fields = split(bytes.dropFirst())
  var request = HTTP2RequestText()
  if let text = write(fields, endsStream: first & 1 == 0, &request) {
    checkRequest(text)
  }
  var answer = HTTP2AnswerText()
  do {
    for (name, value) in fields { try answer.add(name.span, value.span) }
    answer.finish()
    if answer.status != nil { checkAnswer(Array(answer.bytes)) }
  } catch {}
  // Whatever text: no reader may trap on it.
  var read = HTTP2Fields()
  bytes.withUnsafeBytes {
    _ = read.readRequest($0, isSecure: false)
    _ = read.readAnswer($0)
    read.readTrailers($0)
  }
  return 0
}

/// A byte for the length of each name and each value.
private func split(_ bytes: ArraySlice<UInt8>) -> [([UInt8], [UInt8])] {
  var fields: [([UInt8], [UInt8])] = []
  var rest = bytes
  func next() -> [UInt8]? {
    guard let length = rest.popFirst() else { return nil }
    let part = Array(rest.prefix(Int(length)))
    rest = rest.dropFirst(part.count)
    return part
  }
  while let name = next() { fields.append((name, next() ?? [])) }
  return fields
}

private func write(
  _ fields: [([UInt8], [UInt8])], endsStream: Bool, _ text: inout HTTP2RequestText
) -> [UInt8]? {
  text.removeAll()
  do {
    for (name, value) in fields { try text.add(name.span, value.span) }
    try text.finish(endsStream: endsStream, nonce: (1, 2))
    return Array(text.bytes)
  } catch {
    return nil
  }
}

private func checkRequest(_ text: [UInt8]) {
  checkEnd(text)
  var head = RequestHead()
  guard let isWhole = try? head.read(text.span) else { return }
  precondition(isWhole && head.count == text.count, "a head that is not all of the text")
  var fields = HTTP2Fields()
  var parts: [([UInt8], [UInt8])] = []
  let isMade = text.withUnsafeBytes {
    let isRead = fields.readRequest($0, isSecure: false)
    for index in 0..<fields.count {
      // As nghttp2 sends them.
      let name = fields[index].name.map { Octets.lowercased($0) }
      parts.append((name, Array(fields[index].value)))
    }
    return isRead
  }
  let count = fields.headCount
  precondition(isMade && count == text.count, "a head that makes no fields")
  var again = HTTP2RequestText()
  precondition(
    write(parts, endsStream: head.framing == .none, &again) != nil,
    "fields of ours that we would refuse")
}

private func checkAnswer(_ text: [UInt8]) {
  checkEnd(text)
  var head = ResponseHead()
  guard let isWhole = try? head.read(text.span, isHead: false) else { return }
  precondition(isWhole && head.count == text.count, "a head that is not all of the text")
  var fields = HTTP2Fields()
  let isRead = text.withUnsafeBytes { fields.readAnswer($0) }
  let count = fields.headCount
  precondition(isRead && count == text.count)
}

private func checkEnd(_ text: [UInt8]) {
  precondition(text.suffix(4) == [13, 10, 13, 10], "a head without an end")
  for index in text.indices.dropLast(4) {
    precondition(text[index...].prefix(4) != [13, 10, 13, 10], "a head with an end in it")
  }
}

@main
struct Program {
  static func main() { exit(fuzzer_run(CommandLine.argc, CommandLine.unsafeArgv, fuzz)) }
}
