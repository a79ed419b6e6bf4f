import Accounts
import CCrypto

/// Secrets that Ballast makes, and what it keeps in their place.
enum RandomText {
  /// What a token of ours begins with, so that one that lies about is known for what it is.
  static let tokenPrefix = "blt_"
  /// Longer than any secret of ours.
  static let longest = 128

  /// Nil when the system has no randomness to give.
  static func bytes(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return unsafe RAND_bytes(&bytes, CInt(count)) == 1 ? bytes : nil
  }

  /// 256 bits, in hexadecimal.
  static func fresh() -> String? { bytes(32).map { Hexadecimal.text($0) } }

  static func freshToken() -> String? { fresh().map { tokenPrefix + $0 } }

  /// SHA-256, in hexadecimal; empty, which nothing is kept under, when it can't be told.
  static func digest(_ text: String) -> String {
    var code = [UInt8](repeating: 0, count: 32)
    var length: CUnsignedInt = 0
    let bytes = Array(text.utf8)
    let result = unsafe EVP_Digest(bytes, bytes.count, &code, &length, EVP_sha256(), nil)
    return result == 1 && length == 32 ? Hexadecimal.text(code) : ""
  }

  /// What pages that may change something know, and pages of others cannot: it hangs on the session's
  /// cookie, and the cookie can't be told from it.
  static func csrf(of session: String) -> String { digest("csrf:" + session) }
}
