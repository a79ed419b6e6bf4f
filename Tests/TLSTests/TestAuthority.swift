import CSSL
import Primitives
import TLS

/// A made-up authority that issues certificates for tests.
@safe final class TestAuthority {
  enum Kind {
    case ellipticCurve
    case rsa(bits: Int)
  }

  struct Issued {
    let certificate: [UInt8]
    let key: [UInt8]
    let serial: Int
  }

  struct Order {
    var names: [String] = []
    var commonName: String?
    var kind = Kind.ellipticCurve
    /// Seconds from now.
    var begins = -3_600
    var ends = 86_400
    var isForClients = false
    var responder: String?
  }

  let name: String
  private let key: OpaquePointer
  private let root: OpaquePointer
  private var serials = 1

  init(_ name: String = "Test Authority") {
    self.name = name
    unsafe key = Self.makeKey(.ellipticCurve)
    let fields = [
      "basicConstraints": "critical,CA:TRUE", "keyUsage": "critical,keyCertSign,cRLSign",
    ]
    unsafe root = Self.make(name, serial: 1, -86_400, 864_000, key, name, key, fields)
  }

  deinit {
    unsafe X509_free(root)
    unsafe EVP_PKEY_free(key)
  }

  var certificate: [UInt8] { unsafe Self.text { unsafe PEM_write_bio_X509($0, root) } }

  func issue(_ names: String...) -> Issued { issue(Order(names: names)) }

  func issue(_ order: Order) -> Issued {
    serials += 1
    let own = unsafe Self.makeKey(order.kind)
    var fields = ["basicConstraints": "CA:FALSE"]
    if !order.names.isEmpty {
      fields["subjectAltName"] = order.names.map { "DNS:\($0)" }.joined(separator: ",")
    }
    fields["extendedKeyUsage"] = order.isForClients ? "clientAuth" : "serverAuth"
    if let responder = order.responder { fields["authorityInfoAccess"] = "OCSP;URI:\(responder)" }
    let subject = order.commonName ?? order.names.first ?? "nobody"
    let certificate = unsafe Self.make(
      subject, serial: serials, order.begins, order.ends, own, name, key, fields)
    defer {
      unsafe X509_free(certificate)
      unsafe EVP_PKEY_free(own)
    }
    return unsafe Issued(
      certificate: Self.text { unsafe PEM_write_bio_X509($0, certificate) },
      key: Self.text { unsafe PEM_write_bio_PrivateKey($0, own, nil, nil, 0, nil, nil) },
      serial: serials)
  }

  /// A list that takes back these serial numbers.
  func revoke(_ serials: [Int], nextUpdate: Int = 86_400) -> [UInt8] {
    guard let list = unsafe X509_CRL_new() else { return [] }
    defer { unsafe X509_CRL_free(list) }
    unsafe X509_CRL_set_version(list, 1)
    unsafe X509_CRL_set_issuer_name(list, X509_get_subject_name(root))
    let (last, next) = unsafe (Self.time(-7_200), Self.time(nextUpdate))
    unsafe X509_CRL_set1_lastUpdate(list, last)
    unsafe X509_CRL_set1_nextUpdate(list, next)
    for serial in serials {
      guard let entry = unsafe X509_REVOKED_new(), let number = unsafe ASN1_INTEGER_new() else {
        continue
      }
      unsafe ASN1_INTEGER_set(number, serial)
      unsafe X509_REVOKED_set_serialNumber(entry, number)
      unsafe X509_REVOKED_set_revocationDate(entry, last)
      unsafe X509_CRL_add0_revoked(list, entry)
      unsafe ASN1_INTEGER_free(number)
    }
    unsafe ASN1_STRING_free(last)
    unsafe ASN1_STRING_free(next)
    unsafe X509_CRL_sign(list, key, EVP_sha256())
    return unsafe Self.text { unsafe PEM_write_bio_X509_CRL($0, list) }
  }

