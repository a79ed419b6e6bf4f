public import Primitives

/// Counts what costs us and moves nothing: each kind of it may come in a burst, and then at a rate.
/// Whoever goes beyond is ended (RFC 9113 section 10.5).
public struct FrameLedger: Sendable {
  public enum Kind: Int, Sendable, CaseIterable {
    /// A stream that ended before its time, by the peer or by what it did.
    case reset
    /// A stream beyond the number that the peer may have.
    case refused
    case settings, ping, priority, emptyData, windowUpdate, unknown

    var end: HTTP2End {
      switch self {
      case .reset: .rapidReset
      case .refused: .refusedStreams
      case .settings: .settingsFlood
      case .ping: .pingFlood
      case .priority: .priorityFlood
      case .emptyData: .emptyDataFlood
      case .windowUpdate: .windowUpdateFlood
      case .unknown: .unknownFrameFlood
      }
    }
  }

  public struct Allowance: Sendable {
    public var burst: Int
    /// A second.
    public var rate: Int

    public init(burst: Int, rate: Int) {
      self.burst = burst
      self.rate = rate
    }
  }

  /// A browser that leaves a page resets all of its streams, at most 128, at once. One that reads
  /// tells of its window once for some kilobytes; what it takes earns it more.
  public struct Limits: Sendable {
    public var reset = Allowance(burst: 200, rate: 33)
    public var refused = Allowance(burst: 1_000, rate: 100)
    public var settings = Allowance(burst: 32, rate: 2)
    public var ping = Allowance(burst: 200, rate: 20)
    public var priority = Allowance(burst: 1_000, rate: 100)
    public var emptyData = Allowance(burst: 200, rate: 20)
    public var windowUpdate = Allowance(burst: 1_000, rate: 100)
    public var unknown = Allowance(burst: 200, rate: 20)
    /// Bytes of bodies sent that earn one more WINDOW_UPDATE.
    public var bytesPerWindowUpdate = 1_024

    public init() {}

    func allowance(_ kind: Kind) -> Allowance {
      switch kind {
      case .reset: reset
      case .refused: refused
      case .settings: settings
      case .ping: ping
      case .priority: priority
      case .emptyData: emptyData
      case .windowUpdate: windowUpdate
      case .unknown: unknown
      }
    }
  }

  private let limits: Limits
  /// What is spent of each burst.
  private var spent = InlineArray<8, Int>(repeating: 0)
  private var refilled = Instant.zero
  private var unearned = 0

  public init(limits: Limits) { self.limits = limits }

  /// - Returns: why the session is to end, if it went beyond.
  public mutating func count(_ kind: Kind, now: Instant) -> HTTP2End? {
    refill(now)
    spent[kind.rawValue] &+= 1
    return spent[kind.rawValue] > limits.allowance(kind).burst ? kind.end : nil
  }

  /// The peer was sent so many bytes of bodies, and took those before.
  public mutating func sent(_ bytes: Int) {
    guard spent[Kind.windowUpdate.rawValue] > 0 else { return }
    unearned &+= bytes
    guard unearned >= limits.bytesPerWindowUpdate else { return }
    let earned = unearned / max(1, limits.bytesPerWindowUpdate)
    unearned = 0
    spent[Kind.windowUpdate.rawValue] = max(0, spent[Kind.windowUpdate.rawValue] - earned)
  }

  /// In whole seconds, so that nothing is lost to rounding.
  private mutating func refill(_ now: Instant) {
    if refilled == .zero { refilled = now }
    let span = (now - refilled).milliseconds
    guard span >= 1_000 else { return }
    // A day is more than enough to have all of it back.
    let seconds = Int(min(span, 86_400_000)) / 1_000
    refilled = span > 86_400_000 ? now : refilled + .seconds(Int64(seconds))
    for kind in Kind.allCases {
      let back = limits.allowance(kind).rate * seconds
      spent[kind.rawValue] = max(0, spent[kind.rawValue] - back)
    }
  }
}
