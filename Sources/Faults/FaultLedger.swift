public import Primitives

/// Turns what happened into fault records and events: one record for each root cause, from its
/// first sign to its end, with what was done in between.
///
/// A replica's exit and the unhealthiness of its server are one fault, whichever is seen first.
/// Ids of faults and events come from here alone; a store only keeps them.
///
/// Duties of the caller:
/// 1. Begin with the store's highest ids, and send `restored` with the records that it left open.
/// 2. Send changes only, once each; what comes again is harmless but for its event.
/// 3. Save every record of the output (again, by its id), and append and publish its events.
/// 4. Send nothing for replicas that were stopped on purpose but `replicaStopping`.
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
    /// A person says what it was and that it's over.
    case resolved(id: Int64, cause: String)
    /// The servers that there are now, by service: faults of others are over.
    case topologyChanged([String: Set<String>])
    /// All else that belongs among the events.
    case noted(
      type: String, severity: EventRecord.Severity, service: String?, server: String?,
      message: String)
  }

  /// What the caller has to save and publish, oldest first.
  public struct Output: Sendable, Equatable {
    public var saves: [FaultRecord] = []
    public var events: [EventRecord] = []

    public init() {}
  }

  /// Open faults at a time; beyond it, signs become events without a record.
  public static let openLimit = 1_000
  /// Resolved faults kept in memory, so that they can be shown without a store.
  public static let keptLimit = 1_000
  /// Actions of one record; beyond it, the ones in the middle go.
  public static let actionsLimit = 50
  /// Characters of one cause, action or message.
  public static let textLimit = 500
  /// An exit this soon after a server was found unhealthy is the cause of it: the end of a
  /// process shows in its connections before its parent hears of it.
  public static let causeWindow = TimeSpan.seconds(10)

  /// What a fault is about. One thing has at most one open fault.
  enum Subject: Hashable, Sendable {
    case server(ServerName)
    case service(String)
    case store
    case backup
  }

  struct OpenFault: Sendable {
    var record: FaultRecord
    /// Held back by its supervisor: being healthy for a moment does not end it.
    var loops = false
    var healthy = false
  }

  var open: [Subject: OpenFault] = [:]
  var kept: [FaultRecord] = []
  /// Stopped on purpose, and not started again: being unhealthy is no fault of theirs.
  var stopping: Set<ServerName> = []
  /// What is done to servers on purpose; faults that it opens say so.
  var drills: [ServerName: String] = [:]
  public internal(set) var highestFaultID: Int64
  public internal(set) var highestEventID: Int64

  public init(highestFaultID: Int64 = 0, highestEventID: Int64 = 0) {
    self.highestFaultID = highestFaultID
    self.highestEventID = highestEventID
  }

  /// Open faults and the last resolved ones, newest first.
  public var records: [FaultRecord] {
    (open.values.map(\.record) + kept).sorted { $0.id > $1.id }
  }

  public var openCount: Int { open.count }

  /// Whether a fault of the server is open.
  public func isOpen(_ name: ServerName) -> Bool { open[.server(name)] != nil }

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
      act(subject, action, &output)
    case .resolved(let id, let cause):
      resolved(id: id, cause: cause, now: now, &output)
    case .topologyChanged(let servers):
      topologyChanged(servers, now: now, &output)
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
        server: server, message: Self.bounded(message)))
  }

  mutating func note(
    _ type: String, _ name: ServerName, _ message: String,
    severity: EventRecord.Severity = .info, now: WallTime, _ output: inout Output
  ) {
    note(type, severity, service: name.service, server: name.server, message, now: now, &output)
  }

  static func bounded(_ text: String) -> String {
    text.count <= textLimit ? text : text.prefix(textLimit - 1) + "…"
  }
}
