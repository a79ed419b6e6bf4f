public import Primitives

/// Why nobody was active, or somebody else is to be.
public enum StandbyReason: Sendable, Equatable {
  /// Ballast, the service or its mode begins.
  case began
  /// The checks of the active server failed.
  case failed(String)
  /// The active server is gone, or is at another address.
  case gone(String)
  /// An operator, or a deployment, took the active server out.
  case takenOut(String)
  /// A preferred server is well again.
  case switchBack
  /// An operator named another.
  case ordered

  /// Whether it is a fault, rather than somebody's intent.
  public var isFault: Bool {
    switch self {
    case .failed, .gone: true
    case .began, .takenOut, .switchBack, .ordered: false
    }
  }
}

/// What the caller has to do next, in this order, each to its end before the next one.
public enum StandbyAction: Sendable, Equatable {
  /// No new request may reach the server any more, on no worker, before the next action begins.
  case deactivate(String, StandbyReason)
  /// Save the record, then run the hook, and answer with `promotionEnded`.
  case promote(StandbyPromotion)
  /// The hook of a server did not succeed. `retryIn` is set when no other candidate is left.
  case tellFailure(StandbyPromotion, detail: String, retryIn: TimeSpan?)
  /// Save the record, then let new requests reach the server.
  case activate(StandbyPromotion, vacantFor: TimeSpan, detail: String)
}

/// One run of the hook.
public struct StandbyPromotion: Sendable, Equatable {
  public var server: String
  /// Counts up with every promotion that is begun, over all of the service's life, so that a store
  /// or a disk can refuse a server of an older one (Chubby's sequencers: Burrows, "The Chubby lock
  /// service for loosely-coupled distributed systems", 2006, section 2.4).
  public var epoch: UInt64
  /// The server that was active last, if it is another.
  public var from: String?
  public var reason: StandbyReason

  public init(server: String, epoch: UInt64, from: String?, reason: StandbyReason) {
    self.server = server
    self.epoch = epoch
    self.from = from
    self.reason = reason
  }
}

/// Why an operator's order is not followed.
public enum StandbyRefusal: Error, Sendable, Equatable {
  case unknownServer
  case alreadyActive
  /// Its checks have not passed.
  case notHealthy
  /// It is draining, in maintenance, or of weight 0.
  case notReady
  /// The hook of a server is under way.
  case promoting(String)
}

extension StandbyReason: CustomStringConvertible {
  /// `its checks failed`, `an operator named another` …
  public var description: String {
    switch self {
    case .began: "Ballast began"
    case .failed: "its checks failed"
    case .gone: "it is gone from there"
    case .takenOut: "it was taken out"
    case .switchBack: "a preferred server is well again"
    case .ordered: "an operator named another"
    }
  }
}

extension StandbyRefusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownServer: "there is no such server"
    case .alreadyActive: "it is the active server already"
    case .notHealthy: "its checks have not passed"
    case .notReady: "it is draining, in maintenance, or of weight 0"
    case .promoting(let server): "\(server) is being promoted; its hook ends first"
    }
  }
}
