public import Primitives

/// Turns what happened into fault records and events: one record for each root cause, from its
/// first sign to its end, with what was done in between.
///
/// A replica's exit, the ejection and the unhealthiness of its server are one fault, whichever is
/// seen first. Servers that fail together hang beneath one fault: of their machine, where all that
/// there are at one address failed; of the deployment that brought them; of their service. So does
/// what follows from a fault: that a service is down, fails over, has too few replicas, or burns its
/// error budget. A fault is over when its cause has been gone for as long as the policy says.
/// Ids of faults and events come from here alone; a store only keeps them.
///
/// Duties of the caller:
/// 1. Begin with the store's highest ids, and send `restored` with the records that it left open.
/// 2. Send changes only, once each; what comes again is harmless but for its event.
/// 3. Save every record of the output (again, by its id), and append and publish its events.
/// 4. Send nothing for replicas that were stopped on purpose but `replicaStopping`.
/// 5. Send `tick` when `nextDeadline` has come, at the latest a second after it.
public struct FaultLedger: Sendable {
  public enum Event: Sendable, Equatable {
    /// Records that an earlier engine left open.
    case restored([FaultRecord])
    /// `others` counts the servers of the service that still take work.
    case serverUnhealthy(ServerName, cause: String, began: WallTime, others: Int)
    case serverHealthy(ServerName)
    /// A process ended without being asked to; `exit` says how: `killed by signal 9 (SIGKILL)`.
    case replicaExited(ServerName, exit: String, others: Int)
    case replicaStarted(ServerName, pid: Int)
    case replicaReady(ServerName)
    /// A process is stopped on purpose: for a deployment, a restart, fewer replicas.
    case replicaStopping(ServerName, reason: String)
    case crashLoopBegan(ServerName, cause: String)
    case crashLoopEnded(ServerName)
    /// Workers leave a server out for so long · it proved itself.
    case serverEjected(ServerName, cause: String, time: TimeSpan, others: Int)
    case serverReadmitted(ServerName)
    /// No server of the service takes work · one does again.
    case serviceDown(String)
    case serviceUp(String)
    /// It is down on purpose: it was scaled to 0.
    case serviceUnwanted(String)
    /// The active server of a service with one active server failed, and another is to take over.
    case failoverBegan(ServerName, cause: String)
    /// The hook of a server begins · did not succeed; `retryIn` when nobody else can be tried.
    case promotionBegan(ServerName, epoch: UInt64)
    case promotionFailed(ServerName, epoch: UInt64, detail: String, retryIn: TimeSpan?)
    /// It is the active one; nobody was for so long.
    case serverActivated(ServerName, epoch: UInt64, vacantFor: TimeSpan, detail: String)
    /// A deployment is taken back, of which these are the new replicas.
    case deploymentWentBack(service: String, name: String, cause: String, servers: Set<String>)
    /// A deployment ended: the new revision stays, or the old one serves again, or neither.
    case deploymentEnded(service: String, DeploymentEnd)
    /// More replicas are wanted than may run · no more than that.
    case saturationBegan(service: String, cause: String)
    case saturationEnded(service: String)
    /// An objective uses up its budget too fast · no longer.
    case burnBegan(service: String, objective: String, cause: String)
    case burnEnded(service: String, objective: String)
    /// All certificates that end within days, with a sentence each; others are well.
    case certificatesNearEnd([String: String])
    /// This engine follows one that ended at `ended` without being asked to.
    case engineRestarted(cause: String, ended: WallTime, adoptedReplicas: Int)
    case storeFailed(cause: String)
    /// An operator does something to a server on purpose, and what · it is over.
    case drillBegan(ServerName, String)
    case drillEnded(ServerName)
    /// The store can be written again, or another was begun.
    case storeRecovered(action: String)
    /// A scheduled backup failed · one was made and tried out.
    case backupFailed(cause: String)
    case backupSucceeded(action: String)
    /// Another state took the place of the one so far: what it has open, and its highest ids.
    case stateReplaced(open: [FaultRecord], highestFaultID: Int64, highestEventID: Int64)
    /// Something was done about the open fault of a server, or of a service when `server` is nil.
    case acted(service: String, server: String?, action: String)
    /// A person says what it was and that it's over, with all that hangs beneath it.
    case resolved(id: Int64, cause: String, by: String? = nil)
    /// A person looks after it.
    case acknowledged(id: Int64, by: String? = nil, note: String? = nil)
    /// A person says what it was, whether it is over or not.
    case caused(id: Int64, cause: String, by: String? = nil)
    /// The servers that there are now, by service: faults of others are over. `machines` has the
    /// address without its port of those that can be found to have failed.
    case topologyChanged([String: Set<String>], machines: [ServerName: String] = [:])
    case policyChanged(FaultPolicy)
    /// Time has passed.
    case tick
    /// All else that belongs among the events.
    case noted(
      type: String, severity: EventRecord.Severity, service: String?, server: String?,
      message: String)
  }

