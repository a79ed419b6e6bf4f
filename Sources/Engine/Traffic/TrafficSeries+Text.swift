/// The series as the JSON of `AdminAPI.TrafficSeriesStatus`. Two hundred services have a hundred
/// thousand numbers: those are written here, some twenty times faster than by a general encoder.
struct TrafficSeriesText {
  private(set) var bytes: [UInt8] = []
  private let times: [Int64]
  private var isFirst = true

  /// - Parameter last: at most so many points, the newest.
  init(step: Int64, times: [Int64], last: Int) {
    self.times = times.suffix(last)
    bytes += #"{"step":"#.utf8
    bytes += String(step).utf8
    bytes += #","times":["#.utf8
    for (place, time) in self.times.enumerated() {
      if place > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += String(time).utf8
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// Before the others, of what they add up to.
  mutating func addTotal(name: [UInt8], _ points: [TrafficSeries.Point]) {
    bytes += #","total":"#.utf8
    append(name: name, points, median: true)
  }

  /// - Parameters:
  ///   - name: as JSON.
  ///   - points: those that end with the last of the times.
  mutating func add(name: [UInt8], _ points: [TrafficSeries.Point], median: Bool) {
    bytes += (isFirst ? #","series":["# : ",").utf8
    isFirst = false
    append(name: name, points, median: median)
  }

  mutating func finish() { bytes += (isFirst ? #","series":[]}"# : "]}").utf8 }

  private mutating func append(name: [UInt8], _ points: [TrafficSeries.Point], median: Bool) {
    let points = points.suffix(times.count)
    bytes += #"{"name":"#.utf8
    bytes += name
    append("requests", points) { $0.requests }
    append("failures", points) { $0.failures }
    if median { append("p50", points) { $0.p50 } }
    append("p99", points) { $0.p99 }
    bytes.append(UInt8(ascii: "}"))
  }

  private mutating func append(
    _ field: String, _ points: ArraySlice<TrafficSeries.Point>,
    _ value: (TrafficSeries.Point) -> Float?
  ) {
    bytes += ",\"\(field)\":[".utf8
    for place in 0..<(times.count - points.count) {
      if place > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += "null".utf8
    }
    for (place, point) in points.enumerated() {
      if place > 0 || points.count < times.count { bytes.append(UInt8(ascii: ",")) }
      guard let value = value(point) else {
        bytes += "null".utf8
        continue
      }
      append(value)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// Millionths, without zeros at the end. What is no number of these reads as 0: there is none.
  private mutating func append(_ value: Float) {
    let scaled = (Double(value) * 1e6).rounded()
    guard scaled.isFinite, scaled > 0, scaled < 1e15 else {
      bytes.append(UInt8(ascii: "0"))
      return
    }
    // Three digits are enough from a thousand on, as a chart's width has no more.
    let millionths = scaled >= 1e9 ? UInt64(scaled / 1e6) * 1_000_000 : UInt64(scaled)
    var digits = String(millionths / 1_000_000)
    var rest = millionths % 1_000_000
    if rest > 0 {
      var decimals = [UInt8](repeating: 48, count: 6)
      for place in stride(from: 5, through: 0, by: -1) {
        decimals[place] = 48 &+ UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      }
      while decimals.last == 48 { decimals.removeLast() }
      digits += "." + String(decoding: decimals, as: UTF8.self)
    }
    bytes += digits.utf8
  }
}
