/// How one check ended. The detail is what was seen: `200`, `connection refused`,
/// `timeout after 1s`, `status 503, expected 200-299`.
public enum CheckResult: Sendable, Equatable {
  case passed(detail: String)
  case failed(detail: String)

  public var passed: Bool {
    switch self {
    case .passed: true
    case .failed: false
    }
  }

  public var detail: String {
    switch self {
    case .passed(let detail), .failed(let detail): detail
    }
  }
}