  public enum DeploymentEnd: Sendable, Equatable {
    case succeeded, rolledBack
    case failed(name: String, cause: String)
  }

  /// What the caller has to save and publish, oldest first.
  public struct Output: Sendable, Equatable {
    public var saves: [FaultRecord] = []
    public var events: [EventRecord] = []

    public init() {}
  }

  /// Open faults at a time, with those beneath others; beyond it, signs become events without a
  /// record.
  public static let openLimit = 4_000
  /// Resolved faults kept in memory, so that they can be shown without a store.
  public static let keptLimit = 1_000
  /// An exit this soon after a server was found unhealthy is the cause of it: the end of a
  /// process shows in its connections before its parent hears of it.
  public static let causeWindow = TimeSpan.seconds(10)
  /// Servers that fail this close to each other may have failed of one cause: checks find a dead
  /// machine at different moments.
  public static let foldWindow = TimeSpan.seconds(30)
  /// Beyond the time of an ejection: without a failed trial in it, the server is taken for well.
  /// Nobody may have asked it.
  public static let ejectionRest = TimeSpan.seconds(30)

  /// What a fault is about. One thing has at most one open fault.
  enum Subject: Hashable, Sendable {
    case server(ServerName)
    case machine(String)
    case service(String)
    /// Several servers of it.
    case servers(of: String)
    case deployment(String)
    case saturation(String)
    case objective(String, String)
    case certificate(String)
    case store
    case backup
  }

  /// What is wrong with a server now.
  struct Signs: OptionSet, Sendable {
    let rawValue: UInt8
    static let unhealthy = Signs(rawValue: 1)
    static let exited = Signs(rawValue: 2)
    static let ejected = Signs(rawValue: 4)
    /// Held back by its supervisor: being healthy for a moment does not end it.
    static let looping = Signs(rawValue: 8)
  }

  struct OpenFault: Sendable {
    var record: FaultRecord
    /// Of a server; empty while it recovers.
    var signs: Signs = []
    /// When the first of the signs of now came.
    var since: WallTime
    /// When its trial is due.
    var ejectedUntil: WallTime?
    /// Of a deployment: the replicas whose faults are its own.
    var replicas: Set<String> = []
    /// Of a group: the servers that hang beneath it or did.
    var members: Set<ServerName> = []
    var causes = CommonCauses()

    /// Says whether it is a new one.
    @discardableResult
    mutating func add(_ member: ServerName, _ record: FaultRecord) -> Bool {
      guard members.insert(member).inserted else { return false }
      causes.add(record.cause, began: record.began)
      return true
    }
  }

  var open: [Subject: OpenFault] = [:]
  /// Of open faults, by their ids.
  var subjects: [Int64: Subject] = [:]
  var kept: [FaultRecord] = []
  /// Of each root with open faults beneath it.
  var beneath: [Int64: Set<Subject>] = [:]
  public internal(set) var policy: FaultPolicy
  /// The servers that there are, by service and by machine.
  var servers: [String: Set<String>] = [:]
  var machines: [ServerName: String] = [:]
  var atMachine: [String: Set<ServerName>] = [:]
  /// Stopped on purpose, and not started again: being unhealthy is no fault of theirs.
  var stopping: Set<ServerName> = []
  /// What is done to servers on purpose; faults that it opens say so.
  var drills: [ServerName: String] = [:]
  public internal(set) var highestFaultID: Int64
  public internal(set) var highestEventID: Int64

  public init(
    highestFaultID: Int64 = 0, highestEventID: Int64 = 0, policy: FaultPolicy = FaultPolicy()
  ) {
    self.policy = policy
    self.highestFaultID = highestFaultID
    self.highestEventID = highestEventID
  }

