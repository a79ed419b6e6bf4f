import Glibc

/// What processes have used, from /proc (proc(5)).
public enum ProcessTable {
  public struct Usage: Sendable, Equatable {
    /// Of all processes together, children that have ended and were waited for included.
    public var cpuSeconds = 0.0
    public var residentBytes: Int64 = 0

    public init() {}
  }

  /// Looked at in one go, at most.
  static let mostProcesses = 8_192

  /// By the leader's pid, for sessions that have a process. A replica leads a session, so what it
  /// starts counts with it.
  public static func usage(ofSessions leaders: Set<Int32>) -> [Int32: Usage] {
    guard !leaders.isEmpty else { return [:] }
    var found: [Int32: Usage] = [:]
    var looked = 0
    for name in FileSystem.names(in: "/proc") {
      guard Int32(name) != nil, looked < mostProcesses else { continue }
      looked += 1
      guard let text = try? FileSystem.text(at: "/proc/\(name)/stat"),
        let (session, usage) = parse(text), leaders.contains(session)
      else { continue }
      found[session, default: Usage()].cpuSeconds += usage.cpuSeconds
      found[session, default: Usage()].residentBytes &+= usage.residentBytes
    }
    return found
  }

  /// The fields after the name, which is in parentheses and may hold anything: session is the 6th,
  /// the four CPU times from the 14th, in ticks, and the 24th is resident pages.
  static func parse(_ text: String) -> (session: Int32, usage: Usage)? {
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(whereSeparator: \.isWhitespace)
    guard fields.count > 21, let session = Int32(fields[3]), let pages = Int64(fields[21]) else {
      return nil
    }
    var usage = Usage()
    let ticks = fields[11...14].compactMap { Double($0) }.reduce(0, +)
    usage.cpuSeconds = max(0, ticks) / Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    usage.residentBytes = max(0, pages) &* Int64(max(1, sysconf(Int32(_SC_PAGESIZE))))
    return (session, usage)
  }

  /// Of the machine.
  public static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Of the machine, in bytes.
  public static var memoryBytes: Int64 {
    max(1, Int64(sysconf(Int32(_SC_PHYS_PAGES))) &* Int64(sysconf(Int32(_SC_PAGESIZE))))
  }
}
