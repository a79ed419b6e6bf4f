import Primitives
import Topology

/// Chooses a server for each request of one service. Knows the topology's word (health, weight,
/// availability); the loop's own traffic comes in as `loads`.
///
/// Who is a candidate at all is `ServerSelection`'s answer, at each topology. Each algorithm has a
/// file in `Algorithms`; its pick is O(1) or O(log n) and allocates nothing. A candidate that is at
/// its limit is never taken; one that is ejected or was tried already is passed over while there is
/// another, the last one never is.
///
/// The caller
/// 1. calls `adopt` with each topology, before anything else,
/// 2. calls `loadChanged` after each change to one of the loads but for a report of CPU and memory,
/// 3. has a place in `loads` for each server of the service, and one balancer for a server.
public struct Balancer: Sendable {
  public enum Choice: Sendable, Equatable {
    /// A `ServerID.index`.
    case server(Int)
    /// Every server is at its limit: wait.
    case full
    case none
  }

  /// What a request brings to the choice.
  public struct Request: Sendable {
    /// Servers that it was sent to already; used again only if nothing else is.
    public var tried = TriedServers()
    /// Of the parts that the service hashes; 0 where it hashes nothing.
    public var key: UInt64 = 0
    /// `ServerID.index` of the server that the client's session is at.
    public var session: Int?
    /// The deployment's rule names it: it is for the new version.
    public var isForNew = false

    public init() {}
  }

  enum Method: Sendable {
    case roundRobin, weightedRoundRobin, random, powerOfTwo, leastConnections, leastTime
    case aggregateLoad, first, hash
  }

  /// How many of the candidates, or pairs of them, an algorithm looks at before all are.
  static let attempts = 16
  static let pairs = 5

  var service: Service?
  /// All of the service's, or those of one version.
  var servers: [Server] = []
  var method = Method.roundRobin
  var admission = Admission()
  var candidates: [Candidate] = []
  /// `ServerID.index` of healthy ones in other tiers and zones.
  var reserve: [Int32] = []
  /// `ServerID.index` of those that keep sessions.
  var sessionServers: [Int32] = []
  var slowStart = SlowStart()

  // What is seen of the candidates' loads, by place, to follow them by differences: the requests
  // under way, the estimates of latency, and how many are ejected.
  var seen: [SeenLoad] = []
  var total = 0
  /// Of the candidates' effective weights.
  var weightSum = 0
  var fleet = FleetLatency()
  var ejected = 0
  var bench = Bench()
  /// When `upkeep` has something to do.
  var upkeepDue = Instant.distantFuture

  // The algorithms' own; only the present one's is filled.
  var turn = 0
  var schedule = StrideSchedule()
  var sampling = AliasTable()
  var tournament = TournamentTree()
  var openPlaces = PlaceSet()
  var hashed = HashedChoice()

  public init() {}
}

/// What of a candidate's load was counted last.
struct SeenLoad: Sendable {
  var inflight = 0
  var answered: Instant
  var isEjected = false
}
