internal import CSSL

/// The objects of a text in PEM (RFC 7468), one after another.
@safe struct PEMReader: ~Copyable {
  private let bio: OpaquePointer
  private let hasKey: Bool

  /// Nil when there is no memory.
  init?(_ bytes: [UInt8]) {
    guard let bio = unsafe BIO_new(BIO_s_mem()) else { return nil }
    let count = Int32(clamping: bytes.count)
    guard unsafe BIO_write(bio, bytes, count) == count || count == 0 else {
      _ = unsafe BIO_free(bio)
      return nil
    }
    unsafe self.bio = bio
    hasKey = Self.marksKey(bytes)
  }

  deinit { _ = unsafe BIO_free(bio) }

  /// The certificates up to the text's end; other objects between them are passed over.
  /// - Parameter most: more than so many are too many.
  func certificates(of source: String, most: Int) throws(TLSProblem) -> [Certificate] {
    var found: [Certificate] = []
    ErrorQueue.clear()
    while let handle = unsafe cssl_read_certificate(bio) {
      unsafe found.append(Certificate(handle))
      if found.count > most {
        throw TLSProblem(source: source, detail: "has more than \(most) certificates")
      }
    }
    try checkEnd(source, "certificate number \(found.count + 1)")
    return found
  }

  func revocationLists(of source: String) throws(TLSProblem) -> [RevocationList] {
    var found: [RevocationList] = []
    ErrorQueue.clear()
    while let handle = unsafe cssl_read_revocations(bio) {
      unsafe found.append(RevocationList(handle))
    }
    try checkEnd(source, "revocation list number \(found.count + 1)")
    return found
  }

  func key(of source: String) throws(TLSProblem) -> PrivateKey {
    ErrorQueue.clear()
    var isEncrypted: Int32 = 0
    guard let handle = unsafe cssl_read_key(bio, &isEncrypted) else {
      let reason = ErrorQueue.takeText()
      let detail =
        isEncrypted != 0
        ? "the key is encrypted; decrypt it first, with `openssl pkey`"
        : hasKey ? "the key can't be read: \(reason)" : "has no private key in PEM"
      throw TLSProblem(source: source, detail: detail)
    }
    return unsafe PrivateKey(handle)
  }

  private static func marksKey(_ bytes: [UInt8]) -> Bool {
    let mark = Array("PRIVATE KEY-----".utf8)
    return bytes.indices.contains {
      bytes[$0] == mark[0] && bytes[$0...].starts(with: mark)
    }
  }

  /// The text ended where it should, or had an object that can't be read.
  private func checkEnd(_ source: String, _ what: String) throws(TLSProblem) {
    let code = ERR_peek_last_error()
    let isEnd =
      code == 0
      || cssl_error_library(code) == ERR_LIB_PEM && cssl_error_reason(code) == PEM_R_NO_START_LINE
    if isEnd {
      ErrorQueue.clear()
    } else {
      throw TLSProblem(source: source, detail: "\(what) can't be read: \(ErrorQueue.takeText())")
    }
  }
}

/// Owns an X509.
@safe final class Certificate: @unchecked Sendable {
  let handle: OpaquePointer
  init(_ handle: OpaquePointer) { unsafe self.handle = handle }
  deinit { unsafe X509_free(handle) }
}

/// Owns an X509_CRL.
@safe final class RevocationList: @unchecked Sendable {
  let handle: OpaquePointer
  init(_ handle: OpaquePointer) { unsafe self.handle = handle }
  deinit { unsafe X509_CRL_free(handle) }
}

/// Owns an EVP_PKEY; shows nothing of it.
@safe final class PrivateKey: @unchecked Sendable, CustomReflectable {
  let handle: OpaquePointer
  init(_ handle: OpaquePointer) { unsafe self.handle = handle }
  deinit { unsafe EVP_PKEY_free(handle) }
  var customMirror: Mirror { Mirror(self, children: []) }
}
