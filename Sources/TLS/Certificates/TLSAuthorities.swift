internal import CSSL
public import Primitives

/// Authorities whose certificates are believed, with the lists of those that they took back.
public final class TLSAuthorities: Sendable {
  let certificates: [Certificate]
  let revocationLists: [RevocationList]
  /// Tells one set from another: a session of another set is not resumed.
  let digest: [UInt8]
  /// `expired on …`, and the like.
  public let warnings: [TLSProblem]

  /// More are too many for one listener or service.
  static let most = 10_000
  /// More names are not told to clients, who only choose among their certificates by them.
  static let mostTold = 100

  /// - Parameters:
  ///   - certificates: PEM, at least one.
  ///   - revocations: PEM of revocation lists (RFC 5280 section 5). With any, every authority in a
  ///     chain needs one: a status that can't be told is a refusal.
  /// - Throws: what can't be read, or that there is none. Nothing is ever believed for the lack of
  ///   an authority.
  public init(
    certificates: [UInt8], source: String, revocations: [(bytes: [UInt8], source: String)] = [],
    now: WallTime
  ) throws(TLSProblem) {
    guard let reader = PEMReader(certificates) else {
      throw TLSProblem(source: source, detail: "there is no memory to read it")
    }
    self.certificates = try reader.certificates(of: source, most: Self.most)
    if self.certificates.isEmpty {
      throw TLSProblem(source: source, detail: "has no certificate in PEM")
    }
    var lists: [RevocationList] = []
    var found = self.certificates.filter { $0.notAfter < now }
      .map { TLSProblem(source: source, detail: "\($0.subject) expired on \($0.notAfter)") }
    for (bytes, source) in revocations {
      guard let reader = PEMReader(bytes) else {
        throw TLSProblem(source: source, detail: "there is no memory to read it")
      }
      let read = try reader.revocationLists(of: source)
      if read.isEmpty {
        throw TLSProblem(source: source, detail: "has no revocation list in PEM")
      }
      for list in read {
        guard let next = list.nextUpdate, next < now else { continue }
        found.append(
          TLSProblem(
            source: source,
            detail: "the revocation list was due to be replaced on \(next); "
              + "certificates are refused until it is"))
      }
      lists += read
    }
    revocationLists = lists
    warnings = found
    digest = SHA256.digest(
      [certificates] + revocations.map { $0.bytes })
  }
}

extension RevocationList {
  /// When the next one was promised for.
  var nextUpdate: WallTime? {
    guard let time = unsafe X509_CRL_get0_nextUpdate(handle) else { return nil }
    return unsafe WallTime(milliseconds: cssl_milliseconds(time))
  }
}

/// Of several texts, each with its length in front so that they can't run into one another.
enum SHA256 {
  static func digest(_ texts: [[UInt8]]) -> [UInt8] {
    var input: [UInt8] = []
    for text in texts {
      for shift in [24, 16, 8, 0] { input.append(UInt8(truncatingIfNeeded: text.count >> shift)) }
      input += text
    }
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    let result = unsafe EVP_Digest(input, input.count, &digest, &count, EVP_sha256(), nil)
    return result == 1 && count == 32 ? digest : []
  }
}
