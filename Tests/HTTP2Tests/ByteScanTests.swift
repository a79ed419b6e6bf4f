import Primitives
import Testing
import Wire

@testable import HTTP2

struct ByteScanTests {
  private func hasControls(_ bytes: [UInt8]) -> Bool { bytes.span.hasControls }
  private func isVisible(_ bytes: [UInt8]) -> Bool { bytes.span.isVisible }
  private func isValue(_ bytes: [UInt8]) -> Bool { FieldRules.isValue(bytes.span) }
  private func isName(_ bytes: [UInt8]) -> Bool { FieldRules.isName(bytes.span) }

  @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 17, 23])
  func `every byte counts wherever it stands`(count: Int) {
    for place in 0..<count {
      for byte in UInt8.min...UInt8.max {
        var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: count)
        bytes[place] = byte
        #expect(hasControls(bytes) == (byte < 32 || byte == 127))
        #expect(isVisible(bytes) == (byte > 32 && byte < 127))
        let isEnd = place == 0 || place == count - 1
        let isBlank = byte == Octets.tab || byte == Octets.space
        let isGood = isBlank ? !isEnd : byte >= 32 && byte != 127
        #expect(isValue(bytes) == isGood)
        let isCapital = byte >= 65 && byte <= 90
        #expect(isName(bytes) == (Octets.isToken(byte) && !isCapital))
      }
    }
    let none = [UInt8](repeating: UInt8(ascii: "x"), count: count)
    #expect(!hasControls(none))
    #expect(isVisible(none))
  }
}
