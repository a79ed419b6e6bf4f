/// All series of one metric: a name, a kind, a help text and what was measured.
struct MetricFamily {
  enum Kind: String {
    case counter, gauge, histogram
  }

  enum Value {
    case number(Double)
    case histogram(LatencyHistogram, [LatencyExemplar])
  }

  let name: String
  let kind: Kind
  let help: String
  /// By rendered labels, so that no series can occur twice.
  private var places: [String: Int] = [:]
  private var series: [(labels: String, value: Value)] = []

  init(name: String, kind: Kind, help: String) {
    self.name = name
    self.kind = kind
    self.help = help
  }

  var count: Int { series.count }

  func has(_ labels: String) -> Bool { places[labels] != nil }

  /// What adds up is added to a series that is there already; a gauge takes the later value.
  /// - Parameter adds: whether it is a gauge that adds up all the same.
  mutating func add(_ value: Value, labels: String, adds: Bool = false) {
    guard let place = places[labels] else {
      places[labels] = series.count
      series.append((labels, value))
      return
    }
    switch (series[place].value, value, kind) {
    case (.number(let before), .number(let more), .counter):
      series[place].value = .number(before + more)
    case (.number(let before), .number(let more), .gauge) where adds:
      series[place].value = .number(before + more)
    case (.histogram(var sum, let examples), .histogram(let more, let others), _):
      sum.add(more)
      series[place].value = .histogram(sum, examples + others)
    default:
      series[place].value = value
    }
  }

  /// - Parameter isShadowed: whether another family has this counter's name without its `_total`,
  ///   which is the name that OpenMetrics has for a counter. Then it stands there as of unknown type,
  ///   under the name that it has everywhere.
  func write(_ format: ExpositionFormat, isShadowed: Bool = false, to text: inout String) {
    var (name, kind) = (name, kind.rawValue)
    if format == .openMetrics, self.kind == .counter {
      if isShadowed { kind = "unknown" } else { name.removeLast("_total".count) }
    }
    let help = Self.escaped(help, alsoQuotes: format == .openMetrics)
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    for (labels, value) in series {
      switch value {
      case .number(let number):
        writeSample(self.name, labels, MetricNumber.text(number), to: &text)
      case .histogram(let histogram, let examples):
        write(histogram, examples, labels: labels, format, to: &text)
      }
    }
  }

  private func write(
    _ histogram: LatencyHistogram, _ examples: [LatencyExemplar], labels: String,
    _ format: ExpositionFormat, to text: inout String
  ) {
    let examples = format == .openMetrics ? Self.newest(examples) : [:]
    var seen: UInt64 = 0
    for index in 0..<LatencyHistogram.bucketCount {
      seen &+= histogram.count(inBucket: index)
      let bounds = LatencyHistogram.bounds
      let bound = index < bounds.count ? MetricNumber.bound(bounds[index], format) : "+Inf"
      let separator = labels.isEmpty ? "" : ","
      let example = examples[index].map { " \($0.text)" } ?? ""
      writeSample(
        "\(name)_bucket", "\(labels)\(separator)le=\"\(bound)\"", "\(seen)\(example)", to: &text)
    }
    writeSample("\(name)_sum", labels, MetricNumber.text(histogram.sum), to: &text)
    writeSample("\(name)_count", labels, "\(seen)", to: &text)
  }

  /// By bucket.
  private static func newest(_ examples: [LatencyExemplar]) -> [Int: LatencyExemplar] {
    Dictionary(examples.map { (LatencyHistogram.bucket(of: $0.latency), $0) }) {
      $0.at >= $1.at ? $0 : $1
    }
  }

  private func writeSample(
    _ name: String, _ labels: String, _ value: String, to text: inout String
  ) {
    text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
  }

  private static func escaped(_ help: String, alsoQuotes: Bool) -> String {
    var text = ""
    for scalar in help.unicodeScalars {
      switch scalar {
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\"" where alsoQuotes: text += "\\\""
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
