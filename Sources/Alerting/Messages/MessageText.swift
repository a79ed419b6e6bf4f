import Primitives

/// A message as lines of text, cut to what a channel takes: what does not fit is counted.
struct MessageText {
  /// How a channel writes.
  enum Style { case plain, markdown }

  /// - Parameter cost: of a text, in what the channel counts; bytes when nothing else is said.
  static func lines(
    of message: AlertMessage, style: Style, limit: Int, cost: (String) -> Int = { $0.utf8.count }
  ) -> String {
    let all = lines(of: message, style: style)
    let separator = style == .markdown ? "\n\n" : "\n"
    var text = ""
    var used = 0
    for (index, line) in all.enumerated() {
      let piece = (index == 0 ? "" : separator) + line
      let left = all.count - index
      // Room for the words that tell how many did not fit, if this one is not the last.
      let reserve = left > 1 ? cost(separator + more(left)) : 0
      let price = cost(piece)
      if used + price + reserve > limit {
        let tail = (index == 0 ? "" : separator) + more(left)
        return used + cost(tail) <= limit ? text + tail : text
      }
      text += piece
      used += price
    }
    return text
  }

  private static func more(_ count: Int) -> String { "… and \(count) more" }

  private static func lines(of message: AlertMessage, style: Style) -> [String] {
    var lines: [String] = []
    for part in message.parts {
      if message.isDigest { lines.append(bold("\(part.subject)", style)) }
      for item in part.firing {
        lines.append(line(item, mark: "▲", style, message.wording))
        for beneath in item.beneath {
          lines.append("    " + line(beneath, mark: "└", style, message.wording))
        }
      }
      for item in part.resolved { lines.append(line(item, mark: "✓", style, message.wording)) }
    }
    return lines
  }

  private static func line(
    _ item: AlertMessage.Item, mark: String, _ style: Style, _ wording: MessageWording
  ) -> String {
    if let template = wording.line { return template.text(values(item, mark), labels: item.labels) }
    let summary = oneLine(item.summary)
    let time =
      item.ended.map { "over at \(clock($0)), began at \(clock(item.began))" }
      ?? "since \(clock(item.began))"
    let seen = item.isAcknowledged && item.ended == nil ? ", acknowledged" : ""
    return
      "\(mark) \(bold(item.rule, style)) [\(item.severity.rawValue)] \(summary) (\(time)\(seen))"
  }

  private static func values(_ item: AlertMessage.Item, _ mark: String) -> [String: String] {
    [
      "mark": mark, "state": item.ended == nil ? "firing" : "resolved", "name": item.rule,
      "severity": item.severity.rawValue, "summary": item.summary,
      "service": item.labels["service"] ?? "", "server": item.labels["server"] ?? "",
      "since": clock(item.began), "ended": item.ended.map(clock) ?? "", "id": item.id,
    ]
  }

  private static func bold(_ text: String, _ style: Style) -> String {
    style == .markdown ? "**\(text)**" : text
  }

  /// `2026-11-20 20:07:45 UTC`.
  static func clock(_ time: WallTime) -> String {
    let text = time.description
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
  }

  /// Control characters would break a header or a line of a list.
  static func oneLine(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 ? " " : $0 }))
  }

  /// At most so many bytes, cut between characters.
  static func cut(_ text: String, bytes limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    var kept = ""
    var used = 0
    for character in text {
      let size = String(character).utf8.count
      guard used + size + 3 <= limit else { break }
      kept.append(character)
      used += size
    }
    return kept + "…"
  }
}
