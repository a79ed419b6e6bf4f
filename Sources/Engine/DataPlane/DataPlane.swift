import Configuration
import EventLoop
import Balancing
import Primitives
import Proxying
import Synchronization
import Topology

/// The workers, one event loop and thread each.
final class DataPlane: Sendable {
  private let mailboxes: [Mailbox<WorkerMessage>]

  /// Starts nothing; `run()` does.
  /// - Parameter notices: called on the workers' threads.
  init(
    workers: Int, log: LogSettings, traces: TraceSettings? = nil,
    notices: @escaping @Sendable (WorkerNotice) -> Void
  ) throws(SystemError) {
    var mailboxes: [Mailbox<WorkerMessage>] = []
    for _ in 0..<workers { mailboxes.append(try Mailbox()) }
    self.mailboxes = mailboxes
    self.log = Mutex(log)
    self.firstTraces = traces
    self.notices = notices
  }

  private let log: Mutex<LogSettings>
  private let guards = Mutex(GuardTables())
  /// Held so that the end of the process can wait for it.
  private let accessLog = Mutex<LogFile?>(nil)
  private let accessLogs = Atomic<UInt32>(0)
  private let lostLines = LostLines()
  /// What the workers begin with.
  private let firstTraces: TraceSettings?
  let traces = Mutex(TraceKeeping())
  let traceCounters = TraceCounters()
  let notices: @Sendable (WorkerNotice) -> Void

  var count: Int { mailboxes.count }

  /// Starts a thread for each worker.
  /// - Parameter sessionKey: what clients' cookies and addresses are hashed with.
  func run(sessionKey: HashKey) throws(SystemError) {
    let log = log.withLock { $0 }
    let file = try open(log)
    accessLog.withLock { $0 = file }
    let first = file.map { AccessLog(log, number: 0, file: $0) }
    let exporter = try exporter(for: firstTraces)
    trace(firstTraces, to: exporter)
    let traces = workerTraces(firstTraces, exporter)
    let seed = Clock.now.nanoseconds ^ UInt64(bitPattern: Clock.wallTime.milliseconds)
    for (number, mailbox) in mailboxes.enumerated() {
      let (count, notices) = (mailboxes.count, notices)
      try LoopThread.start("worker-\(number)") {
        do throws(SystemError) {
          var worker = try Worker(
            number: number, workers: count, mailbox: mailbox, accessLog: first,
            traces: traces, seed: seed &+ UInt64(number), sessionKey: sessionKey,
            notices: notices)
          worker.run()
        } catch {
          notices(.failed(worker: number, error))
        }
      }
    }
  }

  /// Takes over another target or format of the access log.
  /// - Throws: when the file can't be opened; the former one stays in use.
  func setAccessLog(_ new: LogSettings) throws(SystemError) {
    let old = log.withLock { $0 }
    if old.access == new.access, old.accessFormat == new.accessFormat,
      old.sampling == new.sampling
    {
      if old.rotation != new.rotation { accessLog.withLock { $0 }?.setRotation(new.rotation) }
      log.withLock { $0 = new }
      return
    }
    // One file has one writer.
    let kept = old.access == new.access ? accessLog.withLock { $0 } : nil
    kept?.setRotation(new.rotation)
    let file = if let kept { kept } else { try open(new) }
    log.withLock { $0 = new }
    accessLog.withLock { $0 = file }
    let number = accessLogs.wrappingAdd(1, ordering: .relaxed).newValue
    sendAll(.accessLog(file.map { AccessLog(new, number: number, file: $0) }))
  }

  /// Whether all lines that the workers handed over are written.
  var isLogWritten: Bool { accessLog.withLock { $0 }?.isWritten ?? true }

  /// Lines of the access log that were lost since the engine began.
  var lostLogLines: UInt64 { lostLines.count }

  private func open(_ log: LogSettings) throws(SystemError) -> LogFile? {
    let file: LogFile
    switch log.access {
    case .off: return nil
    case .standardOutput:
      file = try LogFile(LogTarget(path: nil, rotation: nil), lost: lostLines)
    case .file(let path):
      file = try LogFile(LogTarget(path: path, rotation: log.rotation), lost: lostLines)
    case .journald(let settings):
      file = try LogFile(LogSocket(settings, .access), lost: lostLines)
    case .syslog(let settings):
      file = try LogFile(LogSocket(settings, .access), lost: lostLines)
    }
    try file.run("access-log")
    return file
  }

