import Primitives
import Wire

/// Values of header fields, kept from a head for the line of the access log. Owns heap only while
/// it holds something, which is only with a format that asks for fields.
struct LoggedFields: ~Copyable {
  /// Of one value; the rest is cut.
  static let valueBytes = 1_024

  private var bytes = ByteBuffer()
  private var count = 0
  /// The access log that they were kept for: after a reload another one may ask for others.
  private var log: UInt32 = 0

  /// Begins anew, for the log of that number.
  mutating func begin(log: UInt32) {
    removeAll()
    self.log = log
  }

  mutating func removeAll() {
    bytes.removeAll()
    count = 0
  }

  /// Keeps the value of each name; those of several fields of one name as a list.
  /// - Parameter first: how many values must stand before these; else they aren't kept.
  mutating func keep(
    _ names: [[UInt8]], of fields: FieldTable, _ head: Span<UInt8>, behind first: Int, log: UInt32
  ) {
    guard log == self.log, count == first else { return }
    for name in names {
      keep(name, of: fields, head)
      count += 1
    }
  }

  private mutating func keep(_ name: [UInt8], of fields: FieldTable, _ head: Span<UInt8>) {
    let start = bytes.count
    append(0)
    append(0)
    var next = fields.firstIndex(named: name, head)
    while let index = next {
      let room = start + 2 + Self.valueBytes - bytes.count
      let value = fields[index].valueRange
      if bytes.count > start + 2, room >= 2 {
        append(UInt8(ascii: ","))
        append(UInt8(ascii: " "))
      }
      let taken = min(value.count, max(0, start + 2 + Self.valueBytes - bytes.count))
      unsafe head.withUnsafeBytes { all in
        unsafe bytes.append(
          UnsafeRawBufferPointer(rebasing: all[value.lowerBound..<(value.lowerBound + taken)]))
      }
      next = fields.firstIndex(named: name, head, from: index + 1)
    }
    let length = bytes.count - start - 2
    let memory = unsafe bytes.mutableBytes
    unsafe memory[start] = UInt8(truncatingIfNeeded: length)
    unsafe memory[start + 1] = UInt8(truncatingIfNeeded: length >> 8)
  }

  private mutating func append(_ byte: UInt8) {
    unsafe withUnsafeBytes(of: byte) { unsafe bytes.append($0) }
  }

  /// All that is kept; `range(of:)` says where a value stands in it.
  var memory: UnsafeRawBufferPointer { unsafe bytes.bytes }

  /// Where a value stands; nil when it wasn't kept. Empty when the head had no such field.
  func range(of index: Int, log: UInt32) -> Range<Int>? {
    guard log == self.log, index < count else { return nil }
    let memory = unsafe bytes.bytes
    var offset = 0
    for place in 0...index {
      let (low, high) = unsafe (memory[offset], memory[offset + 1])
      let end = offset + 2 + Int(low) + Int(high) << 8
      if place == index { return (offset + 2)..<end }
      offset = end
    }
    return nil
  }
}