  /// What its responder says of a certificate; seconds from now.
  func status(of issued: Issued, _ status: Int32, begins: Int, ends: Int? = nil) -> [UInt8] {
    let serial = unsafe ASN1_INTEGER_new()
    unsafe ASN1_INTEGER_set(serial, issued.serial)
    let id = unsafe OCSP_cert_id_new(
      EVP_sha1(), X509_get_subject_name(root), X509_get0_pubkey_bitstr(root), serial)
    let (from, until) = unsafe (Self.time(begins), ends.map { unsafe Self.time($0) } ?? nil)
    let basic = unsafe OCSP_BASICRESP_new()
    unsafe OCSP_basic_add1_status(
      basic, id, status, Int32(OCSP_REVOKED_STATUS_NOSTATUS), from, from, until)
    unsafe OCSP_basic_sign(basic, root, key, EVP_sha256(), nil, 0)
    let response = unsafe OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic)
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = unsafe i2d_OCSP_RESPONSE(response, &bytes)
    defer {
      unsafe CRYPTO_free(bytes, "", 0)
      unsafe OCSP_RESPONSE_free(response)
      unsafe OCSP_BASICRESP_free(basic)
      unsafe OCSP_CERTID_free(id)
      unsafe ASN1_INTEGER_free(serial)
      unsafe ASN1_STRING_free(from)
      unsafe ASN1_STRING_free(until)
    }
    return unsafe Array(UnsafeBufferPointer(start: bytes, count: max(0, Int(count))))
  }

  private static func makeKey(_ kind: Kind) -> OpaquePointer {
    var key: OpaquePointer?
    switch kind {
    case .ellipticCurve:
      let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "EC", nil)
      unsafe EVP_PKEY_keygen_init(context)
      unsafe EVP_PKEY_CTX_set_group_name(context, "P-256")
      unsafe EVP_PKEY_generate(context, &key)
      unsafe EVP_PKEY_CTX_free(context)
    case .rsa(let bits):
      let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "RSA", nil)
      unsafe EVP_PKEY_keygen_init(context)
      unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits))
      unsafe EVP_PKEY_generate(context, &key)
      unsafe EVP_PKEY_CTX_free(context)
    }
    return unsafe key!
  }

  private static func make(
    _ subject: String, serial: Int, _ begins: Int, _ ends: Int, _ key: OpaquePointer,
    _ issuer: String, _ issuerKey: OpaquePointer, _ fields: [String: String]
  ) -> OpaquePointer {
    let certificate = unsafe X509_new()!
    unsafe X509_set_version(certificate, 2)
    unsafe ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial)
    unsafe X509_gmtime_adj(X509_getm_notBefore(certificate), begins)
    unsafe X509_gmtime_adj(X509_getm_notAfter(certificate), ends)
    unsafe X509_set_pubkey(certificate, key)
    func name(_ name: OpaquePointer?, _ text: String) {
      unsafe X509_NAME_add_entry_by_txt(
        name, "CN", MBSTRING_UTF8, Array(text.utf8), Int32(text.utf8.count), -1, 0)
    }
    unsafe name(X509_get_subject_name(certificate), subject)
    unsafe name(X509_get_issuer_name(certificate), issuer)
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      let number = unsafe OBJ_txt2nid(name)
      let field = unsafe X509V3_EXT_conf_nid(nil, nil, number, value)
      unsafe X509_add_ext(certificate, field, -1)
      unsafe X509_EXTENSION_free(field)
    }
    unsafe X509_sign(certificate, issuerKey, EVP_sha256())
    return unsafe certificate
  }

  private static func time(_ seconds: Int) -> UnsafeMutablePointer<ASN1_TIME>? {
    unsafe X509_gmtime_adj(nil, seconds)
  }

  private static func text(_ write: (OpaquePointer?) -> Int32) -> [UInt8] {
    let bio = unsafe BIO_new(BIO_s_mem())
    defer { _ = unsafe BIO_free(bio) }
    _ = unsafe write(bio)
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count = unsafe BIO_read(bio, &bytes, Int32(bytes.count))
    return Array(bytes.prefix(max(0, Int(count))))
  }
}

extension TestAuthority.Issued {
  func identity(_ source: String = "test.pem", _ now: WallTime = .testNow) throws -> TLSIdentity {
    try TLSIdentity(
      certificate: certificate, key: key, source: source, keySource: "test.key", now: now)
  }
}

extension WallTime {
  static var testNow: WallTime {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(milliseconds: Int64(time.tv_sec) * 1_000)
  }
}
