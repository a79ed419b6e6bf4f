import Primitives

@testable import Alerting

/// A machine with its surroundings: what is wrong with services, and receivers that may be down.
struct AlertTrial {
  static let start: Int64 = 1_795_000_000_000

  var machine = AlertMachine()
  var observation = AlertObservation(faults: [])
  var seconds: Int64 = 0
  var minute = 600
  /// Channels that answer nothing now.
  var down: Set<String> = []
  /// What was kept, as a store would have it.
  var stored: [String: StoredAlertState] = [:]
  var sent: [(at: Int64, channel: String, message: AlertMessage)] = []
  var log: [AlertLogEntry] = []
  var expired: [Silence] = []
  var attempts = 0
  var latestFault: Int64 = 0

  var now: WallTime { WallTime(milliseconds: Self.start + seconds * 1_000) }

  init(_ policy: AlertPolicy) { handle(.policyChanged(policy)) }

  mutating func handle(_ event: AlertMachine.Event) {
    var events = [event]
    while let event = events.popLast() {
      let output = machine.handle(event, now: now, minute: minute)
      for (key, state) in output.saves { stored[key.text] = state }
      log += output.log
      expired += output.expired
      for delivery in output.deliveries {
        attempts += 1
        if down.contains(delivery.channel) {
          events.append(.failed(delivery.id, reason: "connection refused", retryAfter: nil))
        } else {
          sent.append((seconds, delivery.channel, delivery.message))
          events.append(.delivered(delivery.id))
        }
      }
    }
  }

  mutating func run(_ count: Int64, step: Int64 = 1) {
    for _ in 0..<count / step {
      seconds += step
      handle(.observed(observation))
    }
  }

  mutating func fault(
    _ type: String, _ service: String, _ server: String? = nil, beneath parent: Int64? = nil,
    subject: String? = nil, outages: Set<String> = []
  ) {
    if !service.isEmpty {
      observation.services[service] = observation.services[service] ?? .init()
    }
    latestFault += 1
    observation.faults?.append(
      .init(
        id: latestFault, parent: parent, type: type, service: service, server: server,
        subject: subject, cause: "killed by signal 9",
        outages: type == "service-down" ? [service] : outages))
  }

  mutating func heal(_ service: String, _ server: String? = nil) {
    observation.faults?.removeAll { $0.service == service && $0.server == server }
  }

  /// As `60 ops [FIRING 1 · critical] shop: service-down`.
  var trace: [String] { sent.map { "\($0.at) \($0.channel) \($0.message.title)" } }

  /// An engine that was killed and another that begins with what was kept.
  mutating func restart(_ policy: AlertPolicy) {
    machine = AlertMachine()
    handle(.restored(stored.values.map { $0 }))
    handle(.policyChanged(policy))
  }
}

extension AlertPolicy {
  static func simple(
    _ rules: [AlertRule] = StandardRules.all, channels: [String] = ["ops"],
    budget: Int = 20, route: ((inout AlertRoute) -> Void)? = nil
  ) -> AlertPolicy {
    var only = AlertRoute(channels: channels)
    route?(&only)
    return AlertPolicy(
      rules: rules, routes: [only],
      channels: Dictionary(
        uniqueKeysWithValues: channels.map { ($0, ChannelPolicy(budget: budget)) }))
  }
}
