internal import CSSL

/// What a session with a server left behind, by which the next one is agreed on faster (RFC 8446,
/// section 2.2). It holds for the context that it came from: another may believe others.
@safe public final class TLSResumption: @unchecked Sendable {
  let handle: OpaquePointer
  let context: TLSClientContext

  init(_ handle: OpaquePointer, _ context: TLSClientContext) {
    unsafe self.handle = handle
    self.context = context
  }

  deinit { unsafe SSL_SESSION_free(handle) }
}

extension TLSSession {
  /// The latest that the server gave, once something was read of it; nil when there is none.
  public var resumption: TLSResumption? {
    guard isEstablished, !isBroken, !isServer, let context = clientContext,
      let session = unsafe SSL_get1_session(handle)
    else { return nil }
    guard unsafe SSL_SESSION_is_resumable(session) == 1 else {
      unsafe SSL_SESSION_free(session)
      return nil
    }
    return unsafe TLSResumption(session, context)
  }

  /// Before the handshake: goes on with an earlier session, if it is of the same context.
  public func resume(_ earlier: TLSResumption) {
    guard !isEstablished, !isServer, earlier.context === clientContext else { return }
    ErrorQueue.clear()
    // One that can't be used leaves a full handshake.
    _ = unsafe SSL_set_session(handle, earlier.handle)
    ErrorQueue.clear()
  }
}
