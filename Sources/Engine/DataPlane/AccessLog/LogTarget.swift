import CLinux
import Configuration
import EventLoop
import Glibc
import Primitives

/// The file, pipe or standard output that log text is written to. It may be full, gone, or read by
/// nobody: then lines are lost and counted, that is said once, and it is tried again.
struct LogTarget: LogDestination {
  /// How long a pipe may take nothing before what is to be written is lost.
  static let patience = TimeSpan.seconds(1)
  /// Between two looks at whether the file is still there, and two tries to open one that is not.
  static let lookTime = TimeSpan.seconds(1)
  /// Between two tries to rotate in a folder where nothing can be renamed.
  static let rotationPause = TimeSpan.seconds(60)

  struct Failure {
    var error: SystemError
    /// A pipe without a reader may get one.
    var passes: Bool
  }

  let path: String?
  var rotation: LogSettings.Rotation?
  private var descriptor: Int32?
  private var size: Int64 = 0
  private var nextLook = Instant.zero
  private var nextRotation = Instant.zero
  /// Whether the last thing written is a part of a line.
  private var isTorn = false
  /// Lines lost since it last worked; nil while it works.
  private var failing: Int?

  init(path: String?, rotation: LogSettings.Rotation?) {
    self.path = path
    self.rotation = rotation
  }

  /// Opens it where it isn't open.
  mutating func open(_ now: Instant) -> Failure? {
    guard descriptor == nil else { return nil }
    nextLook = now + Self.lookTime
    guard let path else {
      descriptor = 1
      return nil
    }
    let result = unsafe cl_open_append(path)
    guard result >= 0 else {
      let code = 0 &- result
      let error = SystemError(code: code, operation: "open the access log \(path)")
      return Failure(error: error, passes: code == ENXIO)
    }
    descriptor = result
    size = max(0, file_size(result))
    return nil
  }

  mutating func close() {
    if let descriptor, path != nil { StreamSocket.close(descriptor) }
    descriptor = nil
    isTorn = false
  }

  mutating func rotate(by rotation: LogSettings.Rotation?) { self.rotation = rotation }

  /// Without another file to write to, the old one stays.
  mutating func reopen(_ now: Instant) {
    guard path != nil else { return }
    var next = LogTarget(path: path, rotation: rotation)
    if let failure = next.open(now) {
      EngineLog(level: .warning).warning("\(failure.error)")
      return
    }
    close()
    next.failing = failing
    self = next
  }

  /// - Returns: how many lines are lost.
  mutating func write(_ text: [UInt8], _ now: Instant) -> Int {
    if now >= nextLook { look(now) }
    guard let opened = descriptor else {
      return lose(text[...], SystemError(code: ENXIO, operation: "write the access log"))
    }
    if let rotation, path != nil, size > 0, size + Int64(text.count) > rotation.size,
      now >= nextRotation
    {
      rotate(rotation, now)
    }
    let target = descriptor ?? opened
    let (written, code) = Self.write(isTorn ? [UInt8(ascii: "\n")] + text : text, to: target)
    let taken = isTorn ? max(0, written - 1) : written
    size += Int64(written)
    guard code != 0 else {
      isTorn = false
      recover()
      return 0
    }
    if taken > 0 {
      isTorn = text[taken - 1] != UInt8(ascii: "\n")
    } else if written > 0 {
      isTorn = false
    }
    // Its reader is gone; the next one opens the pipe anew.
    if code == EPIPE, path != nil { close() }
    return lose(text[taken...], SystemError(code: code, operation: "write the access log"))
  }

  /// The file may have been removed, and a pipe's reader come.
  private mutating func look(_ now: Instant) {
    nextLook = now + Self.lookTime
    guard path != nil else { return }
    if let descriptor {
      if cl_link_count(descriptor) == 0 { reopen(now) }
    } else {
      _ = open(now)
    }
  }

  // MARK: Failing

  private mutating func lose(_ text: ArraySlice<UInt8>, _ error: SystemError) -> Int {
    let lines = text.count { $0 == UInt8(ascii: "\n") }
    if failing == nil {
      EngineLog(level: .warning).warning("\(error); its lines are lost until that works again")
    }
    failing = (failing ?? 0) + lines
    return lines
  }

  private mutating func recover() {
    guard let lines = failing else { return }
    failing = nil
    EngineLog(level: .warning).warning(
      "the access log is written again; \(lines) line\(lines == 1 ? "" : "s") are lost")
  }

  // MARK: Rotation

  /// What can't be renamed is written on.
  private mutating func rotate(_ rotation: LogSettings.Rotation, _ now: Instant) {
    guard let path else { return }
    for number in stride(from: rotation.keep - 1, to: 0, by: -1) {
      _ = unsafe file_rename("\(path).\(number)", "\(path).\(number + 1)")
    }
    let result = unsafe file_rename(path, "\(path).1")
    guard result >= 0 else {
      nextRotation = now + Self.rotationPause
      let error = SystemError(code: 0 &- result, operation: "rotate the access log \(path)")
      EngineLog(level: .warning).warning("\(error)")
      return
    }
    reopen(now)
  }

  // MARK: Bytes out

  /// - Returns: the bytes that were written, and why not all of them: 0 when they all were.
  private static func write(_ text: [UInt8], to descriptor: Int32) -> (written: Int, code: Int32) {
    var written = 0
    while written < text.count {
      let result = unsafe text.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return 0 }
        return unsafe cl_write(descriptor, base + written, bytes.count - written)
      }
      if result > 0 {
        written += result
        continue
      }
      let code = Int32(truncatingIfNeeded: 0 &- result)
      if code == EINTR { continue }
      guard code == EAGAIN else { return (written, code == 0 ? EIO : code) }
      var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      let ready = unsafe descriptors_wait(
        &waiting, 1, Int32(clamping: patience.milliseconds))
      if ready == 0 { return (written, EAGAIN) }
    }
    return (written, 0)
  }
}
