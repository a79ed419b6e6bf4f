/// Writes a message into memory of a fixed size, front to back. What doesn't fit sets `overflowed`
/// and is dropped, so that a writer can go to the end and look once.
@safe public struct ByteWriter: ~Copyable {
  @usableFromInline let base: UnsafeMutableRawPointer
  public let capacity: Int
  @usableFromInline var end = 0
  @usableFromInline var isTooSmall = false

  public init(capacity: Int) {
    unsafe base = .allocate(byteCount: capacity, alignment: 64)
    self.capacity = capacity
  }

  deinit { unsafe base.deallocate() }

  /// What was written since `removeAll`; valid until the next change.
  public var bytes: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: base, count: end)
  }

  public var count: Int { end }
  public var overflowed: Bool { isTooSmall }
  public var room: Int { capacity - end }

  public mutating func removeAll() {
    end = 0
    isTooSmall = false
  }

  /// In the caller's own code, where the length is known: a copy of a few words.
  @inlinable @inline(__always)
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
    guard let target = unsafe reserve(range.count) else { return }
    unsafe bytes.withUnsafeBytes { all in
      guard let source = all.baseAddress else { return }
      unsafe target.copyMemory(from: source + range.lowerBound, byteCount: range.count)
    }
  }

  public mutating func append(_ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { unsafe append($0) }
  }

  @inlinable @inline(__always)
  public mutating func append(_ byte: UInt8) {
    guard let target = unsafe reserve(1) else { return }
    unsafe target.storeBytes(of: byte, as: UInt8.self)
  }

  /// A literal is rather taken as `StaticString`, which nobody counts references of.
  @_disfavoredOverload
  public mutating func append(_ text: String) {
    let bytes = text.utf8.span
    append(bytes, 0..<bytes.count)
  }

  public mutating func append(decimal number: Int) {
    if number >= 0, number < 10 {
      append(UInt8(truncatingIfNeeded: number) | 48)
      return
    }
    if number >= 0, number < 100_000_000, room >= 8 {
      let digits = Self.decimal(UInt64(number))
      put(digits, from: Self.leadingZeros(digits))
      return
    }
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

  /// The last three digits, with leading zeros.
  public mutating func append(threeDigits number: Int) {
    let digits = Self.decimal(UInt64(number.magnitude % 1_000))
    if room >= 8 { return put(digits, from: 5) }
    for place in 5..<8 { append(UInt8(truncatingIfNeeded: digits >> UInt64(8 * place)) | 48) }
  }

  /// A number of thousandths, with a point: `12.345`, `0.007`.
  public mutating func append(thousandths number: Int) {
    if number == 0 { return append("0.000") }
    guard number >= 0, number < 100_000_000, room >= 16 else {
      append(decimal: number / 1_000)
      append(UInt8(ascii: "."))
      append(threeDigits: number)
      return
    }
    let digits = Self.decimal(UInt64(number))
    put(digits, from: min(4, Self.leadingZeros(digits)), to: 5)
    append(UInt8(ascii: "."))
    put(digits, from: 5)
  }

  /// Some of the eight digits that `decimal` gives. There is room for eight.
  private mutating func put(_ digits: UInt64, from first: Int, to last: Int = 8) {
    let text = (digits | 0x3030_3030_3030_3030) >> UInt64(8 &* first)
    unsafe base.storeBytes(of: text.littleEndian, toByteOffset: end, as: UInt64.self)
    end &+= last &- first
  }

  /// Zeros that a number's first digit comes behind, of 0 all but one: the first digits are the lowest bytes.
  private static func leadingZeros(_ digits: UInt64) -> Int {
    min(7, digits.trailingZeroBitCount / 8)
  }

  /// The digits of a number under 100,000,000, from the lowest byte on: halves of four digits, of
  /// two and of one, divided side by side in one word by multiplying with the inverse.
  private static func decimal(_ number: UInt64) -> UInt64 {
    let fours = number / 10_000 | (number % 10_000) << 32
    let hundreds = (fours &* 5_243) >> 19 & 0x0000_007F_0000_007F
    let twos = hundreds | (fours &- hundreds &* 100) << 16
    let tens = (twos &* 103) >> 10 & 0x000F_000F_000F_000F
    return tens | (twos &- tens &* 10) << 8
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
  @inlinable @inline(__always)
  mutating func reserve(_ size: Int) -> UnsafeMutableRawPointer? {
    guard size <= capacity - end else {
      isTooSmall = true
      return nil
    }
    defer { end += size }
    return unsafe base + end
  }
}
