/// What an HTTP check must answer to pass.
public struct HTTPCheckExpectation: Sendable, Equatable {
  /// Any of these; empty takes no status.
  public var statuses: [ClosedRange<Int>]
  /// Text that the first `bodyLimit` bytes must contain; nil or empty takes any body.
  public var body: String?

  public init(statuses: [ClosedRange<Int>] = [200...299], body: String? = nil) {
    self.statuses = statuses
    self.body = body
  }

  /// As much of a body as a check reads, in bytes.
  public static let bodyLimit = 64 * 1024

  /// Whether the body matters, so that the caller need not wait for it otherwise.
  public var needsBody: Bool { !(body ?? "").isEmpty }

  /// The verdict on a complete answer; `body` may be cut at `bodyLimit`.
  public func verdict(status: Int, body received: [UInt8] = []) -> CheckResult {
    guard statuses.contains(where: { $0.contains(status) }) else {
      return .failed(detail: "status \(status), expected \(statusText)")
    }
    guard let body, needsBody else { return .passed(detail: "\(status)") }
    guard received.prefix(Self.bodyLimit).contains(sequence: Array(body.utf8)) else {
      return .failed(detail: "status \(status), but the body lacks \"\(body)\"")
    }
    return .passed(detail: "\(status)")
  }

  /// `200-299`, `200, 204`.
  private var statusText: String {
    guard !statuses.isEmpty else { return "none" }
    return statuses.map { range in
      range.lowerBound == range.upperBound
        ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
    }.joined(separator: ", ")
  }
}

extension ArraySlice<UInt8> {
  /// Tries every place: at most 64 KiB times the length of a text that a person wrote.
  fileprivate func contains(sequence wanted: [UInt8]) -> Bool {
    guard let first = wanted.first, count >= wanted.count else { return wanted.isEmpty }
    return (startIndex...(endIndex - wanted.count)).contains { start in
      self[start] == first && self[start..<(start + wanted.count)].elementsEqual(wanted)
    }
  }
}
