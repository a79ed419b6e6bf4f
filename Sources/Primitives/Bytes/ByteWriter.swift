/// Writes a message into memory of a fixed size, front to back. What doesn't fit sets `overflowed`
/// and is dropped, so that a writer can go to the end and look once.
@safe public struct ByteWriter: ~Copyable {
  private let base: UnsafeMutableRawPointer
  public let capacity: Int
  public private(set) var count = 0
  public private(set) var overflowed = false

  public init(capacity: Int) {
    unsafe base = .allocate(byteCount: capacity, alignment: 64)
    self.capacity = capacity
  }

  deinit { unsafe base.deallocate() }

  /// What was written since `removeAll`; valid until the next change.
  public var bytes: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: base, count: count)
  }

  public var room: Int { capacity - count }

  public mutating func removeAll() {
    count = 0
    overflowed = false
  }

  public mutating func append(_ text: StaticString) {
    guard let target = unsafe reserve(text.utf8CodeUnitCount) else { return }
    unsafe target.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
  }

  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, let target = unsafe reserve(bytes.count) else {
      return
    }
    unsafe target.copyMemory(from: source, byteCount: bytes.count)
  }

  public mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    unsafe bytes.withUnsafeBytes { all in
      unsafe append(UnsafeRawBufferPointer(rebasing: all[range]))
    }
  }

  public mutating func append(_ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { unsafe append($0) }
  }

  public mutating func append(_ byte: UInt8) {
    guard let target = unsafe reserve(1) else { return }
    unsafe target.storeBytes(of: byte, as: UInt8.self)
  }

  /// A literal is rather taken as `StaticString`, which nobody counts references of.
  @_disfavoredOverload
  public mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { unsafe append(UnsafeRawBufferPointer($0)) }
  }

  public mutating func append(decimal number: Int) {
    if number < 0 { append(UInt8(ascii: "-")) }
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var value = number.magnitude
    var start = 20
    repeat {
      start -= 1
      digits[start] = UInt8(truncatingIfNeeded: 48 + value % 10)
      value /= 10
    } while value > 0
    for index in start..<20 { append(digits[index]) }
  }

  /// Lower-case hexadecimal: as many digits as it takes, or 16 when `padded`.
  public mutating func append(hexadecimal number: UInt64, padded: Bool = false) {
    if padded {
      guard let target = unsafe reserve(16) else { return }
      let upper = Self.hexadecimal(UInt32(truncatingIfNeeded: number >> 32))
      let lower = Self.hexadecimal(UInt32(truncatingIfNeeded: number))
      unsafe target.storeBytes(of: upper, as: UInt64.self)
      unsafe target.storeBytes(of: lower, toByteOffset: 8, as: UInt64.self)
      return
    }
    let width = max(1, (67 - number.leadingZeroBitCount) / 4)
    guard let target = unsafe reserve(width) else { return }
    for index in 0..<width {
      let digit = UInt8(truncatingIfNeeded: number >> UInt64(4 * (width - 1 - index)) & 15)
      let text = digit < 10 ? digit &+ 48 : digit &+ 87
      unsafe target.storeBytes(of: text, toByteOffset: index, as: UInt8.self)
    }
  }

  /// Eight digits in the order of memory: the nibbles are spread over the bytes of a word, and all
  /// made into digits at once.
  private static func hexadecimal(_ number: UInt32) -> UInt64 {
    var word = UInt64(number)
    word = (word << 16 | word) & 0x0000_FFFF_0000_FFFF
    word = (word << 8 | word) & 0x00FF_00FF_00FF_00FF
    word = (word << 4 | word) & 0x0F0F_0F0F_0F0F_0F0F
    // One in each byte that is over nine, since six more then carries into the upper nibble.
    let letters = (word &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    // From 9 + '0' to 10 + 'a' there are 39 to skip.
    return (word &+ 0x3030_3030_3030_3030 &+ letters &* 39).bigEndian
  }

  /// Where the next `size` bytes go; nil when they do not fit.
  private mutating func reserve(_ size: Int) -> UnsafeMutableRawPointer? {
    guard size <= capacity - count else {
      overflowed = true
      return nil
    }
    defer { count += size }
    return unsafe base + count
  }
}
