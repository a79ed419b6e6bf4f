import Glibc

/// What a system call refused, as errno.
public struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
  public var code: Int32

  public init(code: Int32) { self.code = code }

  /// `negated` is a shim's result: -errno.
  init(negated: some BinaryInteger) { code = Int32(clamping: -Int64(clamping: negated)) }

  /// `No such file or directory`.
  public var description: String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}

/// Passes a shim's result on, or throws its -errno.
func check<Number: BinaryInteger>(_ result: Number) throws(SystemError) -> Number {
  guard result >= 0 else { throw SystemError(negated: result) }
  return result
}
