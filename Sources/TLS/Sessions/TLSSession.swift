internal import CSSL

/// TLS on one connected, non-blocking socket, which stays its owner's: who ends with `shutdown` and
/// closes the socket itself.
///
/// `receive` and `send` answer as `StreamSocket`'s do: a count, 0 at the peer's end, or -errno. The
/// rules for both are the rules for a socket:
/// 1. `handshake` first, each time that the socket gets readable or writable, until it says `done`.
/// 2. After `done`, read at once: the peer's first bytes may be here already and are not told of
///    again.
/// 3. A `receive` that fills less than the room there was has taken all that was there.
/// 4. What `send` did not take is given to it again, unchanged and in front of anything else.
/// One thread at a time.
@safe public final class TLSSession {
  public enum Progress: Sendable, Hashable {
    case done
    /// Goes on when the socket is readable, or writable if `holdsOutput`.
    case waiting
    /// `failure` and `failureText` say why. What there was to tell the peer was sent.
    case failed
  }

  let handle: OpaquePointer
  let wire: UnsafeMutablePointer<cssl_wire>
  /// The library's callbacks reach it through the session.
  private let context: any Sendable & AnyObject
  let isServer: Bool
  var clientContext: TLSClientContext? { context as? TLSClientContext }

  public internal(set) var isEstablished = false
  /// Why the handshake or what followed it came to nothing.
  public internal(set) var failure: TLSFailure?
  /// The same in the library's words, for a log; may quote nothing of the peer but an alert.
  public internal(set) var failureText = ""
  /// The name that the client asked for, in lower case; of a client's side the server's.
  public internal(set) var serverName: [UInt8] = []
  /// RFC 2253 form of the peer's subject, at most 1 KiB and without control characters; empty without
  /// a certificate. After a failure that of the certificate which wasn't believed.
  public internal(set) var peerSubject: [UInt8] = []

  /// Bytes of plain text that are encrypted and held, and that `send` has not yet counted as taken.
  var uncounted = 0
  /// The peer said that it sends no more · what `receive` answers from here on.
  public internal(set) var isEndAnnounced = false
  var ending: Int?
  /// The peer was told that no more comes.
  var isShutDown = false
  /// Nothing may be asked of the library any more.
  var isBroken = false

  /// Bytes that one call may read from the socket: a peer that sends messages without content for
  /// ever doesn't hold the thread.
  static let bytesPerCall: Int64 = 256 * 1024

  /// The accepting side.
  /// - Returns: nil when there is no memory for it.
  public convenience init?(server context: TLSServerContext, descriptor: Int32) {
    guard let first = context.contexts.first else { return nil }
    self.init(first, context, descriptor, isServer: true)
    unsafe SSL_set_accept_state(handle)
  }

  /// The connecting side.
  /// - Parameters:
  ///   - serverName: a host name or an address, without a port: told to the server if it is a name,
  ///     and looked for in its certificate. Nil tells nothing, and then any certificate of a believed
  ///     authority will do.
  /// - Returns: nil when there is no memory for it, or the name can't be one.
  public convenience init?(
    client context: TLSClientContext, descriptor: Int32, serverName: String?
  ) {
    self.init(context.context, context, descriptor, isServer: false)
    unsafe SSL_set_connect_state(handle)
    guard let serverName else { return }
    self.serverName = Array(serverName.utf8)
    guard let parameters = unsafe SSL_get0_param(handle) else { return nil }
    let isAddress = unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, serverName) == 1
    if isAddress { return }
    ErrorQueue.clear()
    unsafe SSL_set_hostflags(handle, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    guard unsafe SSL_set1_host(handle, serverName) == 1,
      unsafe cssl_set_name(handle, serverName) == 1
    else { return nil }
  }

  private init?(
    _ library: LibraryContext, _ context: any Sendable & AnyObject, _ descriptor: Int32,
    isServer: Bool
  ) {
    guard let wire = unsafe cssl_wire_make(descriptor) else { return nil }
    guard let handle = unsafe SSL_new(library.handle) else {
      unsafe cssl_wire_free(wire)
      return nil
    }
    guard let method = unsafe WireMethod.shared.handle,
      unsafe cssl_attach(handle, method, wire) == 1
    else {
      unsafe SSL_free(handle)
      unsafe cssl_wire_free(wire)
      return nil
    }
    unsafe self.handle = handle
    unsafe self.wire = wire
    self.context = context
    self.isServer = isServer
    unsafe cssl_set_session_pointer(handle, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit {
    unsafe SSL_free(handle)
    unsafe cssl_wire_free(wire)
  }

  /// Bytes that were read from the socket before the session was there.
  /// - Returns: false when there is no memory to hold them.
  public func feed(_ bytes: UnsafeRawBufferPointer) -> Bool {
    unsafe cssl_wire_feed(wire, bytes.baseAddress, bytes.count) == 1
  }

  /// Whether the peer has sent anything yet.
  public var hasHeard: Bool { unsafe wire.pointee.first >= 0 }

  /// Whether another `receive` or `handshake` would find something although the socket may have
  /// nothing more to tell: the last one stopped for having read as much as one may, or the end is
  /// known already.
  public var hasMore: Bool {
    unsafe ending != nil || wire.pointee.budget <= 0 || wire.pointee.early_count > 0
  }

  /// Whether encrypted bytes wait for the socket to be writable.
  public var holdsOutput: Bool { unsafe wire.pointee.held_count > 0 }
}

/// What sessions read and write through; made once.
@safe private final class WireMethod: @unchecked Sendable {
  static let shared = WireMethod()
  let handle: OpaquePointer?
  private init() { unsafe handle = cssl_wire_method() }
}
