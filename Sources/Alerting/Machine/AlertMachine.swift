public import Primitives

/// Decides what fires, who is told of it and when.
///
/// Duties of the caller:
/// 1. Begin with `restored`, with all that was saved, then `policyChanged`.
/// 2. Observe every few seconds and tick at least as often; the clock may jump.
/// 3. Carry out an output in its order: what is to be saved is on the disk before a delivery begins. Then a
///    delivery is repeated after a crash rather than lost, and not repeated once its success is saved.
/// 4. Answer every delivery with `delivered` or `failed`. A channel has one under way at a time.
public struct AlertMachine: Sendable {
  public enum Event: Sendable {
    case restored([StoredAlertState])
    /// The store has another state from now on: its silences hold, and what fires stays as it is.
    case replaced([StoredAlertState])
    case policyChanged(AlertPolicy)
    case observed(AlertObservation)
    case ticked
    case delivered(UInt64)
    case failed(UInt64, reason: String, retryAfter: TimeSpan?)
    case silenced(Silence)
    case unsilenced(id: String, author: String)
    /// Alerts by their ids; all that fire when empty.
    case acknowledged(Set<String>, Acknowledgement)
    case logged(AlertLogEntry)
  }

  public struct Delivery: Sendable, Equatable {
    public var id: UInt64
    public var channel: String
    public var message: AlertMessage
  }

  public struct Output: Sendable {
    /// Nil forgets the key.
    public var saves: [(key: StoredAlertState.Key, state: StoredAlertState?)] = []
    public var log: [AlertLogEntry] = []
    public var deliveries: [Delivery] = []
    /// Silences of people whose time is over.
    public var expired: [Silence] = []
  }

  struct Sending: Sendable {
    var delivery: Delivery
    var keys: [String]
  }

  /// Alerts at a time, those that are over and not told included; one more is logged and not kept.
  public static let alertLimit = 20_000
  /// Alerts of a group; one more joins when another has left.
  public static let groupLimit = 10_000
  public static let silenceLimit = 1_000
  /// Entries that are kept in memory.
  public static let logLimit = 2_000
  /// Characters of a summary, a comment, a reason.
  public static let textLimit = 500
  /// Groups that one message tells of.
  public static let digestLimit = 20_000
  static let seriesInterval = TimeSpan.minutes(5)

  /// `alertLimit`, or fewer in a test.
  var mostAlerts = Self.alertLimit
  var policy = AlertPolicy()
  var series: [String: ServiceSeries] = [:]
  var observation: AlertObservation?
  public internal(set) var alerts: [String: Alert] = [:]
  public internal(set) var groups: [String: AlertGroup] = [:]
  public internal(set) var channels: [String: ChannelState] = [:]
  public internal(set) var silences: [String: Silence] = [:]
  public internal(set) var log: [AlertLogEntry] = []
  /// Alerts that were refused for want of room, while their condition holds.
  var refused: Set<String> = []
  var sending: [String: Sending] = [:]
  var latestDelivery: UInt64 = 0
  var latestSilence: UInt64 = 0
  var seriesSaved: WallTime?
  /// What other alerts follow from.
  var roots = AlertRoots()
  var changed: Set<StoredAlertState.Key> = []
  var minute = 0

  public init() {}

  /// - Parameter minute: of the week, from Monday 00:00 on, in the time of the quiet hours.
  public mutating func handle(_ event: Event, now: WallTime, minute: Int) -> Output {
    var output = Output()
    self.minute = minute
    switch event {
    case .restored(let states): restore(states)
    case .replaced(let states): replace(states)
    case .policyChanged(let policy): follow(policy, now: now, &output)
    case .observed(let observation):
      observe(observation, now: now, &output)
      advance(now: now, &output)
    case .ticked: advance(now: now, &output)
    case .delivered(let id):
      delivered(id, now: now, &output)
      advance(now: now, &output)
    case .failed(let id, let reason, let retryAfter):
      failed(id, reason, retryAfter, now: now, &output)
      advance(now: now, &output)
    case .silenced(let silence): self.silence(silence, now: now, &output)
    case .unsilenced(let id, let author): unsilence(id, author, now: now, &output)
    case .acknowledged(let ids, let acknowledgement):
      acknowledge(ids, acknowledgement, now: now, &output)
    case .logged(let entry): note(entry, &output)
    }
    save(&output)
    return output
  }

  mutating func note(_ entry: AlertLogEntry, _ output: inout Output) {
    var entry = entry
    entry.message = Self.bounded(entry.message)
    output.log.append(entry)
    log.append(entry)
    // Cut in steps: taking one from the front for each new one would cost the whole length.
    if log.count > Self.logLimit * 2 { log.removeFirst(log.count - Self.logLimit) }
  }

  private mutating func save(_ output: inout Output) {
    for key in changed.sorted(by: { $0.text < $1.text }) {
      let state: StoredAlertState? =
        switch key {
        case .alert(let id): alerts[id].map { .alert($0) }
        case .group(let key): groups[key].map { .group($0) }
        case .silence(let id): silences[id].map { .silence($0) }
        case .channel(let name): channels[name].map { .channel(name: name, $0) }
        case .series(let service):
          series[service].map { .series(service: service, .init(series: $0)) }
        }
      output.saves.append((key, state))
    }
    changed = []
  }

  private mutating func restore(_ states: [StoredAlertState]) {
    for state in states {
      switch state {
      case .alert(let alert): alerts[alert.id] = alert
      case .group(let group): groups[group.key] = group
      case .silence(let silence):
        silences[silence.id] = silence
        latestSilence = max(latestSilence, UInt64(silence.id) ?? 0)
      case .channel(let name, let state):
        channels[name] = state
        channels[name]?.resume()
      case .series(let service, let stored):
        series[service] = stored.series
        series[service]?.countAnew()
      }
    }
    noteRoots()
  }

  private mutating func replace(_ states: [StoredAlertState]) {
    let former = silences.keys.map { StoredAlertState.Key.silence($0) }
    silences = [:]
    for state in states {
      if case .silence = state { restore([state]) }
      changed.insert(state.key)
    }
    changed.formUnion(former)
    changed.formUnion(alerts.keys.map { .alert($0) })
    changed.formUnion(groups.keys.map { .group($0) })
    changed.formUnion(channels.keys.map { .channel($0) })
    changed.formUnion(series.keys.map { .series($0) })
  }

  mutating func noteRoots() {
    roots = AlertRoots(alerts.values)
    // What follows from an alert of another group is told with that one.
    for (id, alert) in alerts where alert.isFiring {
      guard let root = roots.root(of: alert), let keys = alerts[root]?.groups else { continue }
      for key in keys where !alert.groups.contains(key) {
        guard let count = groups[key]?.members.count, count < Self.groupLimit else { continue }
        groups[key]?.members.insert(id)
        alerts[id]?.groups.insert(key)
        changed.insert(.group(key))
        changed.insert(.alert(id))
      }
    }
  }

  static func bounded(_ text: String) -> String {
    text.count <= textLimit ? text : text.prefix(textLimit - 1) + "…"
  }
}
