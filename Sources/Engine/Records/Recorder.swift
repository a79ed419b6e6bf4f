import EventLoop
import Faults
import Primitives
import Store

/// Faults and events: decided by the ledger, kept in memory and in the store, shown to those that
/// follow.
final class Recorder {
  let store: Store
  let writer: StoreWriter
  private(set) var ledger = FaultLedger()
  private(set) var ring = EventRing()
  /// Why the state is not on disk; nil while it is.
  private(set) var problem: String?
  /// Called on the loop with what is new.
  var published: ([EventRecord], [FaultRecord]) -> Void = { _, _ in }
  /// Faults that began, for the metrics.
  private(set) var counts: [MetricsPage.FaultCount: UInt64] = [:]
  private var highestCounted: Int64 = 0
  private let openingProblem: StoreError?
  private var isDetached = false
  /// Nil while nobody is told.
  private var envelope: EventEnvelope?
  private var lastOutgoing: Int64 = 0
  private var buffer = Int64.max
  /// What happens while the state is replaced, for the ledger of the new one; nil at all other times.
  private var held: [FaultLedger.Event]?
  /// Of `held`; what is beyond it is lost to the records.
  static let heldLimit = 10_000

  init(_ opening: StoreOpening, writer: StoreWriter) {
    store = opening.store
    openingProblem = opening.problem
    problem = opening.problem?.description
    self.writer = writer
  }

  /// Goes on where the engine before this one ended. Comes before every event.
  func recall(_ state: RecalledState) {
    highestCounted = state.highestFaultID
    lastOutgoing = state.highestOutgoing
    ledger = FaultLedger(
      highestFaultID: state.highestFaultID, highestEventID: state.highestEventID,
      policy: ledger.policy)
    handle(.restored(state.openFaults))
  }

  /// Another engine records from here on.
  func detach() { isDetached = true }

  func handle(_ event: FaultLedger.Event) {
    guard !isDetached else { return }
    if let waiting = held {
      if waiting.count < Self.heldLimit { held?.append(event) }
      return
    }
    let now = Clock.wallTime
    let output = ledger.handle(event, now: now)
    ring.append(output.events)
    let told = outgoing(output.events, output.saves, now: now)
    for record in output.saves where record.id > highestCounted {
      highestCounted = record.id
      counts[.init(service: record.service, type: record.type.rawValue), default: 0] += 1
    }
    if !output.saves.isEmpty || !output.events.isEmpty {
      writer.write(.records(output.events, output.saves, told))
    }
    published(output.events, output.saves)
  }

  /// Lets faults end whose cause has been gone for long enough.
  func tick() {
    guard held == nil, let due = ledger.nextDeadline, Clock.wallTime >= due else { return }
    handle(.tick)
  }

  /// A record of earlier days, which the ledger has no more, says something else now.
  func amend(_ record: FaultRecord) {
    guard !isDetached else { return }
    let told = outgoing([], [record], isAmended: true, now: Clock.wallTime)
    writer.write(.records([], [record], told))
    published([], [record])
  }

  // MARK: For others

  /// - Parameters:
  ///   - isWanted: whether anybody is told.
  ///   - buffer: for what waits on disk, in bytes.
  ///   - instance: what this Ballast is called.
  func recordForSinks(_ isWanted: Bool, buffer: Int64, instance: String) {
    self.buffer = buffer
    if !isWanted {
      envelope = nil
    } else if envelope == nil {
      envelope = EventEnvelope(instance: instance, last: lastOutgoing)
    }
  }

  private func outgoing(
    _ events: [EventRecord], _ faults: [FaultRecord], isAmended: Bool = false, now: WallTime
  ) -> OutgoingRecords {
    guard var envelope else { return OutgoingRecords() }
    let counted = highestCounted
    let records = envelope.messages(events, faults, now: now) { record in
      if isAmended { return .changed }
      return record.resolved != nil ? .resolved : record.id > counted ? .opened : .changed
    }
    self.envelope = envelope
    lastOutgoing = envelope.number
    return OutgoingRecords(records: records, buffer: buffer)
  }

  /// Holds back what happens until `release`: it belongs into the state that comes.
  func hold() { if held == nil { held = [] } }

  /// - Parameter state: what the new one says; nil when the former stays.
  func release(_ state: RecalledState?) {
    let waiting = held ?? []
    held = nil
    if let state {
      ring = EventRing()
      // Faults that go on under another number are no new ones.
      highestCounted = .max
      handle(
        .stateReplaced(
          open: state.openFaults, highestFaultID: state.highestFaultID,
          highestEventID: state.highestEventID))
      highestCounted = ledger.highestFaultID
    }
    for event in waiting { handle(event) }
  }

  /// Of Ballast as a whole, and in order.
  func note(_ type: String, _ message: String) { note(type, .info, message) }

  func note(
    _ type: String, _ severity: EventRecord.Severity = .info, service: String? = nil,
    server: String? = nil, _ message: String
  ) {
    handle(
      .noted(type: type, severity: severity, service: service, server: server, message: message))
  }

  /// What came of a write.
  func wrote(_ error: StoreError?) {
    if let error {
      guard problem == nil else { return }
      problem = error.description
      handle(.storeFailed(cause: "the state cannot be written: \(error)"))
    } else if problem != nil, openingProblem == nil {
      problem = nil
      handle(.storeRecovered(action: "the state is written again"))
    }
  }
}
