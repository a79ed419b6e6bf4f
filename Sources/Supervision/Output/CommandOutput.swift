import CLinux
import Glibc

/// A command's standard output and error: from a pipe, of which only the last bytes are kept.
public struct CommandOutput: Sendable {
  static let readBytes = 16 << 10
  /// Taken at most after the command ended, when a process that left its group still writes.
  static let farewellBytes = 1 << 20

  /// The reading end; -1 once it has ended.
  public private(set) var pipe: Int32
  private var last: [UInt8] = []

  /// Returns the output and the pipe's writing end, which is the command's.
  public static func open() throws(SystemError) -> (output: CommandOutput, writing: Int32) {
    var (reading, writing) = (Int32(-1), Int32(-1))
    _ = try check(unsafe pipe_open(&reading, &writing))
    return (CommandOutput(pipe: reading), writing)
  }

  private init(pipe: Int32) { self.pipe = pipe }

  /// Takes what waits, up to `readBytes`; returns how many bytes that were.
  @discardableResult
  public mutating func take() -> Int {
    guard pipe >= 0 else { return 0 }
    do {
      let bytes = try Descriptor.read(pipe, limit: Self.readBytes)
      if bytes.isEmpty { close() }
      last += bytes
      if last.count > CommandLimits.outputBytes {
        last.removeFirst(last.count - CommandLimits.outputBytes)
      }
      return bytes.count
    } catch {
      if error.code != EAGAIN, error.code != EINTR { close() }
      return 0
    }
  }

  /// Takes the rest and closes.
  public mutating func finish() {
    var total = 0
    while total < Self.farewellBytes {
      let count = take()
      if count == 0 { break }
      total += count
    }
    close()
  }

  /// A character that was cut at the beginning is left out.
  public var text: String {
    let isCut = last.count == CommandLimits.outputBytes
    let whole = isCut ? last.drop { $0 & 0xC0 == 0x80 } : last[...]
    return String(decoding: whole, as: UTF8.self)
  }

  private mutating func close() {
    Descriptor.close(pipe)
    pipe = -1
  }
}
