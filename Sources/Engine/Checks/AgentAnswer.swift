import HealthChecking

/// An agent's line: up to its line end or the end of the connection, and no longer than
/// `AgentReport.limit`. The detail of what passed is the line.
struct AgentAnswer: AnswerReader {
  private var received: [UInt8] = []

  mutating func take(_ bytes: ArraySlice<UInt8>) -> CheckResult? {
    received += bytes.prefix(AgentReport.limit + 1 - received.count)
    if let end = received.firstIndex(where: { $0 == UInt8(ascii: "\n") || $0 == 0 }) {
      return verdict(received[..<end])
    }
    guard received.count <= AgentReport.limit else {
      return .failed(detail: "a line of over \(AgentReport.limit) bytes")
    }
    return nil
  }

  mutating func finish() -> CheckResult {
    received.isEmpty ? .failed(detail: "closed without an answer") : verdict(received[...])
  }

  private func verdict(_ line: ArraySlice<UInt8>) -> CheckResult {
    .passed(detail: String(decoding: line, as: UTF8.self))
  }
}
