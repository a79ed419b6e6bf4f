import Glibc

/// A file that is written or read from its beginning to its end; closed when this goes.
final class SequentialFile {
  /// Bytes of one read or write: what a backup of any size needs of memory.
  static let pieceBytes = 256 * 1024

  let path: String
  private let descriptor: Int32

  private init(_ path: String, flags: Int32) throws(StoreError) {
    let opened = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600)
    guard opened >= 0 else { throw SystemFailure.error("cannot open \(path)") }
    self.path = path
    descriptor = opened
  }

  deinit { _ = close(descriptor) }

  /// One that isn't there yet, for its owner alone.
  static func create(_ path: String) throws(StoreError) -> SequentialFile {
    try SequentialFile(path, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
  }

  static func read(_ path: String) throws(StoreError) -> SequentialFile {
    try SequentialFile(path, flags: O_RDONLY)
  }

  /// In bytes.
  var size: Int64 {
    get throws(StoreError) {
      var status = stat()
      guard unsafe fstat(descriptor, &status) == 0 else {
        throw SystemFailure.error("cannot read \(path)")
      }
      return Int64(status.st_size)
    }
  }

  /// - Returns: at most `most` bytes; none at the file's end.
  func next(_ most: Int = pieceBytes) throws(StoreError) -> [UInt8] {
    var piece = [UInt8](repeating: 0, count: min(max(most, 0), Self.pieceBytes))
    guard !piece.isEmpty else { return [] }
    while true {
      let count = unsafe piece.withUnsafeMutableBytes { bytes in
        unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemFailure.error("cannot read \(path)") }
      piece.removeLast(piece.count - count)
      return piece
    }
  }

  func write(_ bytes: [UInt8]) throws(StoreError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { bytes in
        unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemFailure.error("cannot write \(path)") }
      rest = rest.dropFirst(count)
    }
  }

  func sync() throws(StoreError) {
    guard fsync(descriptor) == 0 else { throw SystemFailure.error("cannot write \(path)") }
  }
}
