import Primitives

/// Text of any origin in a Markdown document (CommonMark 0.31).
enum MarkdownText {
  /// On one line and without a meaning of its own, also in a table.
  static func plain(_ text: String) -> String {
    var plain = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\", "`", "*", "_", "{", "}", "[", "]", "<", ">", "(", ")", "#", "!", "|", "~", "&":
        plain.unicodeScalars.append("\\")
        plain.unicodeScalars.append(scalar)
      default:
        plain.unicodeScalars.append(
          scalar.properties.generalCategory == .control ? " " : scalar)
      }
    }
    return plain
  }

  static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

  /// `2026-11-20 20:07:45 UTC`.
  static func moment(_ time: WallTime) -> String {
    let text = time.description
    guard text.utf8.count == 24 else { return text }
    return text.prefix(10) + " " + text.dropFirst(11).prefix(8) + " UTC"
  }

  /// `1h 30m`.
  static func span(_ seconds: Double) -> String {
    let bounded = min(max(0, seconds), 1e12)
    return "\(TimeSpan.milliseconds(Int64((bounded * 1_000).rounded())))"
  }

  /// A share with three places, rounded down: what was not all of it never reads as all.
  static func percent(_ share: Double) -> String {
    guard share.isFinite else { return "-" }
    return "\((min(max(share, -1_000), 1) * 100_000).rounded(.down) / 1_000) %"
  }
}
