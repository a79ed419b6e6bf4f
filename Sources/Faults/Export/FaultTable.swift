import Primitives

/// Fault records as comma-separated values (RFC 4180), for spreadsheets.
public enum FaultTable {
  public static let mediaType = "text/csv; charset=utf-8"

  private static let columns = [
    "id", "parent", "type", "service", "server", "subject", "state", "began", "detected",
    "acknowledged", "acknowledged_by", "resolved", "resolved_by", "duration_seconds", "returns",
    "cause", "inferred_cause", "actions",
  ]

  /// One line each, with those that hang beneath a record after it.
  public static func text(_ records: [FaultRecord]) -> String {
    var lines = [columns.joined(separator: ",")]
    for record in records {
      lines.append(line(record))
      for part in record.beneath ?? [] { lines.append(line(part)) }
    }
    return lines.map { $0 + "\r\n" }.joined()
  }

  private static func line(_ record: FaultRecord) -> String {
    let cells: [String] = [
      "\(record.id)", record.parent.map { "\($0)" } ?? "", record.type.rawValue, record.service,
      record.server ?? "", record.subject ?? "", record.state.rawValue,
      record.began.description, record.detected.description,
      record.acknowledged?.description ?? "", record.acknowledgedBy ?? "",
      record.resolved?.description ?? "", record.resolvedBy ?? "",
      record.duration.map { "\($0)" } ?? "", record.returns.map { "\($0)" } ?? "", record.cause,
      record.inferredCause ?? "", record.actions.joined(separator: "; "),
    ]
    return cells.map(cell).joined(separator: ",")
  }

  /// What a program printed may be anything. A cell that a spreadsheet would take for a formula gets
  /// an apostrophe before it (OWASP, "CSV Injection"), and control characters become spaces.
  static func cell(_ text: String) -> String {
    var clean = ""
    for scalar in text.unicodeScalars {
      clean.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
    }
    if let first = clean.first, "=+-@".contains(first) { clean = "'" + clean }
    guard clean.contains(where: { "\",;".contains($0) || $0.isWhitespace }) else { return clean }
    return "\"" + clean.replacing("\"", with: "\"\"") + "\""
  }
}
