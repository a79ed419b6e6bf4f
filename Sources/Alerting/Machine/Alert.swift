public import Primitives

/// A rule that holds for one thing.
public struct Alert: Codable, Sendable, Equatable {
  public enum State: String, Codable, Sendable {
    /// The condition holds, but not for long enough yet.
    case pending
    case firing
    /// It is over, and somebody may have to be told so.
    case resolved
  }

  /// 16 hexadecimal digits made of its labels: the same thing has the same one for ever.
  public var id: String
  public var rule: String
  public var severity: AlertSeverity
  /// `alertname`, `severity`, and where they apply `service`, `server`, `certificate`,
  /// `subject`, `objective`.
  public var labels: [String: String]
  public var summary: String
  public var value: Double?
  public var state: State
  /// Since when the condition holds without a gap.
  public var since: WallTime
  public var fired: WallTime?
  public var resolved: WallTime?
  /// Since when the condition is over, while it keeps firing.
  public var clearSince: WallTime?
  /// Nobody serves: other alerts of its services follow from it.
  public var isOutage: Bool
  /// The fault that it tells of, and the one that this hangs beneath.
  public var fault: Int64?
  public var parent: Int64?
  /// Services that are out with it, beside the one of its label.
  public var covers: Set<String> = []
  public var acknowledgement: Acknowledgement?
  /// The groups that it is told with.
  public var groups: Set<String> = []

  public var service: String? { labels["service"] }
  public var isFiring: Bool { state == .firing }
  /// All services that are out with it.
  var outServices: Set<String> {
    guard isOutage else { return [] }
    return service.map { covers.union([$0]) } ?? covers
  }

  /// What was told as firing is over, though it may be about to fire again.
  var isOver: Bool { state == .resolved || state == .pending && resolved != nil }

  /// FNV-1a over the sorted labels.
  static func identify(_ labels: [String: String]) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
      for byte in (name + "\u{1}" + value + "\u{2}").utf8 {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
      }
    }
    let text = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - text.utf8.count) + text
  }
}

/// Somebody takes care: no repetition, no escalation.
public struct Acknowledgement: Codable, Sendable, Equatable {
  public var author: String
  public var comment: String
  public var at: WallTime

  public init(author: String, comment: String, at: WallTime) {
    self.author = author
    self.comment = comment
    self.at = at
  }
}