  func reopenAccessLog() { accessLog.withLock { $0 }?.reopen() }

  func publish(_ snapshot: TopologySnapshot) {
    let tables = guards.withLock { tables in
      tables.adopt(snapshot)
      return tables
    }
    sendAll(.topology(snapshot, tables))
  }

  /// Goes out before the topology that needs it.
  func secure(_ contexts: TLSContexts) { sendAll(.security(contexts)) }

  func ban(_ addresses: AddressSet) { sendAll(.bans(addresses)) }

  /// Gives each worker listening sockets of its own. There are more than workers where an engine
  /// before this one had more of them: what waits at a socket would be lost with it.
  /// - Parameter descriptors: at least one for each worker; they belong to the workers from here on.
  func listen(_ listener: ListenerID, descriptors: [Int32], isDatagram: Bool) {
    for (number, mailbox) in mailboxes.enumerated() {
      let own = stride(from: number, to: descriptors.count, by: mailboxes.count)
      mailbox.send(
        .listen(listener, descriptors: own.map { descriptors[$0] }, isDatagram: isDatagram))
    }
  }

  func unlisten(_ listener: ListenerID) { sendAll(.unlisten(listener)) }
  func forgive(_ server: ServerID) { sendAll(.forgive(server)) }
  func eject(_ server: ServerID, until: Instant) { sendAll(.eject(server, until: until)) }
  /// Of the engine before this one.
  func adopt(_ entries: [SessionEntry]) { sendAll(.sessions(entries)) }
  /// All clients' sessions, as one worker knows them: each knows those of all.
  func sessions() async -> [SessionEntry] {
    guard let mailbox = mailboxes.first else { return [] }
    return await withCheckedContinuation { continuation in
      mailbox.send(.listSessions { continuation.resume(returning: $0) })
    }
  }
  /// A worker takes its own news for what it knows already.
  func share(_ entries: [SessionEntry]) { if count > 1 { sendAll(.sessions(entries)) } }
  func measured(_ server: ServerID, cpu: Double, memory: Double) {
    sendAll(.measured(server, cpu: cpu, memory: memory))
  }
  func drill(_ drill: AnswerDrill?) { sendAll(.drill(drill)) }
  func drain(within span: TimeSpan, _ drain: Drain) { sendAll(.drain(within: span, drain)) }

  /// The counters of all workers, as of now.
  func reports(withExemplars: Bool = false) async -> [WorkerReport] {
    await withTaskGroup(of: WorkerReport.self) { group in
      for mailbox in mailboxes {
        group.addTask {
          await withCheckedContinuation { continuation in
            mailbox.send(
              .report(withExemplars: withExemplars) { continuation.resume(returning: $0) })
          }
        }
      }
      var reports: [WorkerReport] = []
      for await report in group { reports.append(report) }
      return reports.sorted { $0.worker < $1.worker }
    }
  }

  /// Where a request would go, worker by worker.
  func explain(_ question: ServiceQuestion) async -> [ServiceAnswer] {
    await askAll { .explain(question, reply: $0) }.sorted { $0.worker < $1.worker }
  }

  /// What the workers know of a request; one of them may have it.
  func search(_ identifier: ForwardedRequest.Identifier) async -> [RequestSearch] {
    await askAll { .search(identifier, reply: $0) }
  }

  private func askAll<Answer: Sendable>(
    _ message: @escaping @Sendable (@escaping @Sendable (Answer) -> Void) -> WorkerMessage
  ) async -> [Answer] {
    await withTaskGroup(of: Answer.self) { group in
      for mailbox in mailboxes {
        group.addTask {
          await withCheckedContinuation { continuation in
            mailbox.send(message { continuation.resume(returning: $0) })
          }
        }
      }
      var answers: [Answer] = []
      for await answer in group { answers.append(answer) }
      return answers
    }
  }

  func sendTraces(_ traces: WorkerTraces?) { sendAll(.traces(traces)) }

  private func sendAll(_ message: WorkerMessage) {
    for mailbox in mailboxes { mailbox.send(message) }
  }
}
