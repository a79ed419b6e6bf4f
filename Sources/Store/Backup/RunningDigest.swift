import CCrypto

/// SHA-256 (FIPS 180-4) of bytes that come piece by piece.
///
/// Safe because the context is freed with this, and nothing hands it out.
@safe final class RunningDigest {
  private let context: OpaquePointer

  init() throws(StoreError) {
    guard let context = unsafe EVP_MD_CTX_new() else {
      throw StoreError(.unavailable, "out of memory")
    }
    unsafe self.context = context
    guard unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      throw StoreError(.unavailable, "this system's OpenSSL has no SHA-256")
    }
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  func update(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 0 else { return }
    _ = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  func update(_ bytes: ArraySlice<UInt8>) {
    unsafe bytes.withUnsafeBytes { unsafe update($0) }
  }

  /// In hexadecimal, 64 digits. Nothing may be added afterwards.
  func finish() -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    _ = unsafe EVP_DigestFinal_ex(context, &digest, &count)
    return digest.prefix(Int(count)).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}
