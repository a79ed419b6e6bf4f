import Glibc
import LibFuzzer
import Primitives
import Tracing

/// A traceparent and a collector's answer of any bytes; then events in any order for the export: what it
/// holds stays in its bound, no span is both lost and delivered, and none is forgotten.
// Named as libFuzzer's own main wants it, though ours is used.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  if let context = TraceContext(bytes.span, 0..<count) {
    guard !context.trace.isZero, context.parent != 0 else { fatalError("a trace of zero") }
  }
  _ = OTLPAnswer(protobuf: bytes)
  export(bytes)
  return 0
}

private struct Item: ExportItem {
  var spanCount: Int
}

private func export(_ bytes: [UInt8]) {
  var limits = ExportLimits()
  limits.batchSpans = 16
  limits.heldSpans = 64
  var machine = ExportMachine<Item>(limits: limits)
  var random = SeededRandom(seed: 1)
  var now = Instant(nanoseconds: 1)
  var sending: Int?
  var (offered, delivered) = (0, 0)
  var hasEnded = false
  for byte in bytes where !hasEnded {
    now = now + .milliseconds(Int64(byte) * 37)
    let event: ExportMachine<Item>.Event
    switch byte % 8 {
    case 0...2:
      let count = Int(byte >> 3) % 7 + 1
      offered += count
      event = .offered([Item(spanCount: count)])
    case 3 where sending != nil:
      let rejected = Int(byte >> 4)
      let kept = max(0, (sending ?? 0) - rejected)
      delivered += kept
      sending = nil
      event = .answered(.delivered(rejectedSpans: rejected))
    case 4 where sending != nil:
      sending = nil
      event = .answered(.refused)
    case 5 where sending != nil:
      sending = nil
      event = .answered(.failed(after: byte > 128 ? .seconds(Int64(byte)) : nil))
    case 6 where byte == 254: event = .ending
    default: event = .due
    }
    switch machine.handle(event, random: &random, now: now) {
    case .send(let items):
      guard sending == nil, !items.isEmpty else { fatalError("sent while something is under way") }
      sending = items.reduce(0) { $0 + $1.spanCount }
    case .wait: break
    case .end: hasEnded = true
    }
    let losses = machine.losses
    let lost =
      losses.queueFull + losses.refused + losses.expired + losses.rejected + losses.ended
    // What is sent just now stays, whatever comes.
    guard machine.heldSpans <= limits.heldSpans + limits.batchSpans + 7 else {
      fatalError("\(machine.heldSpans) spans are held")
    }
    guard offered == delivered + lost + machine.heldSpans else { fatalError("spans are forgotten") }
  }
}

@main
struct Program {
  static func main() { exit(fuzzer_run(CommandLine.argc, CommandLine.unsafeArgv, fuzz)) }
}
