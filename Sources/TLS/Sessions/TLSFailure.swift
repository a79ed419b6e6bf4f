internal import CSSL

/// Why a session came to nothing.
public enum TLSFailure: UInt8, Sendable, Hashable, CaseIterable {
  /// HTTP without TLS · something else that isn't TLS.
  case plainHTTP, notTLS
  /// Nothing in common: version, cipher or group, protocol inside.
  case version, cipher, applicationProtocol
  /// The peer's certificate: none, of nobody who is believed, over, not begun, taken back, whose
  /// status can't be told, of another name, otherwise wrong.
  case certificateMissing, certificateUntrusted, certificateExpired, certificateNotYetValid
  case certificateRevoked, certificateStatusUnknown, certificateName, certificateInvalid
  /// The peer refused, with an alert.
  case refusedByPeer
  /// The peer left · the connection broke.
  case closed, reset
  /// Bytes that are no TLS, or not at this place.
  case malformed
  /// The handshake took too long, as its owner judges.
  case timeout
  case outOfMemory

  /// As logs and metrics call it.
  public var name: StaticString {
    switch self {
    case .plainHTTP: "plain-http"
    case .notTLS: "not-tls"
    case .version: "tls-version"
    case .cipher: "tls-cipher"
    case .applicationProtocol: "tls-alpn"
    case .certificateMissing: "certificate-missing"
    case .certificateUntrusted: "certificate-untrusted"
    case .certificateExpired: "certificate-expired"
    case .certificateNotYetValid: "certificate-not-yet-valid"
    case .certificateRevoked: "certificate-revoked"
    case .certificateStatusUnknown: "certificate-status-unknown"
    case .certificateName: "certificate-name"
    case .certificateInvalid: "certificate-invalid"
    case .refusedByPeer: "tls-refused"
    case .closed: "tls-closed"
    case .reset: "tls-reset"
    case .malformed: "tls-malformed"
    case .timeout: "tls-timeout"
    case .outOfMemory: "out-of-memory"
    }
  }

  /// What OpenSSL's verdict on a peer's certificate means.
  init(verification result: Int) {
    switch Int32(truncatingIfNeeded: result) {
    case X509_V_ERR_CERT_HAS_EXPIRED: self = .certificateExpired
    case X509_V_ERR_CERT_NOT_YET_VALID: self = .certificateNotYetValid
    case X509_V_ERR_CERT_REVOKED: self = .certificateRevoked
    case X509_V_ERR_UNABLE_TO_GET_CRL, X509_V_ERR_CRL_HAS_EXPIRED, X509_V_ERR_CRL_NOT_YET_VALID,
      X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, X509_V_ERR_CRL_SIGNATURE_FAILURE:
      self = .certificateStatusUnknown
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
      X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_UNTRUSTED,
      X509_V_ERR_CERT_SIGNATURE_FAILURE:
      self = .certificateUntrusted
    case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: self = .certificateName
    default: self = .certificateInvalid
    }
  }

  /// What the library noticed first.
  /// - Parameter hasHello: whether the peer had begun a handshake.
  init(reason: Int32, hasHello: Bool) {
    switch reason {
    case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST: self = .plainHTTP
    case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_NO_PROTOCOLS_AVAILABLE,
      SSL_R_UNSUPPORTED_SSL_VERSION, SSL_R_INAPPROPRIATE_FALLBACK:
      self = .version
    case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_SUITABLE_KEY_SHARE, SSL_R_NO_SUITABLE_GROUPS,
      SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM,
      SSL_R_NO_SHARED_GROUPS:
      self = .cipher
    case SSL_R_NO_APPLICATION_PROTOCOL: self = .applicationProtocol
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: self = .certificateMissing
    case SSL_R_CERTIFICATE_VERIFY_FAILED: self = .certificateInvalid
    case SSL_R_UNEXPECTED_EOF_WHILE_READING: self = .closed
    case Int32(truncatingIfNeeded: ERR_R_MALLOC_FAILURE): self = .outOfMemory
    default:
      if reason >= SSL_AD_REASON_OFFSET, reason < SSL_AD_REASON_OFFSET + 256 {
        self = .refusedByPeer
      } else {
        self = hasHello ? .malformed : .notTLS
      }
    }
  }
}
