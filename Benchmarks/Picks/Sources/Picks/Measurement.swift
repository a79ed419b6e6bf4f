import Allocations
import Primitives
import Topology

/// What one algorithm costs. Lower quartiles of processor time over rounds, as neighbours on the machine only add.
struct Measurement {
  static let rounds = 9
  static let picks = 100_000
  static let updates = 10

  /// The bounds that are held.
  static let pickNanoseconds = 200.0
  static let updateMilliseconds = 1.0

  let name: String
  /// Nanoseconds for a choice; the same with a tenth of the servers ejected.
  let pick: Double
  let pickAmongEjected: Double
  /// Nanoseconds for a choice with all that a request then reports: begun, answered, ended.
  let request: Double
  /// For each pick.
  let allocations: Double
  /// Milliseconds for a topology in which one server's weight changed, or one server is gone.
  let reweigh: Double
  let remove: Double

  var isWithinBounds: Bool {
    pick < Self.pickNanoseconds && pickAmongEjected < Self.pickNanoseconds && allocations == 0
      && max(reweigh, remove) < Self.updateMilliseconds
  }

  init(_ name: String, _ algorithm: BalanceAlgorithm, weight: @escaping @Sendable (Int) -> Int) {
    self.name = name
    var fleet = Fleet(algorithm, weight: weight)
    pick = Self.nanoseconds(Self.picks) { _ = fleet.choose() }
    let before = Allocations.allocations()
    for _ in 0..<Self.picks { _ = fleet.choose() }
    allocations = Double(Allocations.allocations() - before) / Double(Self.picks)
    request = Self.nanoseconds(Self.picks) {
      let server = fleet.choose()
      if server < 0 { return }
      fleet.begin(server)
      fleet.end(server, after: .milliseconds(10))
    }
    let usual = fleet.service()
    let heavier = fleet.service(heavier: 500)
    let gone = fleet.service(gone: 500)
    reweigh = Self.update(&fleet, heavier, usual)
    remove = Self.update(&fleet, gone, usual)
    for server in stride(from: 0, to: Fleet.size, by: 10) { fleet.eject(server) }
    pickAmongEjected = Self.nanoseconds(Self.picks) { _ = fleet.choose() }
  }

  private static func update(_ fleet: inout Fleet, _ one: Service, _ other: Service) -> Double {
    nanoseconds(updates) {
      fleet.adopt(one)
      fleet.adopt(other)
    } / 2e6
  }

  private static func nanoseconds(_ count: Int, _ body: () -> Void) -> Double {
    var results: [Double] = []
    for _ in 0...rounds {
      let start = thread_nanoseconds()
      for _ in 0..<count { body() }
      results.append(Double(thread_nanoseconds() - start) / Double(count))
    }
    // The first one warms the caches.
    return results.dropFirst().sorted()[rounds / 4]
  }
}
