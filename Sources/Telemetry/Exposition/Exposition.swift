/// Collects metrics and writes them in the Prometheus text format 0.0.4: HELP and TYPE for every
/// family, each family in one piece, each series once.
///
/// Source: prometheus.io, "Exposition formats", text-based format. Metric and label names are
/// ours, so a wrong one is a bug and stops here; label values may be any text.
public struct Exposition {
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"
  /// Series of one family; those beyond are left out and counted in
  /// `ballast_exposition_dropped_series`.
  public static let seriesLimit = 20_000

  public typealias Labels = KeyValuePairs<String, String>

  private var families: [MetricFamily] = []
  private var places: [String: Int] = [:]
  private var dropped = 0

  public init() {}

  /// `name` ends in `_total`. The values of one series that is added twice are added up.
  public mutating func counter(
    _ name: String, help: String, labels: Labels = [:], count: UInt64
  ) {
    counter(name, help: help, labels: labels, value: Double(count))
  }

  /// As above, for what is counted in seconds or bytes.
  public mutating func counter(
    _ name: String, help: String, labels: Labels = [:], value: Double
  ) {
    precondition(name.hasSuffix("_total"), "a counter's name ends in _total: \(name)")
    add(.number(value), to: name, .counter, help: help, labels: labels)
  }

  /// The later value of a series that is added twice stays.
  public mutating func gauge(_ name: String, help: String, labels: Labels = [:], value: Double) {
    add(.number(value), to: name, .gauge, help: help, labels: labels)
  }

  /// Series that are added twice are merged.
  public mutating func histogram(
    _ name: String, help: String, labels: Labels = [:], value: LatencyHistogram
  ) {
    add(.histogram(value), to: name, .histogram, help: help, labels: labels)
  }

  /// Begins a family, so that its HELP and TYPE are there before its first series is.
  public mutating func declareCounter(_ name: String, help: String) {
    _ = place(of: name, .counter, help: help)
  }

  public func text() -> String {
    var text = ""
    text.reserveCapacity(16_384)
    for family in families { family.write(to: &text) }
    if dropped > 0 {
      var family = MetricFamily(
        name: "ballast_exposition_dropped_series", kind: .gauge,
        help: "Series left out of this exposition, since their family was full.")
      _ = family.add(.number(Double(dropped)), labels: "")
      family.write(to: &text)
    }
    return text
  }
}

extension Exposition {
  private mutating func add(
    _ value: MetricFamily.Value, to name: String, _ kind: MetricFamily.Kind, help: String,
    labels: Labels
  ) {
    let place = place(of: name, kind, help: help)
    if !families[place].add(value, labels: Self.rendered(labels)) { dropped += 1 }
  }

  private mutating func place(of name: String, _ kind: MetricFamily.Kind, help: String) -> Int {
    if let place = places[name] {
      precondition(families[place].kind == kind, "\(name) has two kinds")
      return place
    }
    precondition(Self.isName(name, colons: true), "no metric name: \(name)")
    places[name] = families.count
    families.append(MetricFamily(name: name, kind: kind, help: help))
    return families.count - 1
  }

  /// Sorted by name, so that the order in which labels come in makes no second series.
  private static func rendered(_ labels: Labels) -> String {
    let sorted = labels.sorted { $0.key < $1.key }
    var text = ""
    var previous: String?
    for (name, value) in sorted {
      precondition(isName(name, colons: false) && name != "le", "no label name: \(name)")
      precondition(name != previous, "the label \(name) occurs twice")
      if previous != nil { text += "," }
      previous = name
      text += "\(name)=\""
      for scalar in value.unicodeScalars {
        switch scalar {
        case "\\": text += "\\\\"
        case "\"": text += "\\\""
        case "\n": text += "\\n"
        default: text.unicodeScalars.append(scalar)
        }
      }
      text += "\""
    }
    return text
  }

  private static func isName(_ name: String, colons: Bool) -> Bool {
    guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        || byte == 95 || (colons && byte == 58)
    }
  }
}
