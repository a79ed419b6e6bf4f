internal import CSSL

/// What is wrong with a certificate, a key or a list of them. Never tells anything of a key but its
/// kind and size.
public struct TLSProblem: Error, Sendable, Hashable {
  /// What the caller calls it, a file's name for instance.
  public var source: String
  /// `the key does not belong to the certificate`.
  public var detail: String

  public init(source: String, detail: String) {
    self.source = source
    self.detail = detail
  }
}

extension TLSProblem: CustomStringConvertible {
  public var description: String { "\(source): \(detail)" }
}

/// OpenSSL's list of what went wrong in this thread.
enum ErrorQueue {
  /// To clear it takes longer than to see that it is empty, which it nearly always is.
  static func clear() {
    if ERR_peek_error() != 0 { ERR_clear_error() }
  }

  /// The library's words for what went wrong first; empties the list.
  static func takeText() -> String {
    let code = ERR_peek_error()
    defer { ERR_clear_error() }
    guard code != 0, let text = unsafe ERR_reason_error_string(code) else {
      return "no reason given"
    }
    return unsafe String(cString: text)
  }
}
