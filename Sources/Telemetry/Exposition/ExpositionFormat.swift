/// How a page of metrics is written, and which way a scraper wants it.
public enum ExpositionFormat: Sendable, Equatable {
  /// The Prometheus text format 0.0.4.
  case prometheus
  /// OpenMetrics 1.0.0: with exemplars, and `# EOF` at the end, so that a page that was cut shows.
  case openMetrics

  public var contentType: String {
    switch self {
    case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    }
  }

  /// Elements of an `Accept` that are looked at; those behind them are not.
  public static let mostElements = 32

  /// The format that `accept` (RFC 9110 section 12.5.1) likes better. OpenMetrics has to be named, in
  /// version 1.0.0 or in none; without it, or where both are liked equally and neither is more exact,
  /// it is Prometheus' own. What is no such list asks for nothing.
  public init(accept: String?) {
    var best = (weight: 0.0, isOpenMetrics: false)
    var text = 0.0
    for element in (accept ?? "").split(separator: ",").prefix(Self.mostElements) {
      let parts = element.split(separator: ";").map { $0.trimmed.lowercased() }
      guard let type = parts.first else { continue }
      let weight = Self.value("q", of: parts).map { Double($0) ?? 0 } ?? 1
      switch type {
      case "application/openmetrics-text":
        let version = Self.value("version", of: parts)
        guard version == nil || version == "1.0.0" else { continue }
        if weight > best.weight { best = (weight, true) }
      case "text/plain", "text/*": text = max(text, weight)
      default: continue
      }
    }
    self = best.isOpenMetrics && best.weight >= text ? .openMetrics : .prometheus
  }

  private static func value(_ name: String, of parts: [String]) -> String? {
    for part in parts.dropFirst() where part.hasPrefix("\(name)=") {
      return part.dropFirst(name.count + 1).trimmed.filter { $0 != "\"" }
    }
    return nil
  }
}

extension StringProtocol {
  fileprivate var trimmed: String {
    var text = self[...]
    while text.first == " " || text.first == "\t" { text = text.dropFirst() }
    while text.last == " " || text.last == "\t" { text = text.dropLast() }
    return String(text)
  }
}
