/// How a process ended.
public enum ProcessEnd: Codable, Sendable, Hashable, CustomStringConvertible {
  case code(Int32)
  case signal(Int32)

  /// `exited with code 3`, `killed by SIGKILL`.
  public var description: String {
    switch self {
    case .code(let code): "exited with code \(code)"
    case .signal(let number): "killed by \(ProcessSignal.name(of: number))"
    }
  }
}
