internal import CNghttp2
import Wire

/// The fields that the head of a message of HTTP/1.1, as we write them, makes in HTTP/2: nothing of the
/// connection (RFC 9113 section 8.2.2). Names are as they came, nghttp2 writes them in lower case. Reused
/// from head to head.
///
/// Fields are not copied: they hold for as long as the text that they were read from.
@safe public struct HTTP2Fields: ~Copyable {
  @unsafe public struct Field {
    public let name: UnsafeRawBufferPointer
    public let value: UnsafeRawBufferPointer
    /// No message after this one has the same, so that to keep it for them (RFC 7541 section 2.3.2) would
    /// only push out what comes again, and be searched in vain.
    public let isUnique: Bool
  }

  private var memory: UnsafeMutablePointer<nghttp2_nv>
  /// Of most heads; they are limited by whoever reads them.
  private var capacity = 32
  public private(set) var count = 0
  /// What is read.
  private var base: UnsafePointer<UInt8>?
  /// Of an answer; 0 for a request.
  public private(set) var status = 0
  /// Whether the answer may have a body: not a 204 or 304, nor one that says that it is empty (RFC 9110
  /// section 6.4.1).
  public private(set) var mayHaveBody = true
  /// Bytes of the head that was read.
  public private(set) var headCount = 0

  public init() { unsafe memory = .allocate(capacity: capacity) }

  deinit { unsafe memory.deallocate() }

  public subscript(index: Int) -> Field {
    precondition(index >= 0 && index < count)
    let field = unsafe memory[index]
    return unsafe Field(
      name: UnsafeRawBufferPointer(start: field.name, count: field.namelen),
      value: UnsafeRawBufferPointer(start: field.value, count: field.valuelen),
      isUnique: field.flags == Self.unique)
  }

  /// As nghttp2 takes them.
  var list: UnsafePointer<nghttp2_nv> { unsafe UnsafePointer(memory) }

  /// An answer's head (RFC 9113 section 8.3.2). A 101 becomes a 200: over HTTP/2 the answer to an
  /// extended CONNECT, whose stream carries the protocol from then on (RFC 8441 section 5).
  /// - Returns: whether `bytes` begins with a whole head that has a status.
  public mutating func readAnswer(_ bytes: UnsafeRawBufferPointer) -> Bool {
    unsafe begin(bytes)
    let text = unsafe Span<UInt8>(_unsafeBytes: bytes)
    guard let line = lineEnd(text, 0), line >= 12, text.extracting(0..<7).equals("HTTP/1."),
      Octets.isDigit(text[9]), Octets.isDigit(text[10]), Octets.isDigit(text[11])
    else { return false }
    status = Int(text[9] &- 48) * 100 + Int(text[10] &- 48) * 10 + Int(text[11] &- 48)
    if status == 101 {
      add(":status", "200")
    } else {
      add(":status", 9..<12)
    }
    let isWhole = readLines(text, line + 2, isRequest: false)
    if status == 204 || status == 304 { mayHaveBody = false }
    return isWhole
  }

  /// A request's head (RFC 9113 section 8.3.1). One that asks for another protocol becomes an
  /// extended CONNECT.
  /// - Returns: whether `bytes` begins with a whole head that has a request line.
  public mutating func readRequest(_ bytes: UnsafeRawBufferPointer, isSecure: Bool) -> Bool {
    unsafe begin(bytes)
    let text = unsafe Span<UInt8>(_unsafeBytes: bytes)
    guard let line = lineEnd(text, 0) else { return false }
    let method = index(of: Octets.space, text, 0, line)
    guard method > 0, method < line else { return false }
    let target = index(of: Octets.space, text, method + 1, line)
    guard target > method + 1, target + 8 < line,
      text.extracting((target + 1)..<(target + 8)).equals("HTTP/1.")
    else { return false }
    if let upgrade = value(of: "upgrade", text, line + 2) {
      add(":method", "CONNECT")
      add(":protocol", upgrade)
    } else {
      add(":method", 0..<method)
    }
    add(":scheme", isSecure ? "https" : "http")
    if let host = value(of: "host", text, line + 2) { add(":authority", host) }
    add(":path", (method + 1)..<target)
    return readLines(text, line + 2, isRequest: true)
  }

  /// Lines of fields without a head around them.
  public mutating func readTrailers(_ bytes: UnsafeRawBufferPointer) {
    unsafe begin(bytes)
    let text = unsafe Span<UInt8>(_unsafeBytes: bytes)
    var offset = 0
    while let end = lineEnd(text, offset), end > offset {
      addLine(text, offset, end, isRequest: false)
      offset = end + 2
    }
  }

