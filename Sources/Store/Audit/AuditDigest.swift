import Audit
import CCrypto

/// SHA-256 of an entry.
enum AuditDigest {
  /// Nil where this system's OpenSSL has none.
  static func of(_ bytes: [UInt8]) -> AuditHash? {
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    let done = unsafe bytes.withUnsafeBytes { content in
      unsafe EVP_Digest(
        content.baseAddress, content.count, &digest, &count, EVP_sha256(), nil)
    }
    return done == 1 && count == 32 ? AuditHash(bytes: digest) : nil
  }
}
