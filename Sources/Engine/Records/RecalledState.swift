import Accounts
import AdminAPI
import Alerting
import Deployment
import Failover
import Faults
import HealthChecking
import Primitives
import Store

/// What an engine finds in the store when it begins.
struct RecalledState: Sendable {
  var overrides: [ServerName: ServerOverride] = [:]
  /// Asked for by operators, by service.
  var replicaCounts: [String: Int] = [:]
  /// What the file said when that was; a changed file wins over an older order.
  var configuredCounts: [String: Int] = [:]
  /// Services whose tuning an operator stopped.
  var tuningOff: Set<String> = []
  /// By service.
  var deployments: [String: KeptDeployment] = [:]
  /// Oldest first.
  var deploymentRecords: [DeploymentRecord] = []
  var health: [ServerName: HealthState] = [:]
  /// By service with one active server.
  var standby: [String: StandbyRecord] = [:]
  var bans: [BanRecord] = []
  /// The newest that was accepted.
  var configuration: ConfigurationRecord?
  /// Of daemons that may have containers of ours.
  var containerSockets: [String] = []
  var accounts = AccountBook()
  var alerts: [StoredAlertState] = []
  var openFaults: [FaultRecord] = []
  var highestFaultID: Int64 = 0
  var highestEventID: Int64 = 0
  /// Of messages for sinks.
  var highestOutgoing: Int64 = 0
  /// When this state began: statistics reach back to there.
  var observedSince: WallTime

  /// What an engine before this one was doing to a server on purpose.
  var drill: KeptDrill?
  /// Of the last drills, oldest first.
  var drillReports: [DrillStatus] = []

  static let drillKey = "drill"
  static let drillReportsKey = "drills"
  static let healthKey = "health"
  static let tuningOffKey = "tuning-off"
  static let deploymentsKey = "deployments"
  static let bansKey = "bans"
  static let containerSocketsKey = "container-sockets"
  static let standbyKey = "standby"
  static let configuredCountsKey = "configured-replicas"
  static let observedSinceKey = "observed-since"

  static func read(from store: Store, now: WallTime) async throws(StoreError) -> RecalledState {
    var state = RecalledState(observedSince: now)
    for (service, servers) in try await store.serverOverrides() {
      for (server, override) in servers {
        state.overrides[ServerName(service: service, server: server)] = override
      }
    }
    state.replicaCounts = bounded(try await store.replicaCounts())
    state.configuredCounts = bounded(
      decode(try await store.value(forKey: configuredCountsKey)) ?? [:])
    state.tuningOff = decode(try await store.value(forKey: tuningOffKey)) ?? []
    state.deployments = decode(try await store.value(forKey: deploymentsKey)) ?? [:]
    let health: [String: [String: HealthState]] =
      decode(try await store.value(forKey: healthKey)) ?? [:]
    for (service, servers) in health {
      for (server, known) in servers {
        state.health[ServerName(service: service, server: server)] = known
      }
    }
    state.standby = decode(try await store.value(forKey: standbyKey)) ?? [:]
    state.drill = decode(try await store.value(forKey: drillKey))
    state.drillReports = decode(try await store.value(forKey: drillReportsKey)) ?? []
    state.bans = decode(try await store.value(forKey: bansKey)) ?? []
    state.configuration = try await store.configuration()
    state.deploymentRecords = try await store.deployments()
    state.containerSockets = decode(try await store.value(forKey: containerSocketsKey)) ?? []
    state.accounts = try await store.accounts()
    state.alerts = try await store.alertStates().compactMap { decode($0) }
    state.openFaults = try await store.faults(openOnly: true, limit: FaultLedger.openLimit)
    state.highestFaultID = try await store.highestFaultID()
    state.highestEventID = try await store.highestEventID()
    state.highestOutgoing = try await store.highestOutgoing()
    if let since = try await store.value(forKey: observedSinceKey).flatMap({ WallTime($0) }) {
      state.observedSince = since
    } else {
      try await store.setValue(now.description, forKey: observedSinceKey)
    }
    return state
  }

  static func text(health: [ServerName: HealthState]) -> String? {
    var table: [String: [String: HealthState]] = [:]
    for (name, state) in health { table[name.service, default: [:]][name.server] = state }
    return encode(table)
  }

  static func encode(_ value: some Encodable) -> String? {
    AdminJSON.encode(value).map { String(decoding: $0, as: UTF8.self) }
  }

  /// A file's numbers may be any.
  private static func bounded(_ counts: [String: Int]) -> [String: Int] {
    counts.mapValues { min(max($0, 0), ReplicaPolicy.mostReplicas) }
  }

  private static func decode<Value: Decodable>(_ text: String?) -> Value? {
    text.flatMap { AdminJSON.decode(Value.self, Array($0.utf8)) }
  }
}
