internal import CSSL
public import Primitives
private import Synchronization

/// What a responder says of a certificate (RFC 6960), for clients that ask for it in their handshake
/// (RFC 6066 section 8), so that they need not ask the responder themselves.
public struct TLSCertificateStatus: Sendable, Hashable {
  /// In DER, as it is shown to clients.
  public var answer: [UInt8]
  /// When it began to hold, and when there is another; nil when the responder makes one for each
  /// question.
  public var thisUpdate: WallTime
  public var nextUpdate: WallTime?
}

extension TLSIdentity {
  /// An answer is a few KiB; more is none.
  public static let largestStatus = 64 * 1024

  /// The question for the responder, in DER; nil where the certificate that issued this one did not come
  /// with it, since the question names both.
  public var statusRequest: [UInt8]? {
    ErrorQueue.clear()
    guard let request = unsafe OCSP_REQUEST_new() else { return nil }
    defer { unsafe OCSP_REQUEST_free(request) }
    guard let issuer = issuerCertificate,
      let id = unsafe OCSP_cert_to_id(EVP_sha1(), leaf.handle, issuer.handle)
    else { return nil }
    guard unsafe OCSP_request_add0_id(request, id) != nil else {
      unsafe OCSP_CERTID_free(id)
      return nil
    }
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = unsafe i2d_OCSP_REQUEST(request, &bytes)
    guard count > 0, let start = unsafe bytes else { return nil }
    defer { unsafe cssl_release(start) }
    return unsafe Array(UnsafeBufferPointer(start: start, count: Int(count)))
  }

  /// Reads an answer, which has to be signed by whoever issued the certificate, or by one whom that
  /// one named for it.
  /// - Throws: why it can't be shown to clients: damaged, of another, not good, not of now.
  public func status(_ answer: [UInt8]) throws(TLSProblem) -> TLSCertificateStatus {
    ErrorQueue.clear()
    defer { ErrorQueue.clear() }
    func refuse(_ detail: String) -> TLSProblem { TLSProblem(source: source, detail: detail) }
    guard answer.count <= Self.largestStatus else { throw refuse("the answer is too large") }
    guard let issuer = issuerCertificate else {
      throw refuse("its issuer's certificate is not there")
    }
    var times: [Int64] = [0, 0]
    let result = unsafe Int(
      cssl_check_status(
        answer, answer.count, leaf.handle, issuer.handle, &times))
    switch result {
    case CSSL_STATUS_GOOD:
      return TLSCertificateStatus(
        answer: answer, thisUpdate: WallTime(milliseconds: times[0]),
        nextUpdate: times[1] == 0 ? nil : WallTime(milliseconds: times[1]))
    case CSSL_STATUS_REVOKED: throw refuse("the responder says that it was revoked")
    case CSSL_STATUS_UNKNOWN: throw refuse("the responder does not know it")
    case CSSL_STATUS_REFUSED: throw refuse("the responder gives no answer")
    case CSSL_STATUS_UNSIGNED: throw refuse("the answer is not signed by its issuer")
    case CSSL_STATUS_STALE: throw refuse("the answer is not of now")
    case CSSL_STATUS_OTHER: throw refuse("the answer is about another certificate")
    default: throw refuse("the answer can't be read")
    }
  }

  /// Shows this to clients from here on; nil shows nothing.
  public func show(_ status: TLSCertificateStatus?) {
    staple.withLock { $0 = status?.answer ?? [] }
  }
}
