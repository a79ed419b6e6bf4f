import Wire

/// The fields that the head of a message of HTTP/1.1, as we write them, makes in HTTP/2: names in lower
/// case, nothing of the connection (RFC 9113 section 8.2.2). Reused from head to head.
public struct HTTP2Fields: Sendable {
  public struct Field: Sendable, Equatable {
    public var name: Range<Int>
    public var value: Range<Int>
    /// No message after this one has the same, so that to keep it for them (RFC 7541 section 2.3.2) would
    /// only push out what comes again, and be searched in vain.
    public var isUnique = false
  }

  /// Names and values, one behind the other.
  public private(set) var bytes: [UInt8] = []
  public private(set) var fields: [Field] = []
  /// Of an answer; 0 for a request.
  public private(set) var status = 0
  /// Whether the answer may have a body: not a 204 or 304, nor one that says that it is empty (RFC 9110
  /// section 6.4.1).
  public private(set) var mayHaveBody = true
  /// Bytes of the head that was read.
  public private(set) var headCount = 0

  public init() {}

  /// An answer's head (RFC 9113 section 8.3.2). A 101 becomes a 200: over HTTP/2 the answer to an
  /// extended CONNECT, whose stream carries the protocol from then on (RFC 8441 section 5).
  /// - Returns: whether `text` is a whole head with a status.
  public mutating func readAnswer(_ text: Span<UInt8>) -> Bool {
    removeAll()
    guard let line = lineEnd(text, 0), line >= 12, text.extracting(0..<7).equals("HTTP/1."),
      Octets.isDigit(text[9]), Octets.isDigit(text[10]), Octets.isDigit(text[11])
    else { return false }
    status = Int(text[9] &- 48) * 100 + Int(text[10] &- 48) * 10 + Int(text[11] &- 48)
    if status == 101 {
      add(":status", [50, 48, 48].span)
    } else {
      add(":status", text.extracting(9..<12))
    }
    let isWhole = readLines(text, line + 2, isRequest: false)
    if status == 204 || status == 304 { mayHaveBody = false }
    return isWhole
  }

  /// A request's head (RFC 9113 section 8.3.1). One that asks for another protocol becomes an
  /// extended CONNECT.
  /// - Returns: whether `text` is a whole head with a request line.
  public mutating func readRequest(_ text: Span<UInt8>, isSecure: Bool) -> Bool {
    removeAll()
    guard let line = lineEnd(text, 0) else { return false }
    let method = index(of: Octets.space, text, 0, line)
    guard method > 0, method < line else { return false }
    let target = index(of: Octets.space, text, method + 1, line)
    guard target > method + 1, target + 8 < line,
      text.extracting((target + 1)..<(target + 8)).equals("HTTP/1.")
    else { return false }
    let upgrade = value(of: "upgrade", text, line + 2)
    if let upgrade {
      add(":method", "CONNECT")
      add(":protocol", text.extracting(upgrade))
    } else {
      add(":method", text.extracting(0..<method))
    }
    add(":scheme", isSecure ? "https" : "http")
    if let host = value(of: "host", text, line + 2) {
      add(":authority", text.extracting(host))
    }
    add(":path", text.extracting((method + 1)..<target))
    return readLines(text, line + 2, isRequest: true)
  }

  /// Lines of fields without a head around them.
  public mutating func readTrailers(_ text: Span<UInt8>) {
    removeAll()
    var offset = 0
    while let end = lineEnd(text, offset), end > offset {
      addLine(text, offset, end, 0, isRequest: false)
      offset = end + 2
    }
    copyLines(text, 0, offset)
  }

