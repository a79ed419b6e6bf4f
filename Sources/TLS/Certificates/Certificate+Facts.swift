internal import CSSL
internal import Primitives

/// What a certificate says of itself.
extension Certificate {
  /// Bytes of a name that are kept: names come from peers too.
  private static let longestName = 1_024

  var subject: String { unsafe Self.text(X509_get_subject_name(handle)) }
  var issuer: String { unsafe Self.text(X509_get_issuer_name(handle)) }
  var notBefore: WallTime {
    unsafe WallTime(milliseconds: cssl_milliseconds(X509_get0_notBefore(handle)))
  }
  var notAfter: WallTime {
    unsafe WallTime(milliseconds: cssl_milliseconds(X509_get0_notAfter(handle)))
  }

  /// The serial number in hexadecimal.
  var serial: String {
    guard let number = unsafe ASN1_INTEGER_to_BN(X509_get0_serialNumber(handle), nil) else {
      return ""
    }
    defer { unsafe BN_free(number) }
    guard let text = unsafe BN_bn2hex(number) else { return "" }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  /// SHA-256 of its DER form, in hexadecimal.
  var fingerprint: String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard unsafe X509_digest(handle, EVP_sha256(), &digest, &count) == 1 else { return "" }
    return digest.prefix(Int(count)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The names and addresses that it is for, in lower case, `*.` in front of a wildcard; of one
  /// without alternative names its common name.
  var names: [String] {
    if let text = unsafe cssl_names(handle) {
      defer { unsafe free(text) }
      return unsafe String(cString: text).lowercased().split(separator: "\n").map(String.init)
    }
    var name = [CChar](repeating: 0, count: 256)
    let count = unsafe X509_NAME_get_text_by_NID(
      X509_get_subject_name(handle), NID_commonName, &name, 256)
    guard count > 0 else { return [] }
    let bytes = name.prefix(Int(count)).map { UInt8(bitPattern: $0) }
    let isPlain = bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    return isPlain ? [String(decoding: bytes, as: UTF8.self).lowercased()] : []
  }

  /// The address of the responder that tells its status (RFC 6960), if it names one.
  var responder: String? {
    guard let text = unsafe cssl_responder(handle) else { return nil }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  /// RFC 2253 form of a subject, without line breaks or other control characters.
  static func subject(of certificate: OpaquePointer) -> [UInt8] {
    unsafe bytes(X509_get_subject_name(certificate))
  }

  private static func text(_ name: OpaquePointer?) -> String {
    unsafe String(decoding: bytes(name), as: UTF8.self)
  }

  private static func bytes(_ name: OpaquePointer?) -> [UInt8] {
    guard let name = unsafe name else { return [] }
    var text = [CChar](repeating: 0, count: longestName)
    let count = unsafe cssl_name_text(name, &text, Int32(longestName))
    // The library escapes them; what stands in heads and logs must not hang on that.
    return text.prefix(Int(count)).map { byte in
      let byte = UInt8(bitPattern: byte)
      return byte < 0x20 || byte == 0x7F ? UInt8(ascii: "?") : byte
    }
  }
}
