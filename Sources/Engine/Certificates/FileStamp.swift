import Glibc

/// Tells one content of a path from the next without reading it: also where a link leads elsewhere,
/// or another file took the name.
struct FileStamp: Sendable, Hashable {
  private var device: UInt64
  private var number: UInt64
  private var size: Int64
  private var written: [Int]
  private var changed: [Int]

  /// Nil when there is no such file.
  init?(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    number = UInt64(status.st_ino)
    size = Int64(status.st_size)
    written = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    changed = [status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
  }
}
