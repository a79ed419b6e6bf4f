import Glibc
import LibFuzzer
import Wire

/// The first byte says where the input is cut. A part is never read as a whole message, and what it
/// lacks is more than it has and no more than the whole needs.
// Named as libFuzzer's own main wants it, though ours is used.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let bytes = [UInt8](UnsafeBufferPointer(start: start + 1, count: count - 1))
  let end = min(Int(start[0]) * 4, bytes.count)
  var hello = ClientHello()
  let whole = Result { () throws(ClientHello.Problem) in try hello.read(bytes.span) }
  var part = ClientHello()
  let cut = Result { () throws(ClientHello.Problem) in
    try part.read(bytes.span.extracting(0..<end))
  }
  switch (whole, cut) {
  case (.success(nil), .success(nil)):
    precondition(part.serverName == hello.serverName)
  case (.success(let missing), .success(let needed?)):
    precondition(needed > end)
    if let missing {
      precondition(missing > bytes.count)
    } else {
      precondition(needed <= bytes.count)
    }
  case (.failure, .success(nil)): preconditionFailure("more bytes broke a whole message")
  case (.success, .failure): preconditionFailure("more bytes mended a broken message")
  default: break
  }
  guard case .success(nil) = whole else { return 0 }
  let name = hello.serverName
  precondition(name.count <= 255 && name.last != 46)
  for byte in name {
    let isGood =
      (48...57).contains(byte) || (97...122).contains(byte) || [45, 46, 95].contains(byte)
    precondition(isGood)
  }
  _ = hello.speaks([104, 50])
  return 0
}

@main
struct Program {
  static func main() { exit(fuzzer_run(CommandLine.argc, CommandLine.unsafeArgv, fuzz)) }
}