  private mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    fields.removeAll(keepingCapacity: true)
    (status, headCount, mayHaveBody) = (0, 0, true)
  }

  private mutating func readLines(_ text: Span<UInt8>, _ start: Int, isRequest: Bool) -> Bool {
    let shift = bytes.count - start
    var offset = start
    while let end = lineEnd(text, offset) {
      if end == offset {
        headCount = end + 2
        copyLines(text, start, offset)
        return true
      }
      addLine(text, offset, end, shift, isRequest: isRequest)
      offset = end + 2
    }
    removeAll()
    return false
  }

  /// Copies the lines whose fields were found in one piece, which costs less than each of its own; what
  /// is left out stands in between.
  private mutating func copyLines(_ text: Span<UInt8>, _ start: Int, _ end: Int) {
    let first = bytes.count
    bytes.append(text.extracting(start..<end))
    unsafe bytes.withUnsafeMutableBytes { bytes in
      for field in fields where field.name.lowerBound >= first {
        unsafe Self.makeSmall(UnsafeMutableRawBufferPointer(rebasing: bytes[field.name]))
      }
    }
  }

  private static func makeSmall(_ name: UnsafeMutableRawBufferPointer) {
    guard name.count >= 8 else {
      for index in name.indices { unsafe name[index] = Octets.lowercased(name[index]) }
      return
    }
    var offset = 0
    while offset < name.count {
      // The last eight may overlap those before, to which it makes no difference.
      let place = min(offset, name.count - 8)
      let word = unsafe name.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      unsafe name.storeBytes(of: word.inLowerCase, toByteOffset: place, as: UInt64.self)
      offset += 8
    }
  }

  /// - Parameter shift: how much further back the line's bytes will stand in `bytes`.
  private mutating func addLine(
    _ text: Span<UInt8>, _ start: Int, _ end: Int, _ shift: Int, isRequest: Bool
  ) {
    let colon = index(of: Octets.colon, text, start, end)
    guard colon > start, colon < end else { return }
    let name = text.extracting(start..<colon)
    let value = valueRange(text, colon, end)
    if name.count == 14, value.count == 1, text[value.lowerBound] == UInt8(ascii: "0"),
      name.equalsIgnoringCase("content-length")
    {
      mayHaveBody = false
    }
    if Self.isLeftOut(name, isRequest: isRequest, isSwitching: status == 101) { return }
    fields.append(
      Field(
        name: (start + shift)..<(colon + shift),
        value: (value.lowerBound + shift)..<(value.upperBound + shift),
        isUnique: name.count == 12 && name.equalsIgnoringCase("x-request-id")))
  }

  private static func isLeftOut(
    _ name: Span<UInt8>, isRequest: Bool, isSwitching: Bool
  ) -> Bool {
    switch name.count {
    case 4: isRequest && name.equalsIgnoringCase("host")
    case 7: name.equalsIgnoringCase("upgrade")
    case 10:
      name.equalsIgnoringCase("connection") || name.equalsIgnoringCase("keep-alive")
    case 16: name.equalsIgnoringCase("proxy-connection")
    case 17:
      // RFC 8441 section 5.
      name.equalsIgnoringCase("transfer-encoding")
        || isRequest && name.equalsIgnoringCase("sec-websocket-key")
    case 20: isSwitching && name.equalsIgnoringCase("sec-websocket-accept")
    default: false
    }
  }

  private mutating func add(_ name: StaticString, _ value: Span<UInt8>) {
    let from = bytes.count
    bytes.append(name)
    let middle = bytes.count
    bytes.append(value)
    fields.append(Field(name: from..<middle, value: middle..<bytes.count))
  }

  private mutating func add(_ name: StaticString, _ value: StaticString) {
    let from = bytes.count
    bytes.append(name)
    let middle = bytes.count
    bytes.append(value)
    fields.append(Field(name: from..<middle, value: middle..<bytes.count))
  }

  // MARK: Lines

  private func value(of name: StaticString, _ text: Span<UInt8>, _ start: Int) -> Range<Int>? {
    var offset = start
    while let end = lineEnd(text, offset), end > offset {
      let colon = offset + name.utf8CodeUnitCount
      if colon < end, text[colon] == Octets.colon,
        text.equalsIgnoringCase(name, in: offset..<colon)
      {
        return valueRange(text, colon, end)
      }
      offset = end + 2
    }
    return nil
  }

  private func valueRange(_ text: Span<UInt8>, _ colon: Int, _ end: Int) -> Range<Int> {
    var (lower, upper) = (colon + 1, end)
    while lower < upper, text[lower] == Octets.space || text[lower] == Octets.tab { lower += 1 }
    while upper > lower, text[upper - 1] == Octets.space || text[upper - 1] == Octets.tab {
      upper -= 1
    }
    return lower..<upper
  }

  /// Where the line's CRLF stands.
  private func lineEnd(_ text: Span<UInt8>, _ start: Int) -> Int? {
    let end = index(of: Octets.carriageReturn, text, start, text.count)
    return end + 1 < text.count && text[end + 1] == Octets.lineFeed ? end : nil
  }

  private func index(of byte: UInt8, _ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
    start < end ? text.index(of: byte, in: start..<end) : end
  }
}
