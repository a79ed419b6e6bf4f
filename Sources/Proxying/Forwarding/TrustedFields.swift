import Primitives
public import Wire

/// The forwarding fields of a request that came from a trusted proxy: what it says of the client
/// goes on, and the proxy's own address comes behind.
enum TrustedFields {
  /// Ends without a line end, as what follows begins with one.
  static func write(
    _ head: RequestHead, _ bytes: Span<UInt8>, peer: PeerText, isSecure: Bool,
    identifier: ForwardedRequest.Identifier, defaultHost: [UInt8], to writer: inout ByteWriter
  ) {
    writer.append("X-Forwarded-For: ")
    for index in 0..<head.fields.count {
      let field = head.fields[index]
      guard field.name == .xForwardedFor, !field.valueRange.isEmpty else { continue }
      writer.append(bytes, field.valueRange)
      writer.append(", ")
    }
    peer.append(to: &writer)
    writer.append("\r\nX-Forwarded-Proto: ")
    if let said = only(.xForwardedProto, head, bytes), isToken(bytes, said) {
      writer.append(bytes, said)
    } else {
      writer.append(isSecure ? "https" : "http")
    }
    writer.append("\r\nX-Forwarded-Host: ")
    if let said = only(.xForwardedHost, head, bytes), HostSyntax.isValid(bytes, said) {
      writer.append(bytes, said)
    } else {
      ForwardedRequest.writeHost(head, bytes, defaultHost, to: &writer)
    }
    writer.append("\r\nX-Request-Id: ")
    if let said = only(.xRequestID, head, bytes), isToken(bytes, said) {
      writer.append(bytes, said)
    } else {
      identifier.append(to: &writer)
    }
  }

  /// Bytes of a value that is passed on as one word.
  private static let longestWord = 128

  /// The value of a field that comes once.
  static func only(
    _ name: FieldName, _ head: RequestHead, _ bytes: Span<UInt8>
  ) -> Range<Int>? {
    var found: Range<Int>?
    for index in 0..<head.fields.count where head.fields[index].name == name {
      if found != nil { return nil }
      found = head.fields[index].valueRange
    }
    return found
  }

  private static func isToken(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard (1...longestWord).contains(range.count) else { return false }
    for index in range where !Octets.isToken(bytes[index]) { return false }
    return true
  }
}

extension ForwardedRequest.Identifier {
  /// A trusted proxy's X-Request-Id of 32 hexadecimal digits, with or without dashes between, so that
  /// logs and traces of both name a request alike. Nil for any other; it is passed on as it is.
  public init?(trusted head: RequestHead, _ bytes: Span<UInt8>) {
    guard let range = TrustedFields.only(.xRequestID, head, bytes), range.count <= 36 else {
      return nil
    }
    self.init(high: 0, low: 0)
    var digits = 0
    for index in range where bytes[index] != UInt8(ascii: "-") {
      let byte = bytes[index]
      let lower = Octets.lowercased(byte)
      guard Octets.isDigit(byte) || lower &- 97 < 6 else { return nil }
      let digit = UInt64(Octets.isDigit(byte) ? byte &- 48 : lower &- 87)
      high = high << 4 | low >> 60
      low = low << 4 | digit
      digits += 1
    }
    guard digits == 32 else { return nil }
  }
}
