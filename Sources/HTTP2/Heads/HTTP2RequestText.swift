import Wire

/// Writes the fields of a request of HTTP/2 as the head of a request of HTTP/1.1, refusing what RFC
/// 9113 section 8 forbids. What a host, a path or a length may be is left to who reads the head;
/// nothing that got past here can end a line or a head before its end.
public struct HTTP2RequestText: Sendable {
  /// What was written so far; a whole head after `finish`.
  public private(set) var bytes: [UInt8] = []
  /// Fields that came, each part of a cookie counted.
  public private(set) var fields = 0

  private var pseudo: [UInt8] = []
  /// Where in `pseudo` the value of each stands; empty where it did not come.
  private var ranges = InlineArray<5, Range<Int>>(repeating: 0..<0)
  private var cookie: [UInt8] = []
  private var hasBegun = false
  private var hasLength = false
  private var hasContent = false

  private enum Pseudo: Int { case method, scheme, authority, path, proto }

  public init() {}

  /// Bytes that the head has so far, or will have.
  public var size: Int { bytes.count + cookie.count + (hasBegun ? 0 : pseudo.count) }

  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptBytes)
    pseudo.removeAll(keepingCapacity: pseudo.capacity <= Self.keptBytes)
    cookie.removeAll(keepingCapacity: cookie.capacity <= Self.keptBytes)
    ranges = InlineArray(repeating: 0..<0)
    (hasBegun, hasLength, hasContent) = (false, false, false)
    fields = 0
  }

  /// Memory that is kept from one head to the next.
  private static let keptBytes = 4_096

  public mutating func add(
    _ name: Span<UInt8>, _ value: Span<UInt8>
  ) throws(HTTP2HeadError) {
    fields += 1
    guard FieldRules.isValue(value) else { throw .badFieldValue }
    if name.count > 0, name[0] == Octets.colon { return try addPseudo(name, value) }
    guard FieldRules.isName(name) else { throw .badFieldName }
    try FieldRules.isAllowed(name, value)
    if !hasBegun { try begin() }
    switch name.count {
    case 4 where name.equals("host"):
      // Said already, by `:authority`.
      if let authority = range(.authority) {
        guard isSame(authority, value) else { throw .authorityUnlikeHost }
        return
      }
    case 6 where name.equals("cookie"):
      // RFC 9113 section 8.2.3: the parts of one field.
      if !cookie.isEmpty { cookie.append("; ") }
      cookie.append(value)
      return
    case 14 where name.equals("content-length"):
      hasLength = true
      hasContent = !value.equals("0")
    default: break
    }
    line(name, value)
  }

  /// Ends the head.
  /// - Parameters:
  ///   - endsStream: no body follows. Without a stated length one that does is said to be chunked,
  ///     the only way that HTTP/1.1 has to say that.
  ///   - nonce: for `Sec-WebSocket-Key`, which WebSocket over HTTP/2 has none of (RFC 8441 section 5).
  public mutating func finish(
    endsStream: Bool, nonce: (UInt64, UInt64)
  ) throws(HTTP2HeadError) {
    if !hasBegun { try begin() }
    if endsStream, hasLength, hasContent { throw .bodyWithoutData }
    if !cookie.isEmpty {
      bytes.append("cookie: ")
      bytes.append(contentsOf: cookie)
      bytes.append("\r\n")
    }
    if let proto = range(.proto) {
      writeUpgrade(proto, nonce)
    } else if !endsStream, !hasLength {
      bytes.append("transfer-encoding: chunked\r\n")
    }
    bytes.append("\r\n")
  }

  // MARK: Pseudo-header fields

  private mutating func addPseudo(
    _ name: Span<UInt8>, _ value: Span<UInt8>
  ) throws(HTTP2HeadError) {
    if hasBegun { throw .latePseudoField }
    guard value.count > 0 else { throw .emptyPseudoField }
    guard let place = Self.place(of: name) else { throw .unknownPseudoField }
    guard ranges[place.rawValue].isEmpty else { throw .duplicatePseudoField }
    let start = pseudo.count
    pseudo.append(value)
    ranges[place.rawValue] = start..<pseudo.count
  }

  private static func place(of name: Span<UInt8>) -> Pseudo? {
    switch name.count {
    case 5: name.equals(":path") ? .path : nil
    case 7: name.equals(":method") ? .method : name.equals(":scheme") ? .scheme : nil
    case 9: name.equals(":protocol") ? .proto : nil
    case 10: name.equals(":authority") ? .authority : nil
    default: nil
    }
  }

  /// Nil for one that did not come.
  private func range(_ place: Pseudo) -> Range<Int>? {
    let range = ranges[place.rawValue]
    return range.isEmpty ? nil : range
  }

  /// RFC 9113 section 8.3.1, and RFC 8441 section 4 for `:protocol`.
  private mutating func begin() throws(HTTP2HeadError) {
    hasBegun = true
    let (proto, scheme, path, authority) = (
      range(.proto), range(.scheme), range(.path), range(.authority)
    )
    guard let method = range(.method) else { throw .missingPseudoField }
    for index in method where !Octets.isToken(pseudo[index]) { throw .badPseudoField }
    let isConnect = isPseudo(method, "CONNECT")
    if isConnect, proto == nil {
      guard let authority, path == nil, scheme == nil else { throw .badPseudoField }
      try isVisible(authority)
      writeLine("CONNECT ", authority, authority)
      return
    }
    guard let scheme, let path else { throw .missingPseudoField }
    guard isPseudo(scheme, "http") || isPseudo(scheme, "https") else { throw .badPseudoField }
    try isVisible(path)
    if let authority { try isVisible(authority) }
    let isAsterisk = path.count == 1 && pseudo[path.lowerBound] == UInt8(ascii: "*")
    guard pseudo[path.lowerBound] == Octets.slash || isAsterisk && isPseudo(method, "OPTIONS")
    else { throw .badPseudoField }
    if let proto {
      guard isConnect, authority != nil else { throw .badPseudoField }
      for index in proto where !Octets.isToken(pseudo[index]) { throw .badPseudoField }
      writeLine("GET ", path, authority)
      return
    }
    bytes.append(contentsOf: pseudo[method])
    writeLine(" ", path, authority)
  }

  /// No space and no control character, which would end a request line's part.
  private func isVisible(_ range: Range<Int>) throws(HTTP2HeadError) {
    for index in range where pseudo[index] <= 32 || pseudo[index] >= 127 { throw .badPseudoField }
  }

  private func isPseudo(_ range: Range<Int>, _ text: StaticString) -> Bool {
    pseudo.span.extracting(range).equals(text)
  }

  private func isSame(_ range: Range<Int>, _ value: Span<UInt8>) -> Bool {
    guard range.count == value.count else { return false }
    for index in 0..<value.count {
      let (left, right) = (pseudo[range.lowerBound + index], value[index])
      guard Octets.lowercased(left) == Octets.lowercased(right) else { return false }
    }
    return true
  }

  // MARK: Writing

  private mutating func writeLine(
    _ front: StaticString, _ target: Range<Int>, _ host: Range<Int>?
  ) {
    bytes.append(front)
    bytes.append(contentsOf: pseudo[target])
    bytes.append(" HTTP/1.1\r\n")
    guard let host else { return }
    bytes.append("host: ")
    bytes.append(contentsOf: pseudo[host])
    bytes.append("\r\n")
  }

  private mutating func line(_ name: Span<UInt8>, _ value: Span<UInt8>) {
    bytes.append(name)
    bytes.append(": ")
    bytes.append(value)
    bytes.append("\r\n")
  }

  private mutating func writeUpgrade(_ proto: Range<Int>, _ nonce: (UInt64, UInt64)) {
    bytes.append("connection: Upgrade\r\nupgrade: ")
    bytes.append(contentsOf: pseudo[proto])
    bytes.append("\r\n")
    guard isPseudo(proto, "websocket") else { return }
    bytes.append("sec-websocket-key: ")
    Self.append(base64: nonce, to: &bytes)
    bytes.append("\r\n")
  }

  /// Sixteen bytes as the 24 characters of RFC 4648 section 4.
  private static func append(base64 nonce: (UInt64, UInt64), to bytes: inout [UInt8]) {
    let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    var (high, low) = nonce
    // 21 times six bits, then the two that are left.
    for _ in 0..<21 {
      bytes.append(unsafe alphabet.utf8Start[Int(high >> 58)])
      high = high << 6 | low >> 58
      low <<= 6
    }
    bytes.append(unsafe alphabet.utf8Start[Int(high >> 58) & 0x30])
    bytes.append("==")
  }
}
