internal import CSSL

/// What a listener speaks TLS with, ready for handshakes. Never changes, so all workers share it: a
/// change makes a new one, and sessions keep the one that they began with.
public final class TLSServerContext: Sendable {
  /// One for each set of certificates that stand side by side; the first is for unknown names.
  let contexts: [LibraryContext]
  /// What is behind a context, in the same order.
  let identities: [[TLSIdentity]]
  private let names: ServerNameIndex
  let protocols: ProtocolList
  let tickets: TLSTicketKeys?
  /// What sessions are bound to besides the server's name.
  private let binding: [UInt8]

  /// - Throws: a certificate that OpenSSL doesn't take.
  public init(_ options: TLSServerOptions) throws(TLSProblem) {
    guard !options.identities.isEmpty else {
      throw TLSProblem(source: "tls", detail: "there is no certificate")
    }
    let names = ServerNameIndex(options.identities)
    let store: AuthorityStore? =
      if let authorities = options.clients.authorities {
        try AuthorityStore(authorities)
      } else { nil }
    var contexts: [LibraryContext] = []
    for places in names.sets {
      let context = try LibraryContext(.server, options.versions)
      for place in places { try context.use(options.identities[place]) }
      if let store { Self.ask(options.clients, store, context) }
      contexts.append(context)
    }
    self.names = names
    identities = names.sets.map { set in set.map { options.identities[$0] } }
    protocols = ProtocolList(options.protocols)
    tickets = options.tickets
    binding = options.clients.authorities?.digest ?? []
    self.contexts = contexts
    for context in contexts { adopt(context) }
  }

  private static func ask(
    _ clients: TLSClientAuthentication, _ store: AuthorityStore, _ context: LibraryContext
  ) {
    context.believe(store)
    var mode = SSL_VERIFY_PEER
    if case .require = clients { mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT }
    unsafe SSL_CTX_set_verify(context.handle, mode, noteRefused)
    guard let authorities = clients.authorities?.certificates,
      authorities.count <= TLSAuthorities.mostTold
    else { return }
    for authority in authorities {
      _ = unsafe SSL_CTX_add_client_CA(context.handle, authority.handle)
    }
  }

  /// The library calls back with `self`, which sessions hold as long as they live.
  private func adopt(_ context: LibraryContext) {
    let handle = unsafe context.handle
    let pointer = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe cssl_set_pointer(handle, pointer)
    unsafe SSL_CTX_set_client_hello_cb(handle, chooseByName, nil)
    unsafe cssl_set_name_callback(handle, acknowledgeName)
    unsafe cssl_set_status_callback(handle, staple)
    if !protocols.isEmpty { unsafe SSL_CTX_set_alpn_select_cb(handle, chooseProtocol, nil) }
    if tickets == nil {
      unsafe cssl_no_tickets(handle)
      _ = unsafe SSL_CTX_set_num_tickets(handle, 0)
    } else {
      _ = unsafe SSL_CTX_set_tlsext_ticket_key_evp_cb(handle, sealTicket)
      // A client that wants more connections at once gets one with each.
      _ = unsafe SSL_CTX_set_num_tickets(handle, 1)
      _ = unsafe SSL_CTX_set_timeout(handle, TLSTicketKeys.sessionSeconds)
    }
  }

  /// The context for a server's name in lower case.
  func context(for name: [UInt8]) -> LibraryContext { contexts[names.place(of: name)] }

  /// What a session is bound to: it is resumed only under the same name, and only where the same
  /// authorities and revocation lists judge clients. Empty when it can't be told; then none is.
  func binding(for name: [UInt8]) -> [UInt8] { SHA256.digest([binding, name]) }

  /// The certificate that a session shows.
  func identity(with leaf: OpaquePointer) -> TLSIdentity? {
    for set in identities {
      for identity in set where unsafe X509_cmp(identity.leaf.handle, leaf) == 0 {
        return identity
      }
    }
    return nil
  }
}

/// What is spoken inside, in the form of RFC 7301 section 3.1, at a place that stays.
@safe final class ProtocolList: @unchecked Sendable {
  let bytes: UnsafeMutableBufferPointer<UInt8>

  init(_ names: [String]) {
    let list = names.map { Array($0.utf8) }.filter { (1...255).contains($0.count) }
      .flatMap { [UInt8($0.count)] + $0 }
    unsafe bytes = .allocate(capacity: list.count)
    _ = unsafe bytes.initialize(from: list)
  }

  deinit { unsafe bytes.deallocate() }

  var isEmpty: Bool { unsafe bytes.isEmpty }
}
