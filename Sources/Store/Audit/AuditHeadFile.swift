public import Audit
import Glibc
public import Primitives

/// A file of ends of the chain, kept where whoever can write the state can't: a line each, the oldest
/// first.
///
///     41 6f1c…64 digits… 2026-11-28T04:15:00.123Z
public struct AuditHeadFile: Sendable, Equatable {
  /// A file of that many bytes is put aside as `NAME.1` and a new one begun; one that can't be renamed,
  /// as on a medium that only takes more, grows on.
  static let limit: Int64 = 16 << 20
  /// Lines that are read, from the end.
  static let mostHeads = 200_000

  public let path: String

  public init(path: String) { self.path = path }

  public static func line(_ head: AuditHead, at time: WallTime) -> String {
    "\(head.number) \(head.hash) \(time)\n"
  }

  /// On the disk when it returns.
  public func append(_ head: AuditHead, at time: WallTime) throws(StoreError) {
    var status = stat()
    if unsafe stat(path, &status) == 0, status.st_size >= Self.limit {
      _ = unsafe rename(path, "\(path).1")
    }
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw SystemFailure.error("cannot write \(path)") }
    defer { _ = close(descriptor) }
    // One call: a line is whole, or not there.
    let line = Array(Self.line(head, at: time).utf8)
    let count = unsafe line.withUnsafeBytes { bytes in
      unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    }
    guard count == line.count, fsync(descriptor) == 0 else {
      throw SystemFailure.error("cannot write \(path)")
    }
  }

  /// - Throws: also for a line that is none.
  public func read() throws(StoreError) -> [AuditHead] {
    let file = try SequentialFile.read(path)
    guard try file.size <= Self.limit * 4 else {
      throw StoreError(.unavailable, "\(path) is too long for a file of heads")
    }
    var bytes: [UInt8] = []
    while true {
      let piece = try file.next()
      if piece.isEmpty { break }
      bytes += piece
    }
    var heads: [AuditHead] = []
    for (place, line) in bytes.split(separator: 10).enumerated() {
      let words = line.split(separator: 32).map { String(decoding: $0, as: UTF8.self) }
      guard words.count >= 2, let number = Int64(words[0]), let hash = AuditHash(words[1]) else {
        throw StoreError(.damaged, "\(path):\(place + 1): this line is no head of an audit log")
      }
      heads.append(AuditHead(number: number, hash: hash))
    }
    return heads.suffix(Self.mostHeads)
  }
}
