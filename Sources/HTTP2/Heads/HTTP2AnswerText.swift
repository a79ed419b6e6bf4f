import Wire

/// Writes the fields of an answer of HTTP/2 as the head of an answer of HTTP/1.1, or those of a trailer
/// section as lines, refusing what RFC 9113 section 8 forbids.
public struct HTTP2AnswerText: ~Copyable {
  private var text = HeadText()
  public private(set) var fields = 0
  /// Whether `:status` came: of trailers it does not.
  public private(set) var status: Int?
  private var hasBegun = false

  public init() {}

  /// What was written so far; a whole head after `finish`. Valid until the next change.
  public var bytes: UnsafeRawBufferPointer { unsafe text.bytes }

  /// Bytes that the head has so far.
  public var size: Int { text.count }

  public mutating func removeAll() {
    text.removeAll(keepingUpTo: 4_096)
    (fields, status, hasBegun) = (0, nil, false)
  }

  public mutating func add(
    _ name: Span<UInt8>, _ value: Span<UInt8>
  ) throws(HTTP2HeadError) {
    fields += 1
    guard FieldRules.isValue(value) else { throw .badFieldValue }
    if name.count > 0, name[0] == Octets.colon { return try addPseudo(name, value) }
    guard FieldRules.isName(name) else { throw .badFieldName }
    hasBegun = true
    if FieldRules.isOfConnection(name) { throw .connectionField }
    // A trailer section frames and routes nothing.
    if status == nil, FieldRules.isTooLate(name) { return }
    text.appendLine(name, value)
  }

  /// Three digits (RFC 9113 section 8.3.2); 101 switches a connection, and so isn't one of them.
  private mutating func addPseudo(
    _ name: Span<UInt8>, _ value: Span<UInt8>
  ) throws(HTTP2HeadError) {
    if hasBegun { throw .latePseudoField }
    guard name.equals(":status") else { throw .unknownPseudoField }
    guard status == nil else { throw .duplicatePseudoField }
    guard value.count == 3, value[0] &- 49 < 9, Octets.isDigit(value[1]), Octets.isDigit(value[2])
    else { throw .badStatus }
    let code =
      Int(value[0] &- 48) * 100 + Int(value[1] &- 48) * 10 + Int(value[2] &- 48)
    guard code != 101 else { throw .badStatus }
    status = code
    text.append("HTTP/1.1 ")
    text.append(value)
    text.append(" \r\n")
  }

  /// Ends a head. Trailers have no end of their own.
  public mutating func finish() {
    if status != nil { text.append("\r\n") }
  }
}
