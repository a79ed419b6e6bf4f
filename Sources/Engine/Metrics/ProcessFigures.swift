import CLinux
import Glibc
import Telemetry

/// What /proc says of this process.
enum ProcessFigures {
  /// Cores that this process may run on.
  static var usableCores: Int {
    // proc(5), /proc/PID/status: `Cpus_allowed:` with hexadecimal words.
    let line = read("/proc/self/status")?.split(separator: "\n").first {
      $0.hasPrefix("Cpus_allowed:")
    }
    let digits = line?.drop { $0 != ":" }.compactMap(\.hexDigitValue) ?? []
    return max(1, min(digits.reduce(0) { $0 + $1.nonzeroBitCount }, mostWorkers))
  }

  /// The keeper passes one socket for each worker in one message.
  static let mostWorkers = 253

  /// Nil where /proc cannot be read.
  static var sample: ProcessSample? {
    // proc(5), /proc/PID/stat: the fields after the name, which is in parentheses, from the third.
    guard let text = read("/proc/self/stat"), let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 21 else { return nil }
    func number(_ field: Int) -> UInt64 { UInt64(fields[field - 3]) ?? 0 }
    let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    let page = UInt64(max(1, sysconf(Int32(_SC_PAGESIZE))))
    var limit = rlimit()
    _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return ProcessSample(
      cpuSeconds: Double(number(14) &+ number(15)) / ticks, residentBytes: number(24) &* page,
      virtualBytes: number(23), openDescriptors: openDescriptors,
      maximumDescriptors: Int(clamping: limit.rlim_cur),
      startTime: Double(bootTime) + Double(number(22)) / ticks, threads: Int(clamping: number(20)))
  }

  /// Empty where /proc cannot be read.
  static var hostName: String {
    (read("/proc/sys/kernel/hostname") ?? "").filter { !$0.isWhitespace }
  }

  private static var bootTime: UInt64 {
    let line = read("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
    return line.flatMap { UInt64($0.dropFirst(6)) } ?? 0
  }

  private static var openDescriptors: Int {
    guard let folder = unsafe opendir("/proc/self/fd") else { return 0 }
    defer { unsafe closedir(folder) }
    var count = 0
    while unsafe readdir(folder) != nil { count += 1 }
    // Not `.`, `..` and the one that looks.
    return max(0, count - 3)
  }

  private static func read(_ path: String) -> String? {
    let file = unsafe file_open(path, O_RDONLY, 0)
    guard file >= 0 else { return nil }
    defer { _ = descriptor_close(file) }
    var all: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 16 << 10)
    while all.count < 1 << 20 {
      let count = unsafe part.withUnsafeMutableBytes { bytes in
        unsafe file_read(file, bytes.baseAddress, bytes.count)
      }
      guard count > 0 else { break }
      all += part[..<Int(count)]
    }
    return String(decoding: all, as: UTF8.self)
  }
}
