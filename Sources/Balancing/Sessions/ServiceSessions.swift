public import Primitives
public import Topology

/// The sessions of one service as one worker knows them: where clients went, and what is to be told
/// to the other workers. Lives over topologies; what they don't change stays.
public struct ServiceSessions: Sendable {
  /// News that wait to be told; beyond it they are dropped. A session whose news were lost is told
  /// with its next renewal, until when other workers may place the client for themselves.
  public static let newsLimit = 4_096

  public private(set) var stickiness: Stickiness?
  public private(set) var tokens = SessionTokens()
  /// Empty between two turns of the worker: `takeNews`.
  public private(set) var news: [SessionEntry] = []
  private var service = ServiceID(0)
  private var table: SessionTable?

  public init() {}

  /// Takes over a topology's word. The table stays while what tells the clients does; tokens stay
  /// with their servers' names.
  public mutating func adopt(_ service: Service) {
    self.service = service.id
    let former = stickiness
    stickiness = service.stickiness
    tokens = SessionTokens()
    switch stickiness {
    case .inserted: tokens = SessionTokens(service)
    case .learned(let cookie, let expiry):
      if case .learned(cookie, _) = former {
        table?.lifetime = expiry
      } else {
        table = SessionTable(lifetime: expiry)
      }
      return
    case .source(let expiry):
      if case .source = former {
        table?.lifetime = expiry
      } else {
        table = SessionTable(lifetime: expiry)
      }
      return
    case nil: break
    }
    table = nil
  }

  /// `ServerID.index` of the server that the client is with.
  public mutating func server(forKey key: UInt64, now: Instant) -> Int? {
    guard let (session, isNews) = table?.find(key, now: now) else { return nil }
    if isNews { tell(key, session) }
    return Int(session.server)
  }

  /// The client is with this server from now on.
  /// - Parameter isLearned: because the server itself gave it the key.
  public mutating func place(
    _ key: UInt64, server: Int, isLearned: Bool = false, now: Instant
  ) {
    if let session = table?.place(key, server: server, isLearned: isLearned, now: now) {
      tell(key, session)
    }
  }

  /// Clients in the table; looks at all of it.
  public func count(_ now: Instant) -> Int { table?.count(now) ?? 0 }

  /// All that are in the table, for the engine that takes over.
  public func entries(_ now: Instant) -> [SessionEntry] {
    table?.all(now).map { SessionEntry(service: service, key: $0.key, session: $0.session) } ?? []
  }

  /// Takes in what another worker told.
  public mutating func merge(_ entry: SessionEntry, now: Instant) {
    table?.merge(entry.key, entry.session, now: now)
  }

  /// What happened since the last call, for the other workers.
  public mutating func takeNews() -> [SessionEntry] {
    let told = news
    news = []
    return told
  }

  private mutating func tell(_ key: UInt64, _ session: Session) {
    guard news.count < Self.newsLimit else { return }
    news.append(SessionEntry(service: service, key: key, session: session))
  }
}
