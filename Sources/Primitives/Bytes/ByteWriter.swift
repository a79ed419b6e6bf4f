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
  @inlinable public mutating func append(_ text: StaticString) {
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

  @inlinable public mutating func append(_ byte: UInt8) {
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
    let value = number.magnitude
    append(value, digits: Self.digitCount(value))
  }

  /// With leading zeros; of a longer number the last digits.
  public mutating func append(decimal number: Int, digits: Int) {
    append(number.magnitude, digits: digits)
  }

  private mutating func append(_ number: UInt, digits: Int) {
    guard let target = unsafe reserve(digits) else { return }
    var rest = number
    var place = digits
    while place > 0 {
      place &-= 1
      let digit = UInt8(truncatingIfNeeded: 48 &+ rest % 10)
      unsafe target.storeBytes(of: digit, toByteOffset: place, as: UInt8.self)
      rest /= 10
    }
  }

  private static func digitCount(_ number: UInt) -> Int {
    var count = 1
    var rest = number
    while rest >= 1_000 {
      count &+= 3
      rest /= 1_000
    }
    return count &+ (rest >= 100 ? 2 : rest >= 10 ? 1 : 0)
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
  @inlinable mutating func reserve(_ size: Int) -> UnsafeMutableRawPointer? {
    guard size <= capacity - end else {
      isTooSmall = true
      return nil
    }
    defer { end += size }
    return unsafe base + end
  }
}
