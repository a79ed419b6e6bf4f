import Testing
import Tracing

@Suite struct TraceContextTests {
  static let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

  private func context(_ text: String) -> TraceContext? {
    let bytes = Array("x\(text)y".utf8)
    return TraceContext(bytes.span, 1..<(bytes.count - 1))
  }

  @Test func `a traceparent says who asks, in which trace, and whether it is sampled`() {
    let context = context(Self.good)
    #expect(
      context?.trace == TraceIdentifier(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736))
    #expect(context?.parent == 0x00f0_67aa_0ba9_02b7)
    #expect(context?.flags == .sampled)
    #expect(self.context("\(Self.good.dropLast(2))00")?.flags.contains(.sampled) == false)
    #expect(self.context("\(Self.good.dropLast(2))03")?.flags == [.sampled, .random])
  }

  @Test func `a later version may have more behind it`() {
    #expect(context("01\(Self.good.dropFirst(2))-more")?.parent == 0x00f0_67aa_0ba9_02b7)
    #expect(context("01\(Self.good.dropFirst(2))")?.parent == 0x00f0_67aa_0ba9_02b7)
    #expect(context("01\(Self.good.dropFirst(2))more") == nil)
  }

  @Test(arguments: [
    "ff\(good.dropFirst(2))", good.uppercased(), String(good.dropLast()), good + "-more", "",
    "evil",
    "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    good.replacing("-", with: "_"), "0x" + good.dropFirst(2),
  ])
  func `anything else is none`(text: String) {
    #expect(context(text) == nil)
  }

  @Test func `spans below a request have numbers of their own`() {
    for span: UInt64 in [1, 0x00f0_67aa_0ba9_02b7, .max] {
      var seen: Set<UInt64> = [0, span]
      for number in 0..<1_000 {
        for place in [
          SpanIdentifier.attempt(number), SpanIdentifier.connection(of: number),
          SpanIdentifier.wait(number),
        ] {
          #expect(seen.insert(SpanIdentifier.child(of: span, place)).inserted)
        }
      }
    }
  }
}
