/// Makes what a session's cookie says for a server.
struct SessionTokenMaker: Sendable {
  /// Bytes of the code that a token shows: 144 bits, nothing left over in base64.
  private static let codeBytes = 18

  let secret: SessionSecret

  /// 24 characters of base64url (RFC 4648 section 5): the first bytes of HMAC-SHA256 over the names
  /// with a NUL between them, which no name has in it. Always the same for the same secret, so that
  /// it holds over reloads and scaling; it tells nothing of the names, and nobody else can make one.
  /// Empty if the code can't be had: then no cookie is set.
  func token(service: String, server: String) -> [UInt8] {
    let code = secret.authenticate(Array(service.utf8) + [0] + Array(server.utf8))
    return code.isEmpty ? [] : Self.base64url(code.prefix(Self.codeBytes))
  }

  /// For a number of bytes that three divides.
  private static func base64url(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let alphabet = Array(
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    return stride(from: bytes.startIndex, to: bytes.endIndex, by: 3).flatMap { start in
      let group = bytes[start..<min(start + 3, bytes.endIndex)].reduce(0) { $0 << 8 | Int($1) }
      return [18, 12, 6, 0].map { alphabet[group >> $0 & 63] }
    }
  }
}
