import CLinux
import Glibc

/// A replica's standard output and error: from a pipe into a log file, the last lines kept.
///
/// A replica that writes faster than the disk takes waits in its own write, since the pipe is
/// bounded. A disk that takes nothing loses lines instead of stopping the replica.
public struct ReplicaOutput: Sendable {
  /// Of one reading; the keeper goes on to the next replica after it.
  static let readBytes = 64 << 10
  /// Taken at most after the replica ended, when a process that left its group still writes.
  static let farewellBytes = 1 << 20

  /// The reading end; -1 once it has ended.
  public private(set) var pipe: Int32
  public private(set) var lastLines = LastLines()
  /// What the disk refused; nil once it takes lines again.
  public private(set) var problem: String?
  private var log: RotatingLog?
  private let path: String

  /// Returns the output and the pipe's writing end, which is the replica's.
  public static func open(
    logFile: String
  ) throws(SystemError) -> (output: ReplicaOutput, writing: Int32) {
    var (reading, writing) = (Int32(-1), Int32(-1))
    _ = try check(unsafe pipe_open(&reading, &writing))
    return (ReplicaOutput(pipe: reading, path: logFile), writing)
  }

  private init(pipe: Int32, path: String) {
    self.pipe = pipe
    self.path = path
  }

  /// Takes what waits, up to `readBytes`; returns how many bytes that were.
  @discardableResult
  public mutating func take() -> Int {
    guard pipe >= 0 else { return 0 }
    let bytes: [UInt8]
    do {
      bytes = try Descriptor.read(pipe, limit: Self.readBytes)
    } catch {
      if error.code != EAGAIN, error.code != EINTR { closePipe() }
      return 0
    }
    if bytes.isEmpty {
      closePipe()
      return 0
    }
    lastLines.append(bytes.span)
    do {
      if log == nil { log = try RotatingLog(path: path) }
      try log?.append(bytes.span)
      problem = nil
    } catch {
      problem = "\(path): \(error)"
    }
    return bytes.count
  }

  /// Takes the rest and closes.
  public mutating func finish() {
    var total = 0
    while total < Self.farewellBytes {
      let count = take()
      if count == 0 { break }
      total += count
    }
    closePipe()
    log?.close()
    log = nil
  }

  private mutating func closePipe() {
    Descriptor.close(pipe)
    pipe = -1
  }
}
