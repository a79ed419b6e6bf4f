public import Primitives

/// `sticky: { cookie, ttl, insert }` or `{ source, ttl }`: a client's later requests go to the
/// server of its first one.
public enum StickySettings: Sendable, Equatable {
  /// Ballast sets the cookie; without a `ttl` it lives as long as the browser's session.
  case inserted(cookie: String, ttl: TimeSpan?)
  /// The servers set it themselves; forgotten when it was not seen for `ttl`.
  case learned(cookie: String, ttl: TimeSpan)
  /// The client's address, forgotten when it was not seen for `ttl`.
  case source(ttl: TimeSpan)

  /// Of what is remembered here.
  public static let standardTTL = TimeSpan.minutes(30)
}
