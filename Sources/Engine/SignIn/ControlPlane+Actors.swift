import Accounts
import AdminAPI
import Configuration
import EventLoop
import Glibc
import Primitives

/// Who asks, and what shows it.
extension ControlPlane {
  /// Whether one has to sign in at the address; never at the unix socket.
  var requiresSignIn: Bool {
    switch loaded.settings.admin.signIn {
    case .always: true
    case .never: false
    case .auto:
      accounts.isLatched || !accounts.book.users.isEmpty || !adminAddress.isLoopback
    }
  }

  func identify(_ request: inout AdminRequest) {
    let from = request.peer.description
    let now = Clock.wallTime
    defer { keepAccounts() }
    if let token = request.bearer {
      let digest = RandomText.digest(token)
      if let actor = accounts.book.actor(tokenDigest: digest, from: from, now: now) {
        request.actor = actor
        request.credential = .token(actor.token ?? "")
      } else if accounts.setUpDigest == digest {
        request.actor = AdminActor(name: "first run", role: nil, from: from, means: .setUp)
        request.credential = .setUp
      } else {
        // Whoever shows a token means it: a bad one is not nothing.
        request.actor = .unknown(from: from)
      }
      return
    }
    if request.isOverUnixSocket {
      return identify(&request, onSocketOf: request.peer.user, from)
    }
    if let cookie = request.cookie(sessionCookie(request)) {
      let digest = RandomText.digest(cookie)
      if let actor = accounts.book.actor(sessionDigest: digest, from: from, now: now) {
        request.actor = actor
        request.credential = .session(digest)
        request.csrfExpected = RandomText.csrf(of: cookie)
        return
      }
    }
    // Through a proxy on this machine everybody would be of this machine.
    let isTaken = !request.isForwarded || loaded.settings.admin.signIn == .never
    if isTaken, isOpen(to: request.peer) {
      request.actor = AdminActor(
        name: request.claimedName ?? "local", role: .admin, from: from, means: .local)
      request.credential = .local
    } else {
      request.actor = .unknown(from: from)
    }
  }

  /// The mode of the socket lets no other in; what the kernel says holds whatever its mode.
  private func identify(
    _ request: inout AdminRequest, onSocketOf user: UInt32?, _ from: String
  ) {
    guard let user, user == 0 || user == geteuid() else {
      request.actor = .unknown(from: from)
      return
    }
    request.actor = AdminActor(
      name: request.claimedName ?? (user == 0 ? "root" : "uid \(user)"), role: .admin, from: from,
      means: .socket)
    request.credential = .machine
  }

  /// A connection may be older than a reload that closed its listener.
  private func isOpen(to peer: AdminPeer) -> Bool {
    guard !requiresSignIn, let address = peer.address else { return false }
    return loaded.settings.admin.signIn == .never || address.isLoopback
  }

  /// Cookies are the same for all ports of a host: two Ballasts on one machine need two names.
  func sessionCookie(_ request: AdminRequest) -> String {
    let name = "ballast_session_\(adminAddress.port ?? 0)"
    // With this prefix a browser takes it from the very host only, and over TLS (RFC 6265bis).
    return request.peer.isEncrypted ? "__Host-\(name)" : name
  }

  // MARK: Streams

  /// Ends those of people who are not let in any more.
  func closeStaleStreams() {
    for connection in admin.streaming where !isGood(connection) { connection.close() }
  }

  private func isGood(_ connection: AdminConnection) -> Bool {
    switch connection.credential {
    case .none, .setUp: false
    case .machine: true
    case .local: isOpen(to: connection.peer)
    case .session(let digest): accounts.book.isGood(session: digest, now: Clock.wallTime)
    case .token(let name): accounts.book.isGood(token: name, now: Clock.wallTime)
    }
  }
}
