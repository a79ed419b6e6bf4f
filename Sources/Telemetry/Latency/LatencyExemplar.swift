public import Primitives

/// One request as an example of a latency, so that a point of a plot leads to its trace and to
/// `ballast explain`.
public struct LatencyExemplar: Sendable {
  /// 128 bits, shown as 32 hexadecimal digits.
  public struct Identifier: Sendable, Equatable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
      self.high = high
      self.low = low
    }

    var text: String { Self.digits(high) + Self.digits(low) }

    private static func digits(_ number: UInt64) -> String {
      let text = String(number, radix: 16)
      return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
  }

  public var latency: TimeSpan
  public var at: WallTime
  public var request: Identifier
  /// Nil without a trace.
  public var trace: Identifier?

  public init(latency: TimeSpan, at: WallTime, request: Identifier, trace: Identifier? = nil) {
    self.latency = latency
    self.at = at
    self.request = request
    self.trace = trace
  }

  /// As OpenMetrics has it behind a bucket: labels (128 characters at most; these are 82), the value,
  /// and when that was.
  var text: String {
    var labels = "request_id=\"\(request.text)\""
    if let trace { labels = "trace_id=\"\(trace.text)\"," + labels }
    let seconds = Double(max(0, latency.nanoseconds)) / 1e9
    return "# {\(labels)} \(seconds) \(Double(at.milliseconds) / 1000)"
  }
}
