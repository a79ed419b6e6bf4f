import Glibc
import LibFuzzer
import Wire

/// A chunked body comes to the same whole, byte by byte and in pieces, and to what the plain
/// decoder of the tests makes of it.
// Named as libFuzzer's own main wants it, though ours is used.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let bytes = [UInt8](UnsafeBufferPointer(start: start + 1, count: count - 1))
  let whole = decode(bytes, step: bytes.count)
  precondition(decode(bytes, step: 1) == whole, "byte by byte it is another body")
  precondition(decode(bytes, step: Int(start[0]) + 1) == whole, "in pieces it is another body")
  switch (whole, PlainChunkedDecoder.decode(bytes)) {
  case (.complete(let content, let taken), .complete(let expected, let expectedTaken)):
    precondition(content == expected && taken == expectedTaken, "another content or end")
  case (.incomplete, .incomplete), (.refused(.badChunk), .bad): break
  // The plain decoder has no limits.
  case (.refused(.overheadTooLarge), _): break
  default: preconditionFailure("taken by one, refused by the other")
  }
  return 0
}

private enum Decoded: Equatable {
  case complete([UInt8], taken: Int)
  case incomplete([UInt8])
  case refused(BodyError)
}

private func decode(_ bytes: [UInt8], step: Int) -> Decoded {
  var decoder = BodyDecoder(.chunked)
  var content: [UInt8] = []
  var at = 0
  while at < bytes.count {
    var piece = Array(bytes[at..<min(bytes.count, at + step)])
    do throws(BodyError) {
      var span = piece.mutableSpan
      let found = try decoder.decode(&span, 0..<span.count)
      precondition(found.isComplete == decoder.isComplete)
      precondition(found.isComplete || found.end == piece.count, "bytes are left over")
      content += piece[found.content]
      at += found.end
      if found.isComplete { return .complete(content, taken: at) }
    } catch { return .refused(error) }
  }
  return .incomplete(content)
}

@main
struct Program {
  static func main() { exit(fuzzer_run(CommandLine.argc, CommandLine.unsafeArgv, fuzz)) }
}
