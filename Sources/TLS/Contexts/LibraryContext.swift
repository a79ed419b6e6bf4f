internal import CSSL

/// Owns an SSL_CTX with what is the same for both sides: Mozilla's intermediate profile of 2025
/// (https://wiki.mozilla.org/Security/Server_Side_TLS) without its finite-field suites.
@safe final class LibraryContext: @unchecked Sendable {
  let handle: OpaquePointer

  private static let suites12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    + "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    + "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
  private static let suites13 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
  private static let groups = "X25519:P-256:P-384"
  /// 112 bits: RSA and finite fields from 2048, curves from 224; no SHA-1 in signatures.
  private static let securityLevel: Int32 = 2
  /// Bytes of all certificates that a peer may send.
  private static let largestChain = 64 * 1024
  private static let deepestChain: Int32 = 8

  init(_ side: TLSSide, _ versions: ClosedRange<TLSProtocolVersion>) throws(TLSProblem) {
    ErrorQueue.clear()
    let method = unsafe side == .server ? TLS_server_method() : TLS_client_method()
    guard let handle = unsafe SSL_CTX_new(method) else {
      throw TLSProblem(source: "OpenSSL", detail: ErrorQueue.takeText())
    }
    unsafe self.handle = handle
    unsafe cssl_set_defaults(handle)
    unsafe SSL_CTX_set_security_level(handle, Self.securityLevel)
    unsafe cssl_set_largest_chain(handle, Self.largestChain)
    unsafe SSL_CTX_set_verify_depth(handle, Self.deepestChain)
    let isSet = unsafe [
      cssl_set_versions(handle, versions.lowerBound.number, versions.upperBound.number),
      SSL_CTX_set_cipher_list(handle, Self.suites12),
      SSL_CTX_set_ciphersuites(handle, Self.suites13),
      cssl_set_groups(handle, Self.groups),
      SSL_CTX_set_max_early_data(handle, 0),
      SSL_CTX_set_recv_max_early_data(handle, 0),
    ]
    if isSet.contains(0) {
      throw TLSProblem(source: "OpenSSL", detail: ErrorQueue.takeText())
    }
  }

  deinit { unsafe SSL_CTX_free(handle) }

  /// Adds a certificate with its key; one of each kind of key is shown.
  func use(_ identity: TLSIdentity) throws(TLSProblem) {
    ErrorQueue.clear()
    var isUsed =
      unsafe SSL_CTX_use_certificate(handle, identity.leaf.handle) == 1
      && SSL_CTX_use_PrivateKey(handle, identity.key.handle) == 1
    for certificate in identity.chain where isUsed {
      isUsed = unsafe cssl_add_to_chain(handle, certificate.handle) == 1
    }
    if !isUsed { throw TLSProblem(source: identity.source, detail: ErrorQueue.takeText()) }
  }

  /// Believes these authorities, and no other.
  func believe(_ store: AuthorityStore) {
    unsafe SSL_CTX_set1_cert_store(handle, store.handle)
  }
}

enum TLSSide { case server, client }

/// Owns an X509_STORE.
@safe final class AuthorityStore: @unchecked Sendable {
  let handle: OpaquePointer

  init(_ authorities: TLSAuthorities) throws(TLSProblem) {
    ErrorQueue.clear()
    guard let handle = unsafe X509_STORE_new() else {
      throw TLSProblem(source: "OpenSSL", detail: ErrorQueue.takeText())
    }
    unsafe self.handle = handle
    var isFull = false
    for certificate in authorities.certificates
    where unsafe X509_STORE_add_cert(handle, certificate.handle) != 1 {
      isFull = true
    }
    for list in authorities.revocationLists
    where unsafe X509_STORE_add_crl(handle, list.handle) != 1 {
      isFull = true
    }
    if isFull { throw TLSProblem(source: "authorities", detail: ErrorQueue.takeText()) }
    // One that is given is believed, whether or not it is a root.
    var flags = UInt(X509_V_FLAG_PARTIAL_CHAIN) | UInt(X509_V_FLAG_TRUSTED_FIRST)
    if !authorities.revocationLists.isEmpty {
      flags |= UInt(X509_V_FLAG_CRL_CHECK) | UInt(X509_V_FLAG_CRL_CHECK_ALL)
    }
    _ = unsafe X509_STORE_set_flags(handle, flags)
  }

  deinit { unsafe X509_STORE_free(handle) }
}
