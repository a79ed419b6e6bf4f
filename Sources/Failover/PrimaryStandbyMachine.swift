public import Primitives

/// Keeps exactly one server of a service active, as far as there is one that can be.
///
/// A promotion is: nobody is active any more; a hook makes sure that the former one can do no harm
/// (fencing) and that the next one can work; only if it succeeds, the next one is active. A hook that
/// fails activates nobody: the next candidate's turn comes, and when all have failed, all are tried
/// again with growing pauses.
///
/// One decision at a time: while a hook runs, nothing that happens changes whose it is. A former
/// active server that comes back meanwhile is a candidate like the others.
///
/// An active server that fails stays active while no other is fit, since nobody would do better; so
/// nothing happens when all checks fail together, as they do when it is the network of this machine
/// that failed.
///
/// Duties of the caller:
/// 1. Begin with the record that was saved last; say whether the engine alone was replaced
///    (`isAdopting`) or Ballast begins anew, in which case the hook runs again.
/// 2. Send `servers` with all of them, the preferred first, after each change.
/// 3. Carry out the actions in order, each to its end before the next one; save `record` where an
///    action says so, and be sure of it before going on.
/// 4. Answer each `promote` with one `promotionEnded`, within the hook's timeout.
/// 5. Send `tick` once `nextDeadline` is reached; ask for it anew after every event.
public struct PrimaryStandbyMachine: Sendable {
  public enum Event: Sendable, Equatable {
    /// All servers in the order of preference, with unique names.
    case servers([StandbyServer])
    case policyChanged(StandbyPolicy)
    /// Results of another epoch than the present one are ignored.
    case promotionEnded(epoch: UInt64, succeeded: Bool, detail: String)
    /// Ignored when `refusal(ofPromoting:)` gives a reason.
    case operatorPromotes(String)
    case tick
  }

  enum State: Sendable, Equatable {
    case active(name: String, address: String)
    case promoting(StandbyPromotion, address: String, Vacancy)
    case vacant(Vacancy)
  }

  /// The time without an active server, from its reason to its end.
  struct Vacancy: Sendable, Equatable {
    var reason: StandbyReason
    var began: Instant
    /// Whose turn comes first, whatever the order of preference says.
    var first: String?
    /// Named by an operator: it is held once it is active.
    var ordered: String?
    /// Their hooks failed in this round.
    var tried: Set<String> = []
    var failedRounds = 0
    /// When the next round begins; nil while this one lasts.
    var retryAt: Instant?
  }

  public private(set) var policy: StandbyPolicy
  public internal(set) var record: StandbyRecord
  /// When `tick` is due; nil: only after another event.
  public internal(set) var nextDeadline: Instant?

  var state: State
  var servers: [StandbyServer] = []
  /// Since when each fit server is fit.
  var fitSince: [String: Instant] = [:]
  /// Their hooks failed when they were switched back to: not again before they failed and recovered.
  var refused: Set<String> = []

  public init(
    policy: StandbyPolicy, recalled record: StandbyRecord = StandbyRecord(),
    isAdopting: Bool = false, now: Instant
  ) {
    self.policy = policy
    self.record = record
    if isAdopting, let active = record.active, let address = record.address {
      state = .active(name: active, address: address)
      return
    }
    // The one that was active last has the newest data, or a promotion that was begun.
    let first = record.candidate ?? record.active ?? record.former
    self.record.former = record.active ?? record.former
    self.record.active = nil
    self.record.address = nil
    state = .vacant(Vacancy(reason: .began, began: now, first: first))
  }

  public mutating func handle(_ event: Event, now: Instant) -> [StandbyAction] {
    var actions: [StandbyAction] = []
    switch event {
    case .servers(let servers): follow(servers, now: now)
    case .policyChanged(let policy): self.policy = policy
    case .promotionEnded(let epoch, let succeeded, let detail):
      ended(epoch, succeeded, detail, now: now, &actions)
    case .operatorPromotes(let name):
      guard refusal(ofPromoting: name) == nil else { break }
      order(name, now: now, &actions)
    case .tick: break
    }
    decide(now: now, &actions)
    return actions
  }

  /// Another record of this service was found, such as in a backup: no promotion gets a number that it
  /// had already.
  public mutating func raise(epoch: UInt64) { record.epoch = max(record.epoch, epoch) }

  // MARK: Looking

  public var active: String? {
    if case .active(let name, _) = state { return name }
    return nil
  }

  /// The server whose hook runs.
  public var candidate: String? {
    if case .promoting(let promotion, _, _) = state { return promotion.server }
    return nil
  }

  /// Whether somebody is about to be active: a hook runs, or will be run again.
  public var isPromoting: Bool {
    switch state {
    case .active: false
    case .promoting: true
    case .vacant(let vacancy): vacancy.retryAt != nil
    }
  }

  /// Why an operator cannot promote it now; nil if that can be done.
  public func refusal(ofPromoting name: String) -> StandbyRefusal? {
    guard let server = servers.first(where: { $0.name == name }) else { return .unknownServer }
    switch state {
    case .active(name, server.address): return .alreadyActive
    case .promoting(let promotion, _, _): return .promoting(promotion.server)
    case .active, .vacant: break
    }
    if !server.isReady { return .notReady }
    return server.health == .healthy ? nil : .notHealthy
  }

  private mutating func follow(_ servers: [StandbyServer], now: Instant) {
    var since: [String: Instant] = [:]
    for server in servers where server.isFit {
      let before = self.servers.first { $0.name == server.name }
      since[server.name] = before?.address == server.address ? fitSince[server.name] ?? now : now
    }
    self.servers = servers
    fitSince = since
    refused.formIntersection(since.keys)
  }
}
