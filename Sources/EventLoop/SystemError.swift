internal import CLinux

/// A system call that failed.
public struct SystemError: Error, Sendable, Hashable {
  /// `errno`, above 0.
  public var code: Int32
  /// What was tried, for the message: `connect to 10.0.0.1:80`.
  public var operation: String

  public init(code: Int32, operation: String) {
    self.code = code
    self.operation = operation
  }

  /// The system's words for a code: `Connection refused`.
  public static func text(_ code: Int32) -> String {
    guard let text = unsafe cl_error_text(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}

extension SystemError: CustomStringConvertible {
  public var description: String { "\(operation): \(Self.text(code))" }
}

/// Throws for a result under zero, which is -errno.
@discardableResult
func checked(_ result: Int32, _ operation: @autoclosure () -> String) throws(SystemError) -> Int32 {
  if result < 0 { throw SystemError(code: 0 &- result, operation: operation()) }
  return result
}
