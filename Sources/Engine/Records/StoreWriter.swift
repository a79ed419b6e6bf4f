import Accounts
import Audit
import Alerting
import Faults
import Store
import Synchronization

/// What is to be kept over the engine's life.
enum StoreWrite: Sendable {
  /// With what sinks are to be told of them.
  case records([EventRecord], [FaultRecord], OutgoingRecords)
  /// The sinks that there are, by name.
  case sinks([String])
  case serverOverride(ServerName, ServerOverride)
  /// Nil goes back to the configuration's.
  case replicaCount(service: String, Int?)
  case value(String?, key: String)
  case configuration(ConfigurationRecord)
  case deployment(DeploymentRecord)
  case accounts([AccountChange])
  /// A change is about to be made; `audit` with its number among `finished` follows.
  case auditBegan(Int64, AuditRecord)
  case audit([AuditRecord], keep: Int, finished: [Int64])
  /// What is known of alerts by keys, and new entries of their log.
  case alerts([(key: String, value: String?)], [AlertLogEntry])
  /// Everything before it is on the disk, or could not be written.
  case flushed(CheckedContinuation<Void, Never>)
}

/// Writes to the store, in order, away from the event loop. A store that fails delays nobody: what
/// cannot be written is told and dropped.
final class StoreWriter: Sendable {
  /// Writes that may wait for the disk.
  static let queueLimit = 10_000

  private let continuation: AsyncStream<StoreWrite>.Continuation
  private let lost = Atomic<UInt64>(0)

  /// Messages for sinks that could not be written.
  var lostOutgoing: UInt64 { lost.load(ordering: .relaxed) }

  /// - Parameter outcome: called after every write on no thread in particular, with its error.
  init(_ store: Store, outcome: @escaping @Sendable (StoreError?) -> Void) {
    let (stream, continuation) = AsyncStream.makeStream(
      of: StoreWrite.self, bufferingPolicy: .bufferingOldest(Self.queueLimit))
    self.continuation = continuation
    self.overflowed = { outcome(StoreError(.unavailable, "the disk does not keep up")) }
    Task.detached {
      var backlog = AuditBacklog()
      for await write in stream {
        do throws(StoreError) {
          try await Self.carryOut(write, store, &backlog)
          // A flush tells nothing of the disk.
          if case .flushed = write { continue }
          outcome(nil)
        } catch {
          self.countLost(write)
          outcome(error)
        }
      }
    }
  }

  private let overflowed: @Sendable () -> Void

  func write(_ write: StoreWrite) {
    guard case .dropped(let lost) = continuation.yield(write) else { return }
    if case .flushed(let waiting) = lost { waiting.resume() }
    countLost(lost)
    overflowed()
  }

  private func countLost(_ write: StoreWrite) {
    guard case .records(_, _, let outgoing) = write else { return }
    lost.wrappingAdd(UInt64(outgoing.records.count), ordering: .relaxed)
  }

  /// Waits until all that was written before is on the disk.
  func flush() async {
    await withCheckedContinuation { write(.flushed($0)) }
  }

  private static func carryOut(
    _ write: StoreWrite, _ store: Store, _ backlog: inout AuditBacklog
  ) async throws(StoreError) {
    switch write {
    case .records(let events, let faults, let outgoing):
      try await store.append(events: events, faults: faults, outgoing: outgoing)
    case .sinks(let names): try await store.followSinks(names)
    case .serverOverride(let name, let override):
      try await store.saveServerOverride(service: name.service, server: name.server, override)
    case .replicaCount(let service, let count):
      try await store.saveReplicaCount(service: service, count)
    case .value(let value, let key): try await store.setValue(value, forKey: key)
    case .configuration(let record): try await store.save(record)
    case .deployment(let record): try await store.save(record)
    case .accounts(let changes): try await store.save(changes)
    case .auditBegan(let id, let record): try await store.beginAudit(id, record)
    case .audit(let records, let keep, let finished):
      backlog.add(records, keep: keep, finished: finished)
      try await appendBacklog(store, &backlog)
    case .alerts(let states, let log): try await store.saveAlerts(states, log: log)
    case .flushed(let waiting):
      // What the disk did not take is tried again with whoever waits for it.
      try? await appendBacklog(store, &backlog)
      waiting.resume()
    }
  }

  private static func appendBacklog(
    _ store: Store, _ backlog: inout AuditBacklog
  ) async throws(StoreError) {
    guard !backlog.isEmpty else { return }
    let (records, finished) = backlog.content()
    try await store.append(records, keep: backlog.keep, finished: finished)
    backlog = AuditBacklog()
  }
}
