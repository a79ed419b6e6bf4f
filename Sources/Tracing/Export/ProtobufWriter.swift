/// Messages of Protocol Buffers, front to back ("Encoding" of protobuf.dev).
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case delimited = 2
    case fixed32 = 5
  }

  mutating func write(_ field: UInt64, _ number: UInt64) {
    tag(field, .varint)
    varint(number)
  }

  mutating func write(_ field: UInt64, fixed number: UInt64) {
    tag(field, .fixed64)
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  mutating func write(_ field: UInt64, fixed number: UInt32) {
    tag(field, .fixed32)
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  mutating func write(_ field: UInt64, _ text: String) {
    tag(field, .delimited)
    varint(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// The bytes of numbers, the first ones first.
  mutating func write(_ field: UInt64, bigEndian numbers: UInt64...) {
    tag(field, .delimited)
    varint(UInt64(numbers.count * 8))
    for number in numbers {
      for shift in stride(from: UInt64(56), through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: number >> shift))
      }
    }
  }

  /// A message inside. Its length is known at its end only, so that what is longer than one byte can say
  /// is moved behind it then.
  mutating func write(_ field: UInt64, _ body: (inout ProtobufWriter) -> Void) {
    tag(field, .delimited)
    let start = bytes.count
    bytes.append(0)
    body(&self)
    var length = UInt64(bytes.count - start - 1)
    guard length >= 0x80 else {
      bytes[start] = UInt8(truncatingIfNeeded: length)
      return
    }
    var text: [UInt8] = []
    while length >= 0x80 {
      text.append(UInt8(truncatingIfNeeded: length & 0x7F) | 0x80)
      length >>= 7
    }
    text.append(UInt8(truncatingIfNeeded: length))
    bytes.replaceSubrange(start...start, with: text)
  }

  private mutating func tag(_ field: UInt64, _ type: WireType) {
    varint(field << 3 | type.rawValue)
  }

  private mutating func varint(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}
