internal import CSSL
internal import Synchronization

/// What session tickets (RFC 5077, RFC 8446 section 4.6.1) are sealed with: the keys of some
/// generations, the newest first. All contexts of an engine share one, and so do its workers; the
/// owner replaces the keys from time to time and hands them to whoever follows.
public final class TLSTicketKeys: Sendable {
  /// How long a session may be resumed, at most: shorter than a key of the oldest generation lives.
  public static let sessionSeconds = 12 * 3_600
  /// With keys turned every 12 hours, a ticket is good for at least its session's time.
  public static let generations = 3

  private let keys: Mutex<[TLSTicketKey]>
  private let cipher: FetchedCipher

  /// - Parameter keys: the newest first; only `generations` are kept.
  /// - Returns: nil when OpenSSL has no AES to give.
  public init?(_ keys: [TLSTicketKey]) {
    guard let cipher = FetchedCipher("AES-256-CBC") else { return nil }
    self.cipher = cipher
    self.keys = Mutex(Array(keys.prefix(Self.generations)))
  }

  /// The newest first.
  public var all: [TLSTicketKey] { keys.withLock { $0 } }

  /// From here on tickets are sealed with the first; those of the others are still opened.
  public func replace(_ new: [TLSTicketKey]) {
    keys.withLock { $0 = Array(new.prefix(Self.generations)) }
  }

  /// Puts a new key in front and forgets the oldest.
  /// - Returns: false when there is no randomness to make one of; all stays as it was.
  public func turn() -> Bool {
    guard let fresh = TLSTicketKey.fresh() else { return false }
    keys.withLock { $0 = Array(([fresh] + $0).prefix(Self.generations)) }
    return true
  }

  func prepare(
    _ name: UnsafeMutablePointer<UInt8>, _ vector: UnsafeMutablePointer<UInt8>,
    _ cipherContext: OpaquePointer?, _ code: OpaquePointer?, isSealing: Bool
  ) -> Int32 {
    if isSealing {
      guard let key = keys.withLock({ $0.first }),
        unsafe RAND_bytes(vector, Int32(TLSTicketKey.vectorSize)) == 1
      else { return -1 }
      for (index, byte) in key.name.enumerated() { unsafe name[index] = byte }
      return unsafe prepare(key, vector, cipherContext, code, 1) ? 1 : -1
    }
    let asked = unsafe Array(UnsafeBufferPointer(start: name, count: TLSTicketKey.nameSize))
    let (found, isNewest) = keys.withLock { keys in
      (keys.first { $0.name.elementsEqual(asked) }, keys.first?.name.elementsEqual(asked) ?? false)
    }
    guard let found else { return 0 }
    guard unsafe prepare(found, vector, cipherContext, code, 0) else { return -1 }
    return isNewest ? 1 : 2
  }

  private func prepare(
    _ key: TLSTicketKey, _ vector: UnsafeMutablePointer<UInt8>, _ cipherContext: OpaquePointer?,
    _ code: OpaquePointer?, _ isSealing: Int32
  ) -> Bool {
    let (cipherKey, codeKey) = (Array(key.cipherKey), Array(key.codeKey))
    return unsafe cssl_prepare_ticket(
      cipherContext, code, cipher.handle, cipherKey, codeKey, vector, isSealing) == 1
  }
}

/// One generation: a name that tickets show, and two secrets. Shown to nobody.
public struct TLSTicketKey: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
  public static let size = nameSize + 2 * secretSize
  static let nameSize = 16
  static let vectorSize = 16
  private static let secretSize = 32

  /// For whoever keeps it: a memory file, never a log.
  public let bytes: [UInt8]

  /// - Returns: nil for another number of bytes than `size`.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.size else { return nil }
    self.bytes = bytes
  }

  /// - Returns: nil when the system has no randomness to give.
  public static func fresh() -> TLSTicketKey? {
    var bytes = [UInt8](repeating: 0, count: size)
    guard unsafe RAND_priv_bytes(&bytes, Int32(size)) == 1 else { return nil }
    return TLSTicketKey(bytes: bytes)
  }

  public var description: String { "TLSTicketKey" }
  public var customMirror: Mirror { Mirror(self, children: []) }

  var name: ArraySlice<UInt8> { bytes[0..<Self.nameSize] }
  var cipherKey: ArraySlice<UInt8> { bytes[Self.nameSize..<Self.nameSize + Self.secretSize] }
  var codeKey: ArraySlice<UInt8> { bytes[(Self.nameSize + Self.secretSize)...] }
}

/// Owns an EVP_CIPHER: looking one up for each ticket costs more than using it.
@safe private final class FetchedCipher: @unchecked Sendable {
  let handle: OpaquePointer

  init?(_ name: String) {
    guard let handle = unsafe EVP_CIPHER_fetch(nil, name, nil) else { return nil }
    unsafe self.handle = handle
  }

  deinit { unsafe EVP_CIPHER_free(handle) }
}
