import CLinux
import Glibc

/// A file as the body of an answer, a piece at a time. The file may be gone from its folder.
final class FileAnswer: Sendable {
  static let pieceBytes = 64 << 10

  let count: Int
  private let descriptor: Int32

  /// Nil when it can't be read.
  init?(path: String) {
    descriptor = unsafe file_open(path, O_RDONLY, 0)
    guard descriptor >= 0 else { return nil }
    count = Int(lseek(descriptor, 0, SEEK_END))
    guard count >= 0 else { return nil }
  }

  deinit { if descriptor >= 0 { _ = descriptor_close(descriptor) } }

  /// None at its end, or where it can't be read any further.
  func piece(at offset: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: min(Self.pieceBytes, max(count - offset, 0)))
    guard !bytes.isEmpty else { return [] }
    let read = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
    }
    bytes.removeLast(bytes.count - max(read, 0))
    return bytes
  }
}
