/// How much an alert matters; ordered.
public enum AlertSeverity: String, Codable, Sendable, CaseIterable, Comparable {
  case info, warning, critical

  private var rank: Int {
    switch self {
    case .info: 0
    case .warning: 1
    case .critical: 2
    }
  }

  public static func < (left: AlertSeverity, right: AlertSeverity) -> Bool {
    left.rank < right.rank
  }
}
