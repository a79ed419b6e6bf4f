import Primitives
import Proxying
import Telemetry

/// What is counted while a scenario runs.
struct Recorder {
  struct Second {
    var arrived = 0
    var succeeded = 0
    var failed = 0
    var retries = 0
    var latencies = LatencySketch()
  }

  struct ServerCounts {
    let name: String
    let weight: Int
    /// Whether it was there from the beginning to the end, in the first tier.
    var isSteady: Bool
    var tries = 0
    var succeeded = 0
    var failures = 0
    var most = 0
    var latencies = LatencySketch()
    var latencySum = TimeSpan.zero
    var ejections = 0
  }

  /// Seconds that have a row of their own; what happens later counts in the last one.
  static let mostSeconds = 7_200

  var underWay = 0
  var requests = 0
  var succeeded = 0
  var failed = 0
  var tries = 0
  var retries = 0
  var hedges = 0
  var promotions = 0
  var ejections = 0
  var falseEjections = 0
  var falseAlarms = 0
  var events = 0
  var errors: [String: Int] = [:]
  var latencies = LatencySketch()
  var latencySum = TimeSpan.zero
  var longest = TimeSpan.zero
  var servers: [ServerCounts]
  var faults: [FaultCounts]
  var seconds: [Second] = []
  var scaling: [RemapCounts]
  /// The server that had a client's last request, before and after the last scaling.
  var homes: [UInt64: Int] = [:]
  var newHomes: [UInt64: Int] = [:]
  var isDown: [Int: Bool] = [:]

  /// Requests that began in a fault may fail after it.
  private let shadow: TimeSpan

  init(_ scenario: Scenario) {
    let first = scenario.servers.map(\.priority).min() ?? 0
    servers = scenario.servers.map {
      ServerCounts(name: $0.name, weight: $0.weight, isSteady: $0.priority == first)
    }
    faults = scenario.faults.map { _ in FaultCounts() }
    scaling = scenario.scaling.map { _ in RemapCounts() }
    shadow = max(scenario.clientTimeout, .seconds(1))
    keepsHomes = !scenario.scaling.isEmpty
  }

  private let keepsHomes: Bool
  private var present: Int?

  // MARK: Requests

  mutating func arrived(_ elapsed: TimeSpan) {
    requests += 1
    underWay += 1
    seconds[row(elapsed)].arrived += 1
  }

  mutating func tried(_ server: Int, _ elapsed: TimeSpan, ailments: [Int]) {
    tries += 1
    servers[server].tries += 1
    for fault in ailments { faults[fault].tried(elapsed) }
  }

  mutating func retried(_ reason: Exchange.RetryReason, _ elapsed: TimeSpan) {
    if reason == .hedge { hedges += 1 } else { retries += 1 }
    seconds[row(elapsed)].retries += 1
  }

  /// A try came back, or failed.
  mutating func answered(_ server: Int, isFailure: Bool, ailments: [Int]) {
    guard isFailure else { return }
    servers[server].failures += 1
    for fault in ailments { faults[fault].failedTries += 1 }
  }

  mutating func succeeded(
    after latency: TimeSpan, _ elapsed: TimeSpan, server: Int, client: UInt64
  ) {
    succeeded += 1
    servers[server].succeeded += 1
    servers[server].latencies.record(latency)
    servers[server].latencySum = servers[server].latencySum + latency
    record(latency, elapsed)
    seconds[row(elapsed)].succeeded += 1
    if keepsHomes { settle(client, server) }
  }

  mutating func failed(
    _ kind: String, after latency: TimeSpan, _ elapsed: TimeSpan, hasLeft: Bool, ailments: [Int]
  ) {
    failed += 1
    errors[kind, default: 0] += 1
    seconds[row(elapsed)].failed += 1
    // An error that comes fast would make the service look fast.
    if hasLeft { record(latency, elapsed) }
    for fault in ailments { faults[fault].failedRequests += 1 }
  }

  private mutating func record(_ latency: TimeSpan, _ elapsed: TimeSpan) {
    latencies.record(latency)
    latencySum = latencySum + latency
    longest = max(longest, latency)
    seconds[row(elapsed)].latencies.record(latency)
  }

  mutating func load(_ server: Int, _ inflight: Int) {
    servers[server].most = max(servers[server].most, inflight)
  }

  /// The row of a moment.
  private mutating func row(_ elapsed: TimeSpan) -> Int {
    let row = min(Int(max(0, elapsed.nanoseconds) / 1_000_000_000), Self.mostSeconds - 1)
    while seconds.count <= row { seconds.append(Second()) }
    return row
  }

  // MARK: Faults

  mutating func faultBegan(_ number: Int, _ elapsed: TimeSpan) {
    faults[number].began = elapsed
    faults[number].isActive = true
  }

  mutating func faultEnded(_ number: Int, _ elapsed: TimeSpan) {
    faults[number].ended = elapsed
    faults[number].isActive = false
  }

  func isActive(_ number: Int) -> Bool { faults[number].isActive }

  mutating func noticed(_ ailments: [Int], _ elapsed: TimeSpan) {
    for fault in ailments { faults[fault].noticed(elapsed) }
  }

  mutating func ejected(_ server: Int, _ elapsed: TimeSpan, hadFault: Bool) {
    ejections += 1
    servers[server].ejections += 1
    if !hadFault { falseEjections += 1 }
  }

  mutating func unhealthy(_ elapsed: TimeSpan, hadFault: Bool) {
    if !hadFault { falseAlarms += 1 }
  }

  /// Whether a server with these faults, the last of which ended then, may show their signs.
  func hasSigns(_ elapsed: TimeSpan, isIll: Bool, wasIllUntil: TimeSpan?) -> Bool {
    isIll || wasIllUntil.map { elapsed - $0 <= shadow } ?? false
  }

  // MARK: Scaling

  mutating func add(_ model: ServerModel) {
    servers.append(ServerCounts(name: model.name, weight: model.weight, isSteady: false))
  }

  mutating func left(_ server: Int) {
    servers[server].isSteady = false
    if let present { scaling[present].gone.insert(server) }
  }

  mutating func scaled(_ number: Int, _ elapsed: TimeSpan) {
    scaling[number].began = elapsed
    homes.merge(newHomes) { $1 }
    newHomes = [:]
    present = number
  }

  /// A client's first answer after the servers changed shows whether it moved.
  private mutating func settle(_ client: UInt64, _ server: Int) {
    guard let present else {
      homes[client] = server
      return
    }
    guard newHomes.updateValue(server, forKey: client) == nil, let home = homes[client] else {
      return
    }
    scaling[present].known += 1
    if home == server { return }
    scaling[present].moved += 1
    if scaling[present].gone.contains(home) { scaling[present].hadToMove += 1 }
  }
}

/// One fault, as it was noticed.
struct FaultCounts {
  var isActive = false
  var began: TimeSpan?
  var ended: TimeSpan?
  var detected: TimeSpan?
  var lastTry: TimeSpan?
  var tries = 0
  var failedTries = 0
  var failedRequests = 0

  mutating func tried(_ elapsed: TimeSpan) {
    tries += 1
    lastTry = elapsed
  }

  mutating func noticed(_ elapsed: TimeSpan) {
    if detected == nil { detected = elapsed }
  }
}

/// Clients that were seen before and after the servers changed.
struct RemapCounts {
  var began: TimeSpan?
  var gone: Set<Int> = []
  var known = 0
  var moved = 0
  /// Of those, the ones whose server is gone.
  var hadToMove = 0
}