  public mutating func handle(_ event: Event, now: WallTime) -> Output {
    var output = Output()
    switch event {
    case .restored(let records):
      restore(records, now: now, &output)
    case .serverUnhealthy(let name, let cause, let began, let others):
      serverUnhealthy(name, cause: cause, began: began, others: others, now: now, &output)
    case .serverHealthy(let name):
      serverHealthy(name, now: now, &output)
    case .replicaExited(let name, let exit, let others):
      replicaExited(name, exit: exit, others: others, now: now, &output)
    case .replicaStarted(let name, let pid):
      replicaStarted(name, pid: pid, now: now, &output)
    case .replicaReady(let name):
      replicaReady(name, now: now, &output)
    case .replicaStopping(let name, let reason):
      replicaStopping(name, reason: reason, now: now, &output)
    case .crashLoopBegan(let name, let cause):
      crashLoopBegan(name, cause: cause, now: now, &output)
    case .crashLoopEnded(let name):
      crashLoopEnded(name, now: now, &output)
    case .serverEjected(let name, let cause, let time, let others):
      serverEjected(name, cause: cause, time: time, others: others, now: now, &output)
    case .serverReadmitted(let name):
      serverReadmitted(name, now: now, &output)
    case .serviceDown(let service):
      serviceDown(service, now: now, &output)
    case .serviceUnwanted(let service):
      serviceUnwanted(service, now: now, &output)
    case .serviceUp(let service):
      serviceUp(service, now: now, &output)
    case .failoverBegan(let name, let cause):
      failoverBegan(name, cause: cause, now: now, &output)
    case .promotionBegan(let name, let epoch):
      promotionBegan(name, epoch: epoch, now: now, &output)
    case .promotionFailed(let name, let epoch, let detail, let retryIn):
      promotionFailed(name, epoch: epoch, detail: detail, retryIn: retryIn, now: now, &output)
    case .serverActivated(let name, let epoch, let vacantFor, let detail):
      serverActivated(name, epoch: epoch, vacantFor: vacantFor, detail: detail, now: now, &output)
    case .deploymentWentBack(let service, let name, let cause, let servers):
      deploymentWentBack(service, name, cause: cause, servers, now: now, &output)
    case .deploymentEnded(let service, let end):
      deploymentEnded(service, end, now: now, &output)
    case .saturationBegan(let service, let cause):
      strainBegan(.saturation(service), .saturation, cause: cause, now: now, &output)
    case .saturationEnded(let service):
      strainEnded(.saturation(service), "as many replicas as are wanted may run", now: now, &output)
    case .burnBegan(let service, let objective, let cause):
      strainBegan(.objective(service, objective), .sloBurn, cause: cause, now: now, &output)
    case .burnEnded(let service, let objective):
      strainEnded(
        .objective(service, objective), "the budget lasts again", now: now, &output)
    case .certificatesNearEnd(let ending):
      certificatesNearEnd(ending, now: now, &output)
    case .engineRestarted(let cause, let ended, let adopted):
      engineRestarted(cause: cause, ended: ended, adopted: adopted, now: now, &output)
    case .drillBegan(let name, let drill):
      if drills.count < Self.openLimit { drills[name] = drill }
    case .drillEnded(let name): drills[name] = nil
    case .storeFailed(let cause):
      storeFailed(cause: cause, now: now, &output)
    case .storeRecovered(let action):
      resolve(.store, action: action, now: now, &output)
    case .backupFailed(let cause):
      backupFailed(cause: cause, now: now, &output)
    case .backupSucceeded(let action):
      resolve(.backup, action: action, now: now, &output)
    case .stateReplaced(let open, let fault, let event):
      stateReplaced(open: open, highestFaultID: fault, highestEventID: event, now: now, &output)
    case .acted(let service, let server, let action):
      let subject =
        server.map { Subject.server(ServerName(service: service, server: $0)) } ?? .service(service)
      act(subject, action, now: now, &output)
    case .resolved(let id, let cause, let person):
      resolved(id: id, cause: cause, by: person, now: now, &output)
    case .acknowledged(let id, let person, let note):
      edit(id, &output) { $0.acknowledge(by: person, note: note, now: now) }
    case .caused(let id, let cause, let person):
      edit(id, &output) { $0.rename(cause, by: person, now: now) }
    case .topologyChanged(let servers, let machines):
      topologyChanged(servers, machines, now: now, &output)
    case .policyChanged(let policy):
      self.policy = policy
      tick(now: now, &output)
    case .tick:
      tick(now: now, &output)
    case .noted(let type, let severity, let service, let server, let message):
      note(type, severity, service: service, server: server, message, now: now, &output)
    }
    return output
  }
}

extension FaultLedger {
  mutating func nextFaultID() -> Int64 {
    highestFaultID &+= 1
    return highestFaultID
  }

  mutating func note(
    _ type: String, _ severity: EventRecord.Severity, service: String?, server: String? = nil,
    _ message: String, now: WallTime, _ output: inout Output
  ) {
    highestEventID &+= 1
    output.events.append(
      EventRecord(
        id: highestEventID, at: now, type: type, severity: severity, service: service,
        server: server, message: FaultRecord.bounded(message)))
  }

  mutating func note(
    _ type: String, _ name: ServerName, _ message: String,
    severity: EventRecord.Severity = .info, now: WallTime, _ output: inout Output
  ) {
    note(type, severity, service: name.service, server: name.server, message, now: now, &output)
  }
}
