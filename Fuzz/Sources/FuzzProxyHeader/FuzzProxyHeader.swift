import Glibc
import LibFuzzer
import Primitives
import Wire

/// A header is the same however its bytes come, ends where it says, and what we write for its addresses
/// is read as the same addresses.
// Named as libFuzzer's own main wants it, though ours is used.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
  let whole = try? ProxyHeader.read(bytes.span)
  for end in 0..<min(count, 300) {
    guard let part = try? ProxyHeader.read(bytes.span.extracting(0..<end)) else { continue }
    precondition(part == whole, "a part says something else than the whole")
  }
  guard let header = whole else { return 0 }
  precondition(header.count >= 8 && header.count <= count)
  precondition((header.source == nil) == (header.destination == nil))
  for version in [ProxyHeader.Version.text, .binary] {
    var writer = ByteWriter(capacity: ProxyHeader.longestBinary)
    ProxyHeader.write(
      version, source: header.source, destination: header.destination, to: &writer)
    let written = [UInt8](writer.bytes)
    guard let again = try? ProxyHeader.read(written.span) else {
      preconditionFailure("we write what we would refuse")
    }
    precondition(again.source == header.source && again.destination == header.destination)
    precondition(again.count == written.count)
  }
  return 0
}

@main
struct Program {
  static func main() { exit(fuzzer_run(CommandLine.argc, CommandLine.unsafeArgv, fuzz)) }
}
