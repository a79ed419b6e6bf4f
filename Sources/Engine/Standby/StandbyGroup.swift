import Configuration
import EventLoop
import Failover
import Primitives

/// One service with one active server: what is decided, and how far that is carried out.
struct StandbyGroup {
  typealias Verdict = CheckedContinuation<Result<String, PromotionFailure>, Never>

  /// A service that is gone and comes back is another group: what still runs for the one before it
  /// has no say in it.
  let number: UInt64
  var settings: StandbySettings
  var machine: PrimaryStandbyMachine
  /// The server that the topology lets take requests. Lags behind the machine, which may have decided
  /// already what still has to be carried out.
  private(set) var served: String?
  /// Carried out one after the other.
  private var actions: [StandbyAction] = []
  /// Whether one is under way.
  var isBusy = false
  /// Operators who wait for what comes of their order.
  private var waiting: [(server: String, verdict: Verdict)] = []

  init(
    _ settings: StandbySettings, number: UInt64, recalled: StandbyRecord, isAdopting: Bool
  ) {
    self.number = number
    self.settings = settings
    machine = PrimaryStandbyMachine(
      policy: settings.policy, recalled: recalled, isAdopting: isAdopting, now: Clock.now)
    served = machine.active
  }

  mutating func handle(_ event: PrimaryStandbyMachine.Event) {
    let new = machine.handle(event, now: Clock.now)
    actions += new
    // At once, so that no topology in between lets it take requests.
    for case .deactivate in new { served = nil }
  }

  var hasActions: Bool { !actions.isEmpty }

  mutating func nextAction() -> StandbyAction? {
    actions.isEmpty ? nil : actions.removeFirst()
  }

  /// Lets it take requests, unless that was decided otherwise meanwhile.
  mutating func serve(_ server: String) {
    if machine.active == server { served = server }
  }

  /// Whether nobody is active for now, and somebody is to be without further events.
  var isSwitching: Bool { isBusy || machine.isPromoting }

  mutating func wait(for server: String, _ verdict: Verdict) { waiting.append((server, verdict)) }

  /// - Parameter server: nil for all.
  mutating func tell(_ result: Result<String, PromotionFailure>, of server: String? = nil) {
    for entry in waiting where server == nil || entry.server == server {
      entry.verdict.resume(returning: result)
    }
    waiting.removeAll { server == nil || $0.server == server }
  }
}

struct PromotionFailure: Error {
  var message: String
}

extension StandbySettings {
  var policy: StandbyPolicy {
    StandbyPolicy(switchBack: switchBack == .never ? .never : .whenHealthy, after: after)
  }
}
