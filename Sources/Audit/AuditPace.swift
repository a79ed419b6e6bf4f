public import Primitives

/// How many entries a flood of the machine's own decisions, or of refusals, may make: what is beyond is
/// counted, and told by one entry that follows. A flapping server must not push everything else out of the
/// log.
public struct AuditPace: Sendable {
  public static let burst = 300.0
  public static let perSecond = 2.0
  /// Actions that are counted by their names; others are counted together.
  static let mostActions = 50

  private var tokens = Self.burst
  private var latest: Instant?
  private var leftOut: [String: Int] = [:]

  public init() {}

  /// - Returns: nil when the record is only counted; else what is to be recorded before it.
  public mutating func take(_ action: String, at time: WallTime, now: Instant) -> [AuditRecord]? {
    if let latest { tokens = min(Self.burst, tokens + (now - latest).seconds * Self.perSecond) }
    latest = now
    guard tokens >= 1 else {
      let isNamed = leftOut[action] != nil || leftOut.count < Self.mostActions
      leftOut[isNamed ? action : "other", default: 0] += 1
      return nil
    }
    tokens -= 1
    guard !leftOut.isEmpty else { return [] }
    let counts = leftOut.sorted { $0.key < $1.key }
    leftOut = [:]
    let members = counts.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
    return [
      AuditRecord(
        at: time, source: .machine, actor: "ballast", from: "engine", action: "audit.summary",
        after: "{\(members)}",
        detail: "\(counts.reduce(0) { $0 + $1.value }) more, too many to be told one by one")
    ]
  }
}
