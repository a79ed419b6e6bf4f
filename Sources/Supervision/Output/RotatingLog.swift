import CLinux
import Glibc

/// A log file that is renamed to `.1` when it is full, `.1` to `.2` and so on; the oldest goes.
/// Bytes are written as they come; a file ends at the end of a line unless a line is longer than
/// one write.
public struct RotatingLog: Sendable {
  public static let fileBytes: Int64 = 10 << 20
  /// Files in all, the one being written included.
  public static let files = 5

  public let path: String
  private let fileBytes: Int64
  private var file: Int32 = -1
  private var size: Int64 = 0

  /// Appends to the file at `path`; makes it, and its folder, when missing.
  public init(
    path: String, fileBytes: Int64 = RotatingLog.fileBytes
  ) throws(SystemError) {
    self.path = path
    self.fileBytes = fileBytes
    if let folder = FileSystem.parent(of: path) { try FileSystem.makeFolder(folder) }
    try open()
  }

  public mutating func append(_ bytes: Span<UInt8>) throws(SystemError) {
    if file < 0 { try open() }
    guard size + Int64(bytes.count) > fileBytes, size > 0 else { return try write(bytes) }
    let line = bytes.indices.first { bytes[$0] == UInt8(ascii: "\n") }.map { $0 + 1 } ?? 0
    if line > 0 { try write(bytes.extracting(first: line)) }
    try rotate()
    if line < bytes.count { try write(bytes.extracting(droppingFirst: line)) }
  }

  public mutating func close() {
    Descriptor.close(file)
    file = -1
  }

  private mutating func write(_ bytes: Span<UInt8>) throws(SystemError) {
    try Descriptor.write(bytes, to: file)
    size += Int64(bytes.count)
  }

  private mutating func rotate() throws(SystemError) {
    close()
    for number in stride(from: Self.files - 1, to: 0, by: -1) {
      let from = number == 1 ? path : "\(path).\(number - 1)"
      _ = unsafe file_rename(from, "\(path).\(number)")
    }
    try open()
  }

  private mutating func open() throws(SystemError) {
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW
    file = try check(unsafe file_open(path, flags, 0o640))
    size = max(0, file_size(file))
  }
}