  private mutating func begin(_ bytes: UnsafeRawBufferPointer) {
    (count, status, headCount, mayHaveBody) = (0, 0, 0, true)
    unsafe base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
  }

  // MARK: Lines

  private mutating func readLines(_ text: Span<UInt8>, _ start: Int, isRequest: Bool) -> Bool {
    var offset = start
    while let end = lineEnd(text, offset) {
      if end == offset {
        headCount = end + 2
        return true
      }
      addLine(text, offset, end, isRequest: isRequest)
      offset = end + 2
    }
    (count, status) = (0, 0)
    return false
  }

  private mutating func addLine(_ text: Span<UInt8>, _ start: Int, _ end: Int, isRequest: Bool) {
    let colon = index(of: Octets.colon, text, start, end)
    guard colon > start, colon < end else { return }
    let name = start..<colon
    let value = valueRange(text, colon, end)
    var isUnique = false
    switch name.count {
    case 4: if isRequest, text.equalsIgnoringCase("host", in: name) { return }
    case 7: if text.equalsIgnoringCase("upgrade", in: name) { return }
    case 10:
      if text.equalsIgnoringCase("connection", in: name)
        || text.equalsIgnoringCase("keep-alive", in: name)
      {
        return
      }
    case 12: isUnique = text.equalsIgnoringCase("x-request-id", in: name)
    case 14:
      if value.count == 1, text[value.lowerBound] == UInt8(ascii: "0"),
        text.equalsIgnoringCase("content-length", in: name)
      {
        mayHaveBody = false
      }
    case 16: if text.equalsIgnoringCase("proxy-connection", in: name) { return }
    case 17:
      if text.equalsIgnoringCase("transfer-encoding", in: name) { return }
      // RFC 8441 section 5.
      if isRequest, text.equalsIgnoringCase("sec-websocket-key", in: name) { return }
    case 20:
      if status == 101, text.equalsIgnoringCase("sec-websocket-accept", in: name) { return }
    default: break
    }
    guard let base = unsafe base else { return }
    unsafe add(base + name.lowerBound, name.count, value, isUnique ? Self.unique : 0)
  }

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

  @inline(__always)
  private func valueRange(_ text: Span<UInt8>, _ colon: Int, _ end: Int) -> Range<Int> {
    var (lower, upper) = (colon + 1, end)
    while lower < upper, text[lower] == Octets.space || text[lower] == Octets.tab { lower += 1 }
    while upper > lower, text[upper - 1] == Octets.space || text[upper - 1] == Octets.tab {
      upper -= 1
    }
    return lower..<upper
  }

  /// Where the line's CRLF stands.
  @inline(__always)
  private func lineEnd(_ text: Span<UInt8>, _ start: Int) -> Int? {
    let end = index(of: Octets.carriageReturn, text, start, text.count)
    return end + 1 < text.count && text[end + 1] == Octets.lineFeed ? end : nil
  }

  @inline(__always)
  private func index(of byte: UInt8, _ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
    start < end ? text.index(of: byte, in: start..<end) : end
  }

  // MARK: Fields

  private static let unique = UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue)

  private mutating func add(_ name: StaticString, _ value: Range<Int>) {
    unsafe add(name.utf8Start, name.utf8CodeUnitCount, value, 0)
  }

  private mutating func add(_ name: StaticString, _ value: StaticString) {
    unsafe add(
      name.utf8Start, name.utf8CodeUnitCount, value.utf8Start, value.utf8CodeUnitCount, 0)
  }

  /// - Parameter value: a part of what is read.
  private mutating func add(
    _ name: UnsafePointer<UInt8>, _ nameCount: Int, _ value: Range<Int>, _ flags: UInt8
  ) {
    guard let base = unsafe base else { return }
    unsafe add(name, nameCount, base + value.lowerBound, value.count, flags)
  }

  /// nghttp2 changes nothing of what it takes, whatever it calls it.
  private mutating func add(
    _ name: UnsafePointer<UInt8>, _ nameCount: Int, _ value: UnsafePointer<UInt8>,
    _ valueCount: Int, _ flags: UInt8
  ) {
    if count == capacity { grow() }
    unsafe (memory + count).initialize(
      to: nghttp2_nv(
        name: UnsafeMutablePointer(mutating: name), value: UnsafeMutablePointer(mutating: value),
        namelen: nameCount, valuelen: valueCount, flags: flags))
    count += 1
  }

  private mutating func grow() {
    let grown = UnsafeMutablePointer<nghttp2_nv>.allocate(capacity: capacity * 2)
    unsafe grown.moveInitialize(from: memory, count: count)
    unsafe memory.deallocate()
    unsafe memory = grown
    capacity *= 2
  }
}
