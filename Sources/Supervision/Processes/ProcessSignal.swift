import Glibc

/// A signal that a replica can be stopped with; the raw value is its name without SIG.
public enum ProcessSignal: String, Codable, Sendable, CaseIterable {
  case term = "TERM"
  case int = "INT"
  case quit = "QUIT"
  case hup = "HUP"
  case usr1 = "USR1"
  case usr2 = "USR2"
  case kill = "KILL"

  public var number: Int32 {
    switch self {
    case .term: SIGTERM
    case .int: SIGINT
    case .quit: SIGQUIT
    case .hup: SIGHUP
    case .usr1: SIGUSR1
    case .usr2: SIGUSR2
    case .kill: SIGKILL
    }
  }

  /// `SIGSEGV`, also of signals that nobody stops replicas with.
  public static func name(of number: Int32) -> String {
    let others = [
      SIGSEGV: "SEGV", SIGABRT: "ABRT", SIGBUS: "BUS", SIGILL: "ILL", SIGFPE: "FPE",
      SIGTRAP: "TRAP", SIGPIPE: "PIPE", SIGSYS: "SYS", SIGXCPU: "XCPU", SIGALRM: "ALRM",
    ]
    let name = others[number] ?? allCases.first { $0.number == number }?.rawValue
    return name.map { "SIG" + $0 } ?? "signal \(number)"
  }
}
