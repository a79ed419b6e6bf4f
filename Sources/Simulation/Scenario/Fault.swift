public import Primitives

/// What befalls servers for a time.
public struct Fault: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// The process is gone: connections are refused, requests under way are reset.
    case kill
    /// Connections are made, but answers take `time` at least; nil holds all until the fault ends.
    case stall(time: TimeSpan?)
    /// All work takes this many times as long.
    case slow(factor: Double)
    /// A share of requests is answered at once with 503; checks go on to pass.
    case errors(share: Double)
    /// Dead and alive in turn, dead first.
    case flap(down: TimeSpan, up: TimeSpan)
    /// A share of connections and requests is lost on the way, and nobody is told.
    case loss(share: Double)
  }

  /// Since the beginning.
  public var at: TimeSpan
  public var length: TimeSpan
  /// Names of servers.
  public var servers: [String]
  public var kind: Kind

  public init(at: TimeSpan, length: TimeSpan, servers: [String], kind: Kind) {
    self.at = at
    self.length = length
    self.servers = servers
    self.kind = kind
  }
}

extension Fault.Kind {
  /// As scenario files call it.
  public var name: String {
    switch self {
    case .kill: "kill"
    case .stall: "stall"
    case .slow: "slow"
    case .errors: "errors"
    case .flap: "flap"
    case .loss: "loss"
    }
  }
}
