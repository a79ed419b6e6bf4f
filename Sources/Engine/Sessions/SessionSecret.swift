import CCrypto
import Proxying
import Store

/// 32 random bytes that every session hangs on. They are kept in the store, so that the cookies
/// which clients hold are good after a restart. They are shown to nobody: not in a log, not by the
/// admin API.
struct SessionSecret: Sendable {
  static let size = 32
  static let storeKey = "session-secret"

  private let bytes: [UInt8]

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// The one in the store; else a new one, which is stored. A store that fails leaves one for the
  /// life of this engine.
  /// - Returns: nil when the system has no randomness to give. Then there are no sessions:
  ///   guessable cookies would be worse.
  static func recall(from store: Store) async -> SessionSecret? {
    if let text = try? await store.value(forKey: storeKey), let known = SessionSecret(text: text) {
      return known
    }
    guard let fresh = SessionSecret.fresh() else { return nil }
    try? await store.setValue(fresh.text, forKey: storeKey)
    return fresh
  }

  static func fresh() -> SessionSecret? {
    var bytes = [UInt8](repeating: 0, count: size)
    let outcome = unsafe RAND_bytes(&bytes, CInt(size))
    return outcome == 1 ? SessionSecret(bytes: bytes) : nil
  }

  /// HMAC-SHA256 (RFC 2104) of a text under the secret.
  func authenticate(_ text: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 32)
    var length: CUnsignedInt = 0
    let result = unsafe HMAC(
      EVP_sha256(), bytes, CInt(bytes.count), text, text.count, &code, &length)
    return unsafe result == nil || length != 32 ? [] : code
  }

  /// What clients' cookies and addresses are hashed with in the tables of all workers.
  var tableKey: HashKey {
    let code = authenticate(Array("session-table".utf8))
    func word(_ start: Int) -> UInt64 {
      code.dropFirst(start).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
    return HashKey(high: word(0), low: word(8))
  }
}

extension SessionSecret {
  /// What this Ballast is called among others that use the same daemon of containers; as long as its state is
  /// kept, the same. It tells nothing of the secret.
  var instanceName: String {
    authenticate(Array("instance".utf8)).prefix(6)
      .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// In hexadecimal, for the store alone.
  private var text: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private init?(text: String) {
    let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count == 2 * Self.size, !digits.contains(nil) else { return nil }
    let values = digits.compactMap(\.self)
    bytes = (0..<Self.size).map {
      UInt8(truncatingIfNeeded: values[2 * $0] << 4 | values[2 * $0 + 1])
    }
  }
}

extension SessionSecret: CustomStringConvertible, CustomReflectable {
  /// For whoever prints one by mistake.
  var description: String { "SessionSecret" }
  var customMirror: Mirror { Mirror(self, children: []) }
}
