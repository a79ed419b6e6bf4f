internal import CSSL

/// Getting to know one another, and what came of it.
extension TLSSession {
  /// Takes the handshake as far as the bytes that are here let it.
  public func handshake() -> Progress {
    if isBroken { return .failed }
    if isEstablished { return .done }
    guard unsafe cssl_wire_flush(wire) == 0 || wire.pointee.error == 0 else {
      return fail(.reset, "the connection broke")
    }
    beginCall()
    let result = unsafe SSL_do_handshake(handle)
    if result == 1 { return finish() }
    if unsafe SSL_get_error(handle, result) == SSL_ERROR_WANT_READ { return .waiting }
    return explain()
  }

  public var version: TLSProtocolVersion? { TLSProtocolVersion(number: unsafe SSL_version(handle)) }

  public var cipher: TLSCipher? {
    guard let cipher = unsafe SSL_get_current_cipher(handle) else { return nil }
    return TLSCipher(number: unsafe SSL_CIPHER_get_protocol_id(cipher))
  }

  /// What was agreed to be spoken inside: `h2`, `http/1.1`; empty for none.
  public var applicationProtocol: String {
    var bytes: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    unsafe SSL_get0_alpn_selected(handle, &bytes, &count)
    return unsafe String(
      decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
  }

  /// Whether an earlier session went on, without a full handshake.
  public var isResumed: Bool { unsafe SSL_session_reused(handle) == 1 }

  func beginCall() {
    ErrorQueue.clear()
    unsafe wire.pointee.is_drained = 0
    unsafe wire.pointee.budget = Self.bytesPerCall
  }

  private func finish() -> Progress {
    if let peer = unsafe SSL_get0_peer_certificate(handle) {
      // A ticket may outlive the certificate that its session began with.
      if isServer, unsafe X509_cmp_current_time(X509_get0_notAfter(peer)) < 0 {
        return fail(.certificateExpired, "certificate has expired")
      }
      peerSubject = unsafe Certificate.subject(of: peer)
    }
    isEstablished = true
    return .done
  }

  private func explain() -> Progress {
    if unsafe wire.pointee.has_ended != 0 { return fail(.closed, "the peer left") }
    if unsafe wire.pointee.error != 0 { return fail(.reset, "the connection broke") }
    let verdict = unsafe SSL_get_verify_result(handle)
    let code = ERR_peek_error()
    let reason = cssl_error_reason(code)
    if reason == SSL_R_CERTIFICATE_VERIFY_FAILED, Int32(truncatingIfNeeded: verdict) != X509_V_OK {
      let words = unsafe X509_verify_cert_error_string(verdict)
      let text = unsafe words.map { unsafe String(cString: $0) } ?? ""
      return fail(TLSFailure(verification: verdict), text)
    }
    let first = unsafe wire.pointee.first
    let isText = isServer && first >= 0x41 && first <= 0x5A
    let before = isServer ? TLS_ST_BEFORE : TLS_ST_CW_CLNT_HELLO
    let hasHello = unsafe SSL_get_state(handle) != before
    let text = ErrorQueue.takeText()
    let failure = TLSFailure(reason: reason, hasHello: hasHello)
    return fail(failure == .notTLS && isText ? .plainHTTP : failure, text)
  }

  func fail(_ failure: TLSFailure, _ text: String) -> Progress {
    ErrorQueue.clear()
    isBroken = true
    self.failure = failure
    failureText = text
    ending = -Int(EPROTO)
    return .failed
  }
}
