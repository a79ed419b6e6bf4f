internal import CSSL

/// A certificate for development, which nobody vouches for: a key on P-256 and its own signature.
public struct SelfSignedCertificate: Sendable {
  /// PEM.
  public let certificate: [UInt8]
  public let key: [UInt8]

  /// Names beyond these are left out.
  public static let mostNames = 100

  /// - Parameters:
  ///   - names: DNS names and IP addresses that it is for; wildcards may be among the names.
  ///   - seconds: how long it is valid from now on.
  /// - Throws: when the system has no randomness, or OpenSSL doesn't take a name.
  public init(names: [String], seconds: Int) throws(TLSProblem) {
    guard let key = unsafe Self.makeKey() else { throw Self.problem }
    defer { unsafe EVP_PKEY_free(key) }
    guard let certificate = unsafe X509_new() else { throw Self.problem }
    defer { unsafe X509_free(certificate) }
    guard unsafe Self.fill(certificate, key, names, seconds),
      unsafe X509_sign(certificate, key, EVP_sha256()) > 0,
      let text = unsafe Self.text({ unsafe PEM_write_bio_X509($0, certificate) }),
      let keyText = unsafe Self.text({
        unsafe PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil)
      })
    else { throw Self.problem }
    self.certificate = text
    self.key = keyText
  }

  private static var problem: TLSProblem {
    TLSProblem(
      source: "the self-signed certificate", detail: "cannot be made: \(ErrorQueue.takeText())")
  }

  private static func makeKey() -> OpaquePointer? {
    guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else { return nil }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard unsafe EVP_PKEY_keygen_init(context) == 1,
      unsafe EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
      unsafe EVP_PKEY_generate(context, &key) == 1
    else { return nil }
    return unsafe key
  }

  private static func fill(
    _ certificate: OpaquePointer, _ key: OpaquePointer, _ names: [String], _ seconds: Int
  ) -> Bool {
    // 63 random bits: positive, and never twice from one issuer (RFC 5280, section 4.1.2.2).
    var serial: UInt64 = 0
    let isRandom = unsafe withUnsafeMutableBytes(of: &serial) { bytes in
      unsafe RAND_bytes(bytes.bindMemory(to: UInt8.self).baseAddress, Int32(bytes.count)) == 1
    }
    let subject = unsafe X509_get_subject_name(certificate)
    let title = Array("Ballast development".utf8)
    guard isRandom, unsafe X509_set_version(certificate, 2) == 1,
      unsafe ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1,
      // A little earlier, for clocks that go behind ours.
      unsafe X509_gmtime_adj(X509_getm_notBefore(certificate), -3_600) != nil,
      unsafe X509_gmtime_adj(X509_getm_notAfter(certificate), seconds) != nil,
      unsafe X509_set_pubkey(certificate, key) == 1,
      unsafe X509_NAME_add_entry_by_txt(
        subject, "CN", MBSTRING_UTF8, title, Int32(title.count), -1, 0) == 1,
      unsafe X509_set_issuer_name(certificate, subject) == 1
    else { return false }
    let alternatives = names.prefix(mostNames).map { isAddress($0) ? "IP:\($0)" : "DNS:\($0)" }
    let fields = [
      (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"),
      (NID_ext_key_usage, "serverAuth"),
      (NID_subject_alt_name, alternatives.joined(separator: ",")),
    ]
    return fields.allSatisfy { number, value in unsafe add(number, value, to: certificate) }
  }

  private static func add(_ number: Int32, _ value: String, to certificate: OpaquePointer) -> Bool {
    guard let field = unsafe X509V3_EXT_conf_nid(nil, nil, number, value) else { return false }
    defer { unsafe X509_EXTENSION_free(field) }
    return unsafe X509_add_ext(certificate, field, -1) == 1
  }

  private static func isAddress(_ name: String) -> Bool {
    guard let address = unsafe a2i_IPADDRESS(name) else { return false }
    unsafe ASN1_OCTET_STRING_free(address)
    return true
  }

  /// What is written into memory.
  private static func text(_ write: (OpaquePointer) -> Int32) -> [UInt8]? {
    guard let bio = unsafe BIO_new(BIO_s_mem()) else { return nil }
    defer { _ = unsafe BIO_free(bio) }
    guard unsafe write(bio) == 1 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = unsafe BIO_read(bio, &bytes, Int32(bytes.count))
    return count > 0 ? Array(bytes.prefix(Int(count))) : nil
  }
}
