/// Collects metrics and writes them as Prometheus' text or as OpenMetrics: HELP and TYPE for every
/// family, each family in one piece, each series once.
///
/// Sources: prometheus.io, "Exposition formats", text-based format 0.0.4; OpenMetrics 1.0.0. Metric
/// and label names are ours, so a wrong one is a bug and stops here; label values may be any text.
///
/// A family has a limit (`seriesLimit`). What is beyond it is added up under the same labels, with
/// `_other` for all values that are names of somebody's; gauges that don't add up are left out. How
/// many that were is told by `ballast_exposition_folded_series` and
/// `ballast_exposition_dropped_series`.
public struct Exposition {
  /// Lines of one family, without a limit of one's own. A histogram has 17 for each set of labels.
  public static let usualLimit = 50_000
  /// Labels whose values are few and ours; all others hold names from a configuration.
  static let closedLabels: Set<String> = [
    "code", "direction", "encoding", "family", "kept", "kind", "method", "reason", "result",
    "resumed", "severity", "state", "status", "type", "version",
  ]
  static let folded = "_other"
  private static let linesOfHistogram = LatencyHistogram.bucketCount + 2

  public typealias Labels = KeyValuePairs<String, String>

  private let limit: Int
  /// What the next page is to be begun with.
  public private(set) var admissions: SeriesAdmissions
  /// By label: the names that are in use. A series with a name that isn't has left.
  private let names: [String: Set<String>]
  private var families: [MetricFamily] = []
  private var places: [String: Int] = [:]
  private var dropped = 0
  private var foldedCounts: [String: Int] = [:]

  /// - Parameters:
  ///   - seriesLimit: lines of one family, 17 at least.
  ///   - admissions: those that the page before ended with.
  ///   - names: by label, the names that are in use; a label that is missing has none that could leave.
  public init(
    seriesLimit: Int = usualLimit, admissions: SeriesAdmissions = SeriesAdmissions(),
    names: [String: Set<String>] = [:]
  ) {
    limit = max(Self.linesOfHistogram, seriesLimit)
    self.admissions = admissions
    self.names = names
  }

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
    addKept(.number(value), to: place(of: name, .counter, help: help), labels, limit: limit)
  }

  /// The later value of a series that is added twice stays.
  /// - Parameter adds: whether a sum over several of them says something, so that those beyond the
  ///   limit are added up instead of left out.
  public mutating func gauge(
    _ name: String, help: String, labels: Labels = [:], value: Double, adds: Bool = false
  ) {
    let place = place(of: name, .gauge, help: help)
    let text = Self.rendered(labels)
    if families[place].count < limit || families[place].has(text) {
      families[place].add(.number(value), labels: text)
    } else if adds {
      foldedCounts[name, default: 0] += 1
      families[place].add(.number(value), labels: Self.rendered(labels, folds: true), adds: true)
    } else {
      dropped += 1
    }
  }

  /// Series that are added twice are merged; the newest example of each bucket stays.
  public mutating func histogram(
    _ name: String, help: String, labels: Labels = [:], value: LatencyHistogram,
    exemplars: [LatencyExemplar] = []
  ) {
    addKept(
      .histogram(value, exemplars), to: place(of: name, .histogram, help: help), labels,
      limit: limit / Self.linesOfHistogram)
  }

  /// Begins a family, so that its HELP and TYPE are there before its first series is.
  public mutating func declareCounter(_ name: String, help: String) {
    _ = place(of: name, .counter, help: help)
  }

  public func text(_ format: ExpositionFormat = .prometheus) -> String {
    var text = ""
    text.reserveCapacity(16_384)
    for family in families + ownFamilies {
      let isShadowed =
        family.kind == .counter && places[String(family.name.dropLast("_total".count))] != nil
      family.write(format, isShadowed: isShadowed, to: &text)
    }
    if format == .openMetrics { text += "# EOF\n" }
    return text
  }
}

extension Exposition {
  /// What is never to count less than before.
  private mutating func addKept(
    _ value: MetricFamily.Value, to place: Int, _ labels: Labels, limit: Int
  ) {
    let text = Self.rendered(labels)
    let (name, names) = (families[place].name, names)
    let isShown =
      families[place].has(text)
      || admissions.admits(text.hashValue, to: name, limit: limit) { Self.isGone(labels, names) }
    if isShown {
      families[place].add(value, labels: text)
    } else {
      foldedCounts[name, default: 0] += 1
      families[place].add(value, labels: Self.rendered(labels, folds: true))
    }
  }

  private static func isGone(_ labels: Labels, _ names: [String: Set<String>]) -> Bool {
    labels.contains { label, value in
      guard !value.isEmpty, value != folded, let known = names[label] else { return false }
      return !known.contains(value)
    }
  }

  private var ownFamilies: [MetricFamily] {
    var own: [MetricFamily] = []
    if !foldedCounts.isEmpty {
      var family = MetricFamily(
        name: "ballast_exposition_folded_series", kind: .gauge,
        help: "Series added up under _other in this exposition, since their family was full.")
      for (name, count) in foldedCounts.sorted(by: { $0.key < $1.key }) {
        family.add(.number(Double(count)), labels: "family=\"\(name)\"")
      }
      own.append(family)
    }
    if dropped > 0 {
      var family = MetricFamily(
        name: "ballast_exposition_dropped_series", kind: .gauge,
        help: "Series left out of this exposition, since their family was full.")
      family.add(.number(Double(dropped)), labels: "")
      own.append(family)
    }
    return own
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
  private static func rendered(_ labels: Labels, folds: Bool = false) -> String {
    let sorted = labels.sorted { $0.key < $1.key }
    var text = ""
    var previous: String?
    for (name, value) in sorted {
      precondition(isName(name, colons: false) && name != "le", "no label name: \(name)")
      precondition(name != previous, "the label \(name) occurs twice")
      if previous != nil { text += "," }
      previous = name
      text += "\(name)=\""
      append(folds && !closedLabels.contains(name) ? folded : value, to: &text)
      text += "\""
    }
    return text
  }

  /// Names rarely have anything that is to be escaped; a page has tens of thousands of them.
  private static func append(_ value: String, to text: inout String) {
    let isPlain = value.utf8.allSatisfy { $0 != 0x5C && $0 != 0x22 && $0 != 0x0A }
    if isPlain {
      text += value
      return
    }
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }

  private static func isName(_ name: String, colons: Bool) -> Bool {
    guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        || byte == 95 || (colons && byte == 58)
    }
  }
}
