/// How often a server fails and how soon it is back; of one server, or of all of a service as if they
/// were alike.
public struct ServerReliability: Codable, Sendable, Equatable {
  public var faults: Int
  /// Seconds of operation between faults: the time watched less the time down, for each fault (IEC
  /// 60050-192). Without a fault, the least that the data allow with 95 % confidence: a third of the
  /// time watched (Hanley, Lippman-Hand, "If Nothing Goes Wrong, Is Everything All Right?", 1983).
  public var mtbf: Double
  public var mtbfIsBound: Bool
  /// Seconds down for each repair that ended; an open fault adds its time so far, which is the
  /// estimate of greatest likelihood for an exponential time of repair.
  public var mttr: Double
  /// No repair ended yet, and so this is `assumedRepair` or, if longer, what the open fault took so far.
  public var mttrIsAssumed: Bool

  /// Seconds; what a repair is taken to last before the first has ended.
  public static let assumedRepair = 300.0
  /// -ln 0.05, rounded up: with 3 expected, none at all happens in 5 of 100 cases.
  static let ruleOfThree = 3.0

  /// - Parameters:
  ///   - watched: seconds, of all servers together.
  ///   - down: seconds of it.
  ///   - repairs: faults that are over.
  init(faults: Int, watched: Double, down: Double, repairs: Int) {
    self.faults = faults
    let operating = max(0, watched - down)
    mtbfIsBound = faults == 0
    mtbf = operating / (faults == 0 ? Self.ruleOfThree : Double(faults))
    mttrIsAssumed = repairs == 0
    mttr = repairs == 0 ? max(Self.assumedRepair, down) : down / Double(repairs)
  }

  init(_ faults: ServerFaults, server: String) {
    let own = faults.outages.filter { $0.server == server }
    self.init(
      faults: own.count, watched: faults.watched, down: own.reduce(0) { $0 + $1.seconds },
      repairs: own.count(where: \.isOver))
  }

  /// Of all servers together, as if they were one after the other.
  init(pooled faults: ServerFaults) {
    self.init(
      faults: faults.outages.count, watched: faults.watched * Double(faults.servers.count),
      down: faults.outages.reduce(0) { $0 + $1.seconds },
      repairs: faults.outages.count(where: \.isOver))
  }

  /// MTTR / (MTBF + MTTR), 0 … 1.
  public var unavailability: Double {
    let cycle = mtbf + mttr
    return cycle > 0 ? mttr / cycle : 0
  }

  /// The same server with its MTBF divided by `factor`.
  func failing(_ factor: Double) -> ServerReliability {
    var other = self
    other.mtbf = factor > 0 ? mtbf / factor : mtbf
    return other
  }

  func repaired(in seconds: Double) -> ServerReliability {
    var other = self
    other.mttr = seconds
    return other
  }
}
