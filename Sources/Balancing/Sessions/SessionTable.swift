public import Primitives

/// Which server a client is with, by a keyed hash of its cookie or address. Fixed memory, taken
/// once; all else costs the same at any filling.
///
/// Sets of four: a key's low bits say which set, and a full one drops what expires first, that is
/// the client that was away longest. Its next request is placed like a first one.
///
/// A session is kept for its lifetime after the last request, and up to an eighth longer: only when
/// that eighth is used up does a request renew it, so that the other workers hear of a busy client
/// eight times in a lifetime and not with each request.
public struct SessionTable: Sendable {
  /// Sessions of a service in one worker: 24 bytes each, 1.5 MiB.
  public static let limit = 65_536
  private static let ways = 4

  private struct Entry {
    var key: UInt64 = 0
    /// Never used, or expired long ago: both are free.
    var session = Session(server: -1, generation: 0, expiry: .zero)
  }

  private var entries: [Entry]
  private let mask: Int
  public var lifetime: TimeSpan

  /// - Parameter limit: rounded up to a power of two.
  public init(lifetime: TimeSpan, limit: Int = Self.limit) {
    var sets = 1
    while sets * Self.ways < limit { sets *= 2 }
    mask = sets - 1
    self.lifetime = lifetime
    entries = Array(repeating: Entry(), count: sets * Self.ways)
  }

  public var capacity: Int { entries.count }

  /// Clients that have a session now. Looks at all places.
  public func count(_ now: Instant) -> Int { entries.count { $0.session.expiry > now } }

  /// Those that have not expired. Looks at all places.
  public func all(_ now: Instant) -> [(key: UInt64, session: Session)] {
    entries.filter { $0.session.expiry > now }.map { ($0.key, $0.session) }
  }

  /// The client's session, kept alive by this look.
  /// - Returns: nil for a client that is not known; `isNews` when the others should hear of it.
  public mutating func find(_ key: UInt64, now: Instant) -> (session: Session, isNews: Bool)? {
    guard let index = index(of: key, now) else { return nil }
    let isNews = entries[index].session.expiry - now < lifetime
    if isNews { entries[index].session.expiry = expiry(now) }
    return (entries[index].session, isNews)
  }

  /// The client's request goes to this server: its first one, or its former server is no longer to
  /// be had. From then on it stays with the new one.
  /// - Parameter isLearned: the server itself gave the client its key. That counts as much as a
  ///   hand-over: another worker that met the new key before our news, and placed it, gives way.
  /// - Returns: the session if that is news.
  public mutating func place(
    _ key: UInt64, server: Int, isLearned: Bool = false, now: Instant
  ) -> Session? {
    let number = Int32(truncatingIfNeeded: server)
    let session: Session
    if let index = index(of: key, now) {
      let former = entries[index].session
      if former.server == number { return nil }
      session = Session(
        server: number, generation: former.generation &+ 1, expiry: expiry(now))
      entries[index].session = session
    } else {
      session = Session(server: number, generation: isLearned ? 1 : 0, expiry: expiry(now))
      entries[victim(key)] = Entry(key: key, session: session)
    }
    return session
  }

  /// Takes in what another worker tells.
  public mutating func merge(_ key: UInt64, _ session: Session, now: Instant) {
    guard session.expiry > now else { return }
    if let index = index(of: key, now) {
      entries[index].session = entries[index].session.merged(with: session, key: key)
      return
    }
    let victim = victim(key)
    guard session.expiry > entries[victim].session.expiry else { return }
    entries[victim] = Entry(key: key, session: session)
  }

  private func expiry(_ now: Instant) -> Instant {
    now + lifetime + TimeSpan(nanoseconds: lifetime.nanoseconds / 8)
  }

  private func set(_ key: UInt64) -> Range<Int> {
    let start = (Int(truncatingIfNeeded: key) & mask) * Self.ways
    return start..<(start + Self.ways)
  }

  private func index(of key: UInt64, _ now: Instant) -> Int? {
    for index in set(key) where entries[index].key == key && entries[index].session.expiry > now {
      return index
    }
    return nil
  }

  /// The key's own place if it has one, expired by now; else the one that expires first.
  private func victim(_ key: UInt64) -> Int {
    let set = set(key)
    var victim = set.lowerBound
    for index in set {
      if entries[index].key == key { return index }
      if entries[index].session.expiry < entries[victim].session.expiry { victim = index }
    }
    return victim
  }
}
