internal import CSSL

/// Who a client's side believes.
public enum TLSServerVerification: Sendable {
  /// The system's authorities.
  case system
  case authorities(TLSAuthorities)
  /// Whoever it is: nothing is checked.
  case none
}

/// What connections to servers speak TLS with.
public struct TLSClientOptions: Sendable {
  public var verification = TLSServerVerification.system
  /// The certificate that is shown to servers that ask.
  public var identity: TLSIdentity?
  /// Offered to the server (RFC 7301), the preferred one first; with none the extension is left out.
  public var protocols: [String] = []
  public var versions: ClosedRange<TLSProtocolVersion> = .tls12 ... .tls13

  public init() {}
}

/// The same, ready for handshakes. Never changes, so all workers share it.
public final class TLSClientContext: Sendable {
  let context: LibraryContext
  let verifies: Bool

  /// - Throws: a certificate that OpenSSL doesn't take, or system authorities that can't be read.
  public init(_ options: TLSClientOptions) throws(TLSProblem) {
    context = try LibraryContext(.client, options.versions)
    switch options.verification {
    case .system:
      verifies = true
      guard unsafe SSL_CTX_set_default_verify_paths(context.handle) == 1 else {
        throw TLSProblem(source: "the system's authorities", detail: ErrorQueue.takeText())
      }
    case .authorities(let authorities):
      verifies = true
      context.believe(try AuthorityStore(authorities))
    case .none: verifies = false
    }
    unsafe SSL_CTX_set_verify(
      context.handle, verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, noteRefused)
    if let identity = options.identity { try context.use(identity) }
    let list = ProtocolList(options.protocols)
    if !list.isEmpty {
      let bytes = unsafe list.bytes
      // Zero is success here, unlike anywhere else.
      let result = unsafe SSL_CTX_set_alpn_protos(
        context.handle, bytes.baseAddress, UInt32(bytes.count))
      if result != 0 { throw TLSProblem(source: "alpn", detail: ErrorQueue.takeText()) }
    }
  }
}
