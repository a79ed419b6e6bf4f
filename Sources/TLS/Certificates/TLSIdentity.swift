internal import CSSL
public import Primitives
internal import Synchronization

/// A certificate with its key and the certificates that lead from it to an authority.
///
/// Made of bytes in memory. Whoever reads them from files keeps the object while they stay the same:
/// what is stapled to it stays with it. The key is shown to nobody.
public final class TLSIdentity: Sendable {
  public enum KeyKind: Sendable, Hashable {
    case rsa(bits: Int)
    case ellipticCurve(bits: Int)
    case edwards
  }

  /// What the caller calls it.
  public let source: String
  /// DNS names and addresses, in lower case, the wildcard's `*.` included; may be empty.
  public let names: [String]
  public let subject: String
  public let issuer: String
  /// Hexadecimal, as the fingerprint, which is the SHA-256 of the certificate's DER form.
  public let serial: String
  public let fingerprint: String
  public let notBefore: WallTime
  public let notAfter: WallTime
  public let keyKind: KeyKind
  /// Where the certificate's status can be asked for by OCSP, if it says so.
  public let responder: String?
  /// What a person should know of and what doesn't keep it from being used: `expired on …`,
  /// `the chain is not in order`.
  public let warnings: [TLSProblem]

  let leaf: Certificate
  let chain: [Certificate]
  /// Who issued it, if that one's certificate came along.
  let issuerCertificate: Certificate?
  let key: PrivateKey
  let staple = Mutex<[UInt8]>([])

  /// Certificates of a chain that are taken at most.
  static let longestChain = 16
  static let leastRSABits = 2_048

  /// - Parameters:
  ///   - certificate: PEM; the certificate first, what leads to its authority behind it.
  ///   - key: PEM, not encrypted. May be the same text as the certificate's.
  ///   - source: what to call it in a problem.
  ///   - keySource: what to call the key.
  ///   - now: what it has expired by, or not begun by.
  /// - Throws: what can't be read, doesn't fit together, or is too weak. A certificate that has
  ///   expired is taken, with a warning: half of its clients may not look.
  public init(
    certificate: [UInt8], key: [UInt8], source: String, keySource: String, now: WallTime
  ) throws(TLSProblem) {
    guard let reader = PEMReader(certificate), let keyReader = PEMReader(key) else {
      throw TLSProblem(source: source, detail: "there is no memory to read it")
    }
    let certificates = try reader.certificates(of: source, most: Self.longestChain)
    guard let leaf = certificates.first else {
      throw TLSProblem(source: source, detail: "has no certificate in PEM")
    }
    let privateKey = try keyReader.key(of: keySource)
    ErrorQueue.clear()
    guard unsafe X509_check_private_key(leaf.handle, privateKey.handle) == 1 else {
      ErrorQueue.clear()
      throw TLSProblem(
        source: keySource,
        detail: "the key does not belong to the certificate in \(source) (\(leaf.subject))")
    }
    keyKind = try Self.kind(of: privateKey, keySource)
    self.leaf = leaf
    self.key = privateKey
    issuerCertificate = certificates.dropFirst().first { other in
      unsafe X509_check_issued(other.handle, leaf.handle) == X509_V_OK
    }
    // A root that came along is of no use to a client.
    chain = certificates.dropFirst().filter { $0.subject != $0.issuer }
    self.source = source
    names = leaf.names
    subject = leaf.subject
    issuer = leaf.issuer
    serial = leaf.serial
    fingerprint = leaf.fingerprint
    notBefore = leaf.notBefore
    notAfter = leaf.notAfter
    responder = leaf.responder
    warnings = Self.warnings(leaf, chain, source, now)
  }

  private static func kind(of key: PrivateKey, _ source: String) throws(TLSProblem) -> KeyKind {
    let bits = Int(unsafe EVP_PKEY_get_bits(key.handle))
    switch unsafe EVP_PKEY_get_base_id(key.handle) {
    case EVP_PKEY_RSA, EVP_PKEY_RSA_PSS:
      if bits < leastRSABits {
        throw TLSProblem(
          source: source,
          detail: "an RSA key of \(bits) bits is too weak; \(leastRSABits) is the least")
      }
      return .rsa(bits: bits)
    case EVP_PKEY_EC:
      if bits < 256 {
        throw TLSProblem(
          source: source, detail: "a curve of \(bits) bits is too weak; 256 is the least")
      }
      return .ellipticCurve(bits: bits)
    case EVP_PKEY_ED25519, EVP_PKEY_ED448: return .edwards
    default:
      throw TLSProblem(source: source, detail: "the key is neither RSA nor of an elliptic curve")
    }
  }

  private static func warnings(
    _ leaf: Certificate, _ chain: [Certificate], _ source: String, _ now: WallTime
  ) -> [TLSProblem] {
    var found: [String] = []
    if leaf.notAfter < now { found.append("expired on \(leaf.notAfter)") }
    if leaf.notBefore > now { found.append("is not valid before \(leaf.notBefore)") }
    if leaf.names.isEmpty { found.append("is for no name") }
    for (issued, issuer) in zip([leaf] + chain, chain)
    where unsafe X509_check_issued(issuer.handle, issued.handle) != X509_V_OK {
      found.append("the chain is not in order: \(issuer.subject) did not issue \(issued.subject)")
    }
    ErrorQueue.clear()
    return found.map { TLSProblem(source: source, detail: $0) }
  }
}

extension TLSIdentity: CustomStringConvertible, CustomReflectable {
  /// For whoever prints one: what everybody may know.
  public var description: String { "\(source) (\(subject))" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
