public import Primitives
public import Topology

/// One worker's news of a session for the others.
public struct SessionEntry: Sendable, Equatable {
  public let service: ServiceID
  /// A keyed hash of what tells the client; of the same secret in all workers.
  public let key: UInt64
  public let session: Session

  public init(service: ServiceID, key: UInt64, session: Session) {
    self.service = service
    self.key = key
    self.session = session
  }
}

/// Where a client's requests go.
public struct Session: Sendable, Equatable {
  /// `ServerID.index`.
  public var server: Int32
  /// How often it was handed over to another server, one more if a server's cookie began it. It wraps after 2^32, which would take
  /// as many requests of one client that each lost their server.
  public var generation: UInt32
  public var expiry: Instant

  public init(server: Int32, generation: UInt32, expiry: Instant) {
    self.server = server
    self.generation = generation
    self.expiry = expiry
  }

  /// What two workers that placed the same client agree on, whichever hears of the other first:
  /// the later hand-over; among equals the server that a hash of the two ranks higher, so that of a
  /// browser's parallel first requests no server gets more than the others; the later expiry.
  public func merged(with other: Session, key: UInt64) -> Session {
    if generation != other.generation { return generation > other.generation ? self : other }
    let (ours, theirs) = (rank(key), other.rank(key))
    if ours != theirs { return ours > theirs ? self : other }
    return expiry >= other.expiry ? self : other
  }

  /// A bijection of the server for each key, so that two servers never rank the same. The finish of
  /// SplitMix64 (Steele, Lea, Flood, 2014).
  private func rank(_ key: UInt64) -> UInt64 {
    var mixed = key ^ UInt64(UInt32(bitPattern: server))
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
