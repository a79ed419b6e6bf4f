public import Primitives

/// What a channel is told at once: how one group stands, or several in a digest.
public struct AlertMessage: Sendable, Equatable {
  public struct Item: Sendable, Equatable {
    public var id: String
    public var rule: String
    public var severity: AlertSeverity
    public var labels: [String: String]
    public var summary: String
    public var began: WallTime
    public var ended: WallTime?
    public var isAcknowledged: Bool
    /// What follows from it.
    public var beneath: [Item]

    init(_ alert: Alert, beneath: [Alert]) {
      id = alert.id
      rule = alert.rule
      severity = alert.severity
      labels = alert.labels
      summary = alert.summary
      began = alert.fired ?? alert.since
      ended = alert.resolved
      isAcknowledged = alert.acknowledgement != nil
      self.beneath = beneath.map { Item($0, beneath: []) }
    }

    public init(
      id: String, rule: String, severity: AlertSeverity, labels: [String: String],
      summary: String, began: WallTime, ended: WallTime? = nil
    ) {
      self.id = id
      self.rule = rule
      self.severity = severity
      self.labels = labels
      self.summary = summary
      self.began = began
      self.ended = ended
      isAcknowledged = false
      beneath = []
    }
  }

  public struct Part: Sendable, Equatable {
    /// The same for all messages about the group: receivers tell repetitions by it.
    public var key: String
    public var labels: [String: String]
    public var firing: [Item]
    public var resolved: [Item]

    public init(key: String, labels: [String: String], firing: [Item], resolved: [Item]) {
      self.key = key
      self.labels = labels
      self.firing = firing
      self.resolved = resolved
    }

    public var isFiring: Bool { !firing.isEmpty }

    /// With what hangs beneath.
    public var firingCount: Int { firing.reduce(0) { $0 + 1 + $1.beneath.count } }

    public var severity: AlertSeverity {
      (firing.isEmpty ? resolved : firing).map(\.severity).max() ?? .info
    }

    /// What it is about: `shop`, or the machine where the group is of no service.
    public var subject: String {
      let values = labels.sorted { $0.key < $1.key }.map(\.value).filter { !$0.isEmpty }
      if !values.isEmpty { return values.joined(separator: " ") }
      return (firing.first ?? resolved.first)?.labels["subject"] ?? "Ballast"
    }
  }

  public var at: WallTime
  public var parts: [Part]
  public var isDigest: Bool
  public var isTest: Bool
  public var wording = MessageWording()

  public init(at: WallTime, parts: [Part], isDigest: Bool = false, isTest: Bool = false) {
    self.at = at
    self.parts = parts
    self.isDigest = isDigest
    self.isTest = isTest
  }

  /// What `alerts test` sends.
  public static func test(channel: String, at: WallTime) -> AlertMessage {
    let item = Item(
      id: "0000000000000000", rule: "test", severity: .info,
      labels: ["alertname": "test", "severity": "info"],
      summary: "this is a test of the channel \(channel)", began: at)
    return AlertMessage(
      at: at,
      parts: [
        Part(key: "test/\(at.milliseconds)", labels: [:], firing: [item], resolved: [])
      ], isTest: true)
  }

  public var isFiring: Bool { parts.contains(where: \.isFiring) }
  public var severity: AlertSeverity { parts.map(\.severity).max() ?? .info }
  public var firing: [Item] { parts.flatMap(\.firing) }
  public var resolved: [Item] { parts.flatMap(\.resolved) }

  /// `[FIRING 21 · critical] shop: service-down`, or as the channel words it; one line.
  public var title: String {
    if isTest { return "[TEST] \(parts.first?.firing.first?.summary ?? "")" }
    let count = isFiring ? firingCount : resolved.count
    if let template = wording.title {
      let values = [
        "state": isFiring ? "FIRING" : "RESOLVED", "count": "\(count)",
        "severity": severity.rawValue, "subject": subject, "rules": rules,
      ]
      return MessageText.oneLine(template.text(values, labels: parts.first?.labels ?? [:]))
    }
    let state = isFiring ? "FIRING \(count) · \(severity.rawValue)" : "RESOLVED \(count)"
    return "[\(state)] \(subject)" + (isDigest ? "" : ": \(rules)")
  }

  private var firingCount: Int { parts.reduce(0) { $0 + $1.firingCount } }

  private var subject: String {
    isDigest ? "\(parts.count) groups" : parts.first?.subject ?? ""
  }

  /// The names of what fires, or of what is over, at most three of them.
  private var rules: String {
    let items = parts.flatMap { isFiring ? $0.firing : $0.resolved }
    var seen: Set<String> = []
    let names = items.map(\.rule).filter { seen.insert($0).inserted }
    let more = names.count > 3 ? " and \(names.count - 3) more" : ""
    return names.prefix(3).joined(separator: ", ") + more
  }
}
