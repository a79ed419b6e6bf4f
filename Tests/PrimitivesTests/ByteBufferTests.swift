import Primitives
import Testing

@Suite struct ByteBufferTests {
  private func contents(_ buffer: borrowing ByteBuffer) -> [UInt8] { unsafe Array(buffer.bytes) }

  private func append(_ bytes: [UInt8], to buffer: inout ByteBuffer) {
    unsafe bytes.withUnsafeBytes { unsafe buffer.append($0) }
  }

  @Test func `an empty buffer owns nothing`() {
    var buffer = ByteBuffer()
    append([], to: &buffer)
    buffer.removeFirst(0)
    buffer.truncate(to: 0)
    let base = unsafe buffer.bytes.baseAddress
    #expect(unsafe base == nil)
    #expect(buffer.isEmpty && contents(buffer).isEmpty)
  }

  @Test func `memory to read into begins as zeros`() {
    let buffer = ByteBuffer(zeroed: 100)
    #expect(contents(buffer) == [UInt8](repeating: 0, count: 100))
    unsafe buffer.mutableBytes[99] = 7
    #expect(contents(buffer)[99] == 7)
    var none = ByteBuffer(zeroed: 0)
    append([1, 2], to: &none)
    #expect(contents(none) == [1, 2])
  }

  @Test func `the heap is given back with the last byte`() {
    var buffer = ByteBuffer()
    append([1, 2, 3], to: &buffer)
    buffer.removeFirst(3)
    let base = unsafe buffer.bytes.baseAddress
    #expect(unsafe base == nil)
    append([4], to: &buffer)
    buffer.truncate(to: 0)
    let after = unsafe buffer.bytes.baseAddress
    #expect(unsafe after == nil)
  }

  @Test func `any order of operations leaves what an array would hold`() {
    for seed in UInt64(1)...20 {
      var random = SeededRandom(seed: seed)
      var buffer = ByteBuffer()
      var model: [UInt8] = []
      for step in 0..<500 {
        switch random.below(6) {
        case 0...2:
          let bytes = (0..<random.below(90)).map { UInt8(truncatingIfNeeded: $0 &+ step) }
          append(bytes, to: &buffer)
          model += bytes
        case 3:
          let count = random.below(model.count + 1)
          buffer.removeFirst(count)
          model.removeFirst(count)
        case 4:
          let count = model.count - random.below(min(model.count, 8) + 1)
          buffer.truncate(to: count)
          model = Array(model.prefix(count))
        default:
          guard random.below(20) == 0 else { continue }
          buffer.removeAll()
          model = []
        }
        guard contents(buffer) == model, buffer.count == model.count else {
          Issue.record("seed \(seed), step \(step)")
          return
        }
      }
    }
  }
}
