import Wire

/// The text of a head as it is written, front to back. What is written at the front of each field is known to
/// fit once, rather than asked for each of its parts.
@safe struct HeadText: ~Copyable {
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0

  /// Bytes that are there from the beginning.
  private static let leastBytes = 256

  init() {
    capacity = Self.leastBytes
    unsafe base = .allocate(capacity: capacity)
  }

  deinit { unsafe base.deallocate() }

  var isEmpty: Bool { count == 0 }

  /// What was written since `removeAll`; valid until the next change.
  var bytes: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: base, count: count)
  }

  /// Does something with a part of what was written.
  func with<Result, Failure: Error>(
    _ range: Range<Int>, _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(unsafe Span(_unsafeElements: part(range)))
  }

  /// A part of what was written, to be copied into another.
  func part(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return unsafe UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
  }

  /// - Parameter keptBytes: no more memory than this is kept.
  mutating func removeAll(keepingUpTo keptBytes: Int) {
    count = 0
    guard capacity > max(keptBytes, Self.leastBytes) else { return }
    unsafe base.deallocate()
    capacity = Self.leastBytes
    unsafe base = .allocate(capacity: capacity)
  }

  /// In the caller's own code, where the length is known: a copy of a few words.
  @inline(__always)
  mutating func append(_ text: StaticString) {
    let size = text.utf8CodeUnitCount
    reserve(size)
    unsafe (base + count).update(from: text.utf8Start, count: size)
    count += size
  }

  @inline(__always)
  mutating func append(_ part: Span<UInt8>) {
    reserve(part.count)
    put(part)
  }

  mutating func append(_ part: UnsafeBufferPointer<UInt8>) {
    unsafe append(Span(_unsafeElements: part))
  }

  mutating func append(_ byte: UInt8) {
    reserve(1)
    unsafe base[count] = byte
    count += 1
  }

  /// A field with what stands between and behind.
  mutating func appendLine(_ name: Span<UInt8>, _ value: Span<UInt8>) {
    reserve(name.count + value.count + 4)
    put(name)
    put(Octets.colon, Octets.space)
    put(value)
    put(Octets.carriageReturn, Octets.lineFeed)
  }

  @inline(__always)
  private mutating func put(_ part: Span<UInt8>) {
    unsafe part.withUnsafeBufferPointer { part in
      guard let start = part.baseAddress else { return }
      unsafe (base + count).update(from: start, count: part.count)
    }
    count += part.count
  }

  @inline(__always)
  private mutating func put(_ first: UInt8, _ second: UInt8) {
    unsafe base[count] = first
    unsafe base[count + 1] = second
    count += 2
  }

  @inline(__always)
  private mutating func reserve(_ size: Int) {
    if capacity - count >= size { return }
    grow(size)
  }

  private mutating func grow(_ size: Int) {
    let larger = max(capacity * 2, count + size)
    let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    unsafe grown.update(from: base, count: count)
    unsafe base.deallocate()
    unsafe base = grown
    capacity = larger
  }
}
