/// All series of one metric: a name, a kind, a help text and what was measured.
struct MetricFamily {
  enum Kind: String {
    case counter, gauge, histogram
  }

  enum Value {
    case number(Double)
    case histogram(LatencyHistogram)
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

  /// Says false when the family is full. What adds up is added to a series that is there already; a
  /// gauge takes the later value.
  mutating func add(_ value: Value, labels: String) -> Bool {
    guard let place = places[labels] else {
      guard series.count < Exposition.seriesLimit else { return false }
      places[labels] = series.count
      series.append((labels, value))
      return true
    }
    switch (series[place].value, value, kind) {
    case (.number(let before), .number(let more), .counter):
      series[place].value = .number(before + more)
    case (.histogram(var sum), .histogram(let more), _):
      sum.add(more)
      series[place].value = .histogram(sum)
    default:
      series[place].value = value
    }
    return true
  }

  func write(to text: inout String) {
    text += "# HELP \(name) \(Self.escapedHelp(help))\n# TYPE \(name) \(kind.rawValue)\n"
    for (labels, value) in series {
      switch value {
      case .number(let number):
        writeSample(name, labels, MetricNumber.text(number), to: &text)
      case .histogram(let histogram):
        write(histogram, labels: labels, to: &text)
      }
    }
  }

  private func write(_ histogram: LatencyHistogram, labels: String, to text: inout String) {
    var seen: UInt64 = 0
    for index in 0..<LatencyHistogram.bucketCount {
      seen &+= histogram.count(inBucket: index)
      let bounds = LatencyHistogram.bounds
      let bound = index < bounds.count ? MetricNumber.text(bounds[index]) : "+Inf"
      let separator = labels.isEmpty ? "" : ","
      writeSample("\(name)_bucket", "\(labels)\(separator)le=\"\(bound)\"", "\(seen)", to: &text)
    }
    writeSample("\(name)_sum", labels, MetricNumber.text(histogram.sum), to: &text)
    writeSample("\(name)_count", labels, "\(seen)", to: &text)
  }

  private func writeSample(
    _ name: String, _ labels: String, _ value: String, to text: inout String
  ) {
    text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
  }

  private static func escapedHelp(_ help: String) -> String {
    var text = ""
    for scalar in help.unicodeScalars {
      switch scalar {
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
