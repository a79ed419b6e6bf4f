import AdminAPI
import Configuration
import EventLoop
import Failover
import Faults
import Guarding
import HealthChecking
import Planning
import Primitives
import Store
import Supervision
import Synchronization
import TLS
import Topology

/// Folds configuration, health, replicas and what operators say into topologies, and answers the
/// admin API. All of it runs on the reactor's thread: handlers of the loop are closures that were
/// made inside this actor, and its jobs run on the loop.
actor ControlPlane {
  nonisolated let reactor: Reactor
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe reactor.asUnownedSerialExecutor()
  }
  /// What the process ends with once the loop has stopped.
  nonisolated let exitCode = Mutex<Int32>(0)

  let link: KeeperLink
  let dataPlane: DataPlane
  let notices: Mailbox<WorkerNotice>
  let storeOutcomes: Mailbox<StoreError?>
  let recorder: Recorder
  let sinkNotices: Mailbox<SinkNotice>
  let eventSinks: EventSinks
  let commands: CommandRunner
  let processes = ProcessReplicaDriver()
  let containers: ContainerReplicaDriver
  let health: HealthWatch
  let admin: AdminServer
  let router = AdminRouter()
  let environment: [String: String]
  let startedAt = Clock.wallTime
  let opening: StoreOpening
  var recalled: RecalledState

  nonisolated let programLog = ProgramLog()
  var log: EngineLog
  var loaded: LoadedConfiguration
  var input: TopologyInput
  var identities = IdentityRegistry()
  var snapshot = TopologySnapshot.empty
  /// What clients' session tickets are sealed with; nil when the system gives no randomness.
  let tickets = TLSTicketKey.fresh().flatMap { TLSTicketKeys([$0]) }
  /// When the newest of its keys was made.
  var ticketsTurned = Clock.wallTime
  /// What TLS is spoken with.
  var certificates: CertificateKeeping
  var statuses = CertificateStatuses()
  let responders: ProbeThread
  var isPublishPlanned = false
  /// Told to the data plane with the next topology.
  var forgiven: Set<ServerName> = []
  /// Whether a service takes work, as far as it was ever certain.
  var takesWork: [String: Bool] = [:]
  var savedHealth = ""
  /// What the ledger of faults was told of servers.
  var toldServers: FaultySites?

  /// What the engine before this one knew, while this one begins.
  var adopted: [ServerName: HealthState] = [:]
  var replicaSets: [String: ReplicaSet] = [:]
  var replicaTimer: UInt64?
  var replicaUsage: [ReplicaKind: ReplicaUsage] = [:]
  /// Kinds that are asked for their usage and have not answered.
  var measuring: Set<ReplicaKind> = []
  /// By service, of those whose number of replicas follows the load.
  var scalers: [String: ServiceScaler] = [:]
  /// By service, of those whose weights follow its servers; and those of them that an operator stopped.
  var tuners: [String: ServiceTuner] = [:]
  var tuningOff: Set<String> = []
  /// Deployments that ended, since this engine began.
  var deploymentCounts: [DeploymentCount: UInt64] = [:]
  var deploymentHistory = DeploymentHistory()
  /// The service of which somebody takes a deployment back just now.
  var takenBackByOrder: String?
  let alerts: AlertKeeping
  /// By service, of those with one active server.
  var standbys: [String: StandbyGroup] = [:]
  var standbyRecords: [String: StandbyRecord] = [:]
  var latestStandby: UInt64 = 0
  var standbyTimer: UInt64?
  var leaving: Set<ServerName> = []
  var isLeavingWatched = false

  /// By listener: where it really listens.
  var boundAddresses: [String: SocketAddress] = [:]
  var adminAddress: SocketAddress
  /// Sockets that were asked of the keeper and have not come.
  var askedSockets: [String: CheckedContinuation<Result<ListeningAnswer, ListenFailure>, Never>] =
    [:]

  let metricsWriter = MetricsWriter()
  var history = TrafficHistory()
  var publicStatusMade: PublicStatusAnswer?
  /// By service.
  var peakRates: [String: PeakRate] = [:]
  var isSampling = false
  /// Of the newest entry of the history of configurations.
  var configurationNumber: Int64 = 0
  var reloads = ReloadTurns()
  var reloadCounts: [String: UInt64] = ["success": 0, "failure": 0]
  /// Servers that a worker ejected, until one readmits them.
  var ejected: Set<ServerName> = []
  var announced = ServerNoticeLimiter()
  var defenceNotices = DefenceNotices()
  var bans = BanList()
  var banTimer: UInt64?

  var accounts = AccountKeeping()
  var backups = BackupKeeping()
  var audit = AuditKeeping()
  var drills = DrillKeeping()

  var isServing = false
  var drain: DrainProgress?

  /// The last upgrade that the keeper told of.
  var upgrade: UpgradeProgress?
  var askedUpgrades: [CheckedContinuation<Bool, Never>] = []
  var drainingEngines: [DrainingEngine] = []
  /// Another engine is in charge: this one serves what it has and decides nothing.
  var isRetired = false
  /// The upgrade that reloads wait for the end of, and whether none is under way any more.
  var heldFor: Int?
  var hasReloadTurn = false

  init(
    reactor: Reactor, link: sending KeeperLink, loaded: LoadedConfiguration,
    certificates: CertificateShelf, opening: StoreOpening,
    environment: [String: String], workers: Int
  ) throws(EventLoop.SystemError) {
    self.reactor = reactor
    responders = ProbeThread(on: reactor)
    containers = ContainerReplicaDriver(on: reactor, processes)
    alerts = AlertKeeping(on: reactor)
    self.link = link
    self.loaded = loaded
    self.opening = opening
    self.certificates = CertificateKeeping(certificates)
    recalled = RecalledState(observedSince: startedAt)
    self.environment = environment
    let settings = loaded.settings
    try programLog.follow(settings.log.target)
    log = EngineLog(level: settings.log.level, target: programLog)
    adminAddress = settings.admin.address
    let notices = try Mailbox<WorkerNotice>()
    let outcomes = try Mailbox<StoreError?>()
    self.notices = notices
    storeOutcomes = outcomes
    let sinkNotices = try Mailbox<SinkNotice>()
    self.sinkNotices = sinkNotices
    eventSinks = EventSinks(opening.store, notices: sinkNotices)
    dataPlane = try DataPlane(
      workers: workers, log: settings.log, traces: settings.traces
    ) { notices.send($0) }
    recorder = Recorder(opening, writer: StoreWriter(opening.store) { outcomes.send($0) })
    let commands = CommandRunner()
    self.commands = commands
    health = HealthWatch(on: reactor, commands: commands)
    admin = AdminServer(on: reactor)
    input = TopologyInput(settings: settings)
  }

  /// Ends the loop and with it the process.
  func end(_ code: Int32) {
    exitCode.withLock { $0 = code }
    reactor.stop()
  }
}

/// What a listener got from the keeper.
struct ListeningAnswer: Sendable {
  var address: SocketAddress
  var descriptors: [Int32]
}

struct ListenFailure: Error, Sendable {
  var message: String
}

/// Reloads and changes of the configuration come one after the other.
struct ReloadTurns {
  var isTaken = false
  var waiting: [CheckedContinuation<Void, Never>] = []
}

struct DrainProgress {
  var drainedWorkers: Set<Int> = []
  var isFinished = false
}
