public import Balancing
public import Primitives
import Topology
public import Wire

/// What one request has to do with its client's session.
public struct RequestSession: Sendable, Equatable {
  /// `ServerID.index` of the server that the session is at, for `Balancer.Request.session`.
  public var server: Int?
  /// Of the session in the table; nil without one.
  var key: UInt64?

  public init() {}
}

/// A session's way through one request: `begin` before the choice, `chose` behind it, `answered`
/// with the head of the answer.
extension ServiceSessions {
  /// - Parameter secret: of this engine's, the same in all workers.
  public mutating func begin(
    _ head: RequestHead, _ bytes: Span<UInt8>, client: ClientAddress, secret: HashKey, now: Instant
  ) -> RequestSession {
    var session = RequestSession()
    switch stickiness {
    case nil: break
    case .inserted(let name, _):
      if let value = CookieField.find(head, bytes, name: name) {
        session.server = tokens.server(bytes, value)
      }
    case .learned(let name, _):
      if let value = CookieField.find(head, bytes, name: name) {
        session.key = SessionKey.cookie(bytes, value, secret: secret)
      }
    case .source:
      session.key = SessionKey.source(client, secret: secret)
    }
    if let key = session.key { session.server = server(forKey: key, now: now) }
    return session
  }

  /// The same for a stream or a datagram: only the client's address can tell its session.
  public mutating func begin(
    client: ClientAddress, secret: HashKey, now: Instant
  ) -> RequestSession {
    var session = RequestSession()
    guard case .source = stickiness, let key = SessionKey.source(client, secret: secret) else {
      return session
    }
    session.key = key
    session.server = server(forKey: key, now: now)
    return session
  }

  /// A server was chosen for a try; not to be called for a hedge. A client of the table is with it
  /// at once, so that its parallel requests go there too, and stays with it when its former server
  /// comes back. A cookie that is not in the table, after a restart for one, is taken up as well.
  public mutating func chose(_ server: Int, for session: RequestSession, now: Instant) {
    if let key = session.key { place(key, server: server, now: now) }
  }

  /// The head of a final answer came.
  /// - Parameter isSecure: the client's side is TLS.
  /// - Returns: a cookie to be set: the session begins here, or moved here. None on an answer of
  ///   5xx: a client should not be bound to a server by its failure.
  public mutating func answered(
    _ head: ResponseHead, _ bytes: Span<UInt8>, by server: Int, for session: RequestSession,
    isSecure: Bool, secret: HashKey, now: Instant
  ) -> SessionCookie? {
    switch stickiness {
    case .inserted(let name, let age):
      guard session.server != server, head.status < 500,
        let token = tokens.token(ofServer: server)
      else { return nil }
      return SessionCookie(name: name, token: token, age: age, isSecure: isSecure)
    case .learned(let name, _):
      if let value = SetCookieField.find(head, bytes, name: name),
        let key = SessionKey.cookie(bytes, value, secret: secret)
      {
        place(key, server: server, isLearned: true, now: now)
      }
      return nil
    case .source, nil: return nil
    }
  }
}
