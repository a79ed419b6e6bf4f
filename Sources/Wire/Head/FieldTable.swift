/// The field lines of one head as offsets into its bytes. Reused: reading a head allocates nothing.
public struct FieldTable: Sendable {
  public struct Field: Sendable {
    public var nameStart: UInt16 = 0
    public var nameEnd: UInt16 = 0
    /// The value without the white space around it.
    public var valueStart: UInt16 = 0
    public var valueEnd: UInt16 = 0
    public var name: FieldName = .other

    public var valueRange: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    public var nameRange: Range<Int> { Int(nameStart)..<Int(nameEnd) }
  }

  public private(set) var count = 0
  /// Where the line begins that was read last, whole or not.
  private(set) var lastLine = 0
  /// On the heap, once for a table: stored inline, each look at a field copied all 1,280 bytes.
  private var fields = [Field](repeating: Field(), count: HeadLimits.fields)

  public init() {}

  public subscript(index: Int) -> Field {
    precondition(index < count)
    return fields[index]
  }

  /// A field's whole line with its line end.
  /// - Parameter headCount: bytes of the whole head.
  public func lineRange(_ index: Int, headCount: Int) -> Range<Int> {
    let start = Int(self[index].nameStart)
    let end = index + 1 < count ? Int(self[index + 1].nameStart) : headCount - 2
    return start..<end
  }

  mutating func removeAll() { (count, lastLine) = (0, 0) }

  /// Reads the field lines from `offset` to the empty line and calls no one else.
  /// - Returns: the offset behind the empty line; nil when the head is not complete yet.
  mutating func read(
    _ bytes: Span<UInt8>, from start: Int, within allowance: HeadAllowance = HeadAllowance()
  ) throws(HeadError) -> Int? {
    var offset = start
    count = 0
    while true {
      guard offset < bytes.count else { return nil }
      let first = bytes[offset]
      if first == Octets.carriageReturn {
        guard offset + 1 < bytes.count else { return nil }
        guard bytes[offset + 1] == Octets.lineFeed else { throw .badLineEnd }
        return offset + 2
      }
      if first == Octets.space || first == Octets.tab { throw .foldedField }
      lastLine = offset
      guard let next = try readLine(bytes, from: offset, allowance) else { return nil }
      offset = next
    }
  }

  private mutating func readLine(
    _ bytes: Span<UInt8>, from start: Int, _ allowance: HeadAllowance
  ) throws(HeadError) -> Int? {
    var colon = bytes.endOfWord(from: start, to: bytes.count)
    while colon < bytes.count, Octets.isToken(bytes[colon]) { colon += 1 }
    guard colon < bytes.count else { return nil }
    guard bytes[colon] == Octets.colon, colon > start else {
      throw bytes[colon] == Octets.lineFeed ? .badLineEnd : .badFieldName
    }
    var valueStart = colon + 1
    while valueStart < bytes.count, isBlank(bytes[valueStart]) { valueStart += 1 }
    let end = Self.valueEnd(bytes, from: valueStart)
    guard end < bytes.count else { return nil }
    guard bytes[end] == Octets.carriageReturn else {
      throw bytes[end] == Octets.lineFeed ? .badLineEnd : .badFieldValue
    }
    guard end + 1 < bytes.count else { return nil }
    guard bytes[end + 1] == Octets.lineFeed else { throw .badLineEnd }
    var valueEnd = end
    while valueEnd > valueStart, isBlank(bytes[valueEnd - 1]) { valueEnd -= 1 }
    guard end + 2 <= allowance.bytes else { throw .headTooLarge }
    guard count < allowance.fields else { throw .tooManyFields }
    fields[count] = Field(
      nameStart: UInt16(truncatingIfNeeded: start), nameEnd: UInt16(truncatingIfNeeded: colon),
      valueStart: UInt16(truncatingIfNeeded: valueStart),
      valueEnd: UInt16(truncatingIfNeeded: valueEnd),
      name: FieldName.identify(bytes, start, colon))
    count += 1
    return end + 2
  }

  /// The first control byte other than a tab at or behind `start`, or the end of the bytes.
  private static func valueEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
    let raw = unsafe bytes.bytes
    var offset = start
    while offset + 8 <= bytes.count {
      let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let controls = Octets.controls(UInt64(littleEndian: word))
      if controls == 0 {
        offset += 8
        continue
      }
      offset += controls.trailingZeroBitCount / 8
      if bytes[offset] != Octets.tab { return offset }
      offset += 1
    }
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte < 32 && byte != Octets.tab || byte == 127 { return offset }
      offset += 1
    }
    return offset
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == Octets.space || byte == Octets.tab }
}
