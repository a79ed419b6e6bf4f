import Wire

/// Writes the fields of a request of HTTP/2 as the head of a request of HTTP/1.1, refusing what RFC
/// 9113 section 8 forbids. What a host, a path or a length may be is left to who reads the head;
/// nothing that got past here can end a line or a head before its end.
public struct HTTP2RequestText: ~Copyable {
  private var text = HeadText()
  /// Fields that came, each part of a cookie counted.
  public private(set) var fields = 0

  private var pseudo = HeadText()
  /// Where in `pseudo` the value of each stands; empty where it did not come.
  private var ranges = InlineArray<5, Range<Int>>(repeating: 0..<0)
  private var cookie = HeadText()
  private var hasBegun = false
  private var hasLength = false
  private var hasContent = false

  private enum Pseudo: Int { case method, scheme, authority, path, proto }

  public init() {}

  /// What was written so far; a whole head after `finish`. Valid until the next change.
  public var bytes: UnsafeRawBufferPointer { unsafe text.bytes }

  /// Bytes that the head has so far, or will have.
  public var size: Int { text.count + cookie.count + (hasBegun ? 0 : pseudo.count) }

  public mutating func removeAll() {
    text.removeAll(keepingUpTo: Self.keptBytes)
    pseudo.removeAll(keepingUpTo: Self.keptBytes)
    cookie.removeAll(keepingUpTo: Self.keptBytes)
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
    text.appendLine(name, value)
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
      text.append("cookie: ")
      unsafe text.append(cookie.part(0..<cookie.count))
      text.append("\r\n")
    }
    if let proto = range(.proto) {
      writeUpgrade(proto, nonce)
    } else if !endsStream, !hasLength {
      text.append("transfer-encoding: chunked\r\n")
    }
    text.append("\r\n")
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
    guard pseudo.with(method, FieldRules.isToken) else { throw .badPseudoField }
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
    let isAbsolute = pseudo.with(path) { $0[0] == Octets.slash }
    guard isAbsolute || isPseudo(path, "*") && isPseudo(method, "OPTIONS")
    else { throw .badPseudoField }
    if let proto {
      guard isConnect, authority != nil else { throw .badPseudoField }
      guard pseudo.with(proto, FieldRules.isToken) else { throw .badPseudoField }
      writeLine("GET ", path, authority)
      return
    }
    copyPseudo(method)
    writeLine(" ", path, authority)
  }

  /// No space and no control character, which would end a request line's part.
  private func isVisible(_ range: Range<Int>) throws(HTTP2HeadError) {
    guard pseudo.with(range, { $0.isVisible }) else { throw .badPseudoField }
  }

  private func isPseudo(_ range: Range<Int>, _ text: StaticString) -> Bool {
    pseudo.with(range) { $0.equals(text) }
  }

  private func isSame(_ range: Range<Int>, _ value: Span<UInt8>) -> Bool {
    guard range.count == value.count else { return false }
    return pseudo.with(range) { pseudo in
      for index in 0..<value.count {
        guard Octets.lowercased(pseudo[index]) == Octets.lowercased(value[index]) else {
          return false
        }
      }
      return true
    }
  }

  // MARK: Writing

  private mutating func writeLine(
    _ front: StaticString, _ target: Range<Int>, _ host: Range<Int>?
  ) {
    text.append(front)
    copyPseudo(target)
    text.append(" HTTP/1.1\r\n")
    guard let host else { return }
    text.append("host: ")
    copyPseudo(host)
    text.append("\r\n")
  }

  private mutating func copyPseudo(_ range: Range<Int>) {
    unsafe text.append(pseudo.part(range))
  }

  private mutating func writeUpgrade(_ proto: Range<Int>, _ nonce: (UInt64, UInt64)) {
    text.append("connection: Upgrade\r\nupgrade: ")
    copyPseudo(proto)
    text.append("\r\n")
    guard isPseudo(proto, "websocket") else { return }
    text.append("sec-websocket-key: ")
    Self.append(base64: nonce, to: &text)
    text.append("\r\n")
  }

  /// Sixteen bytes as the 24 characters of RFC 4648 section 4.
  private static func append(base64 nonce: (UInt64, UInt64), to text: inout HeadText) {
    let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    var (high, low) = nonce
    // 21 times six bits, then the two that are left.
    for _ in 0..<21 {
      text.append(unsafe alphabet.utf8Start[Int(high >> 58)])
      high = high << 6 | low >> 58
      low <<= 6
    }
    text.append(unsafe alphabet.utf8Start[Int(high >> 58) & 0x30])
    text.append("==")
  }
}
