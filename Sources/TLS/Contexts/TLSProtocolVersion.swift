internal import CSSL

/// The versions of TLS that are spoken (RFC 5246, RFC 8446).
public enum TLSProtocolVersion: UInt8, Sendable, Hashable, CaseIterable, Comparable {
  case tls12 = 12
  case tls13 = 13

  /// `TLSv1.3`, as logs and metrics call it.
  public var name: StaticString {
    switch self {
    case .tls12: "TLSv1.2"
    case .tls13: "TLSv1.3"
    }
  }

  public static func < (left: TLSProtocolVersion, right: TLSProtocolVersion) -> Bool {
    left.rawValue < right.rawValue
  }

  var number: Int32 {
    switch self {
    case .tls12: TLS1_2_VERSION
    case .tls13: TLS1_3_VERSION
    }
  }

  init?(number: Int32) {
    switch number {
    case TLS1_2_VERSION: self = .tls12
    case TLS1_3_VERSION: self = .tls13
    default: return nil
    }
  }
}

/// A cipher suite by its number in IANA's registry.
public struct TLSCipher: Sendable, Hashable {
  public let number: UInt16

  /// The registry's name; `unknown` for one that no profile has.
  public var name: StaticString {
    switch number {
    case 0x1301: "TLS_AES_128_GCM_SHA256"
    case 0x1302: "TLS_AES_256_GCM_SHA384"
    case 0x1303: "TLS_CHACHA20_POLY1305_SHA256"
    case 0xC02B: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
    case 0xC02C: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
    case 0xC02F: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    case 0xC030: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
    case 0xCCA8: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
    case 0xCCA9: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
    default: "unknown"
    }
  }
}
