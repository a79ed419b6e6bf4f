import CLinux
import Glibc

/// Whole trees of files.
enum FileTree {
  /// Removes a folder with all in it; a link is removed, and not followed. What can't be removed stays.
  static func remove(_ path: String) { unsafe tree_remove(path) }

  static func write(_ text: String, to path: String, mode: UInt32) throws(SystemError) {
    try write(Array(text.utf8), to: path, mode: mode)
  }

  /// Makes the file; one that is there is written anew.
  static func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(SystemError) {
    let file = try check(unsafe file_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode))
    defer { Descriptor.close(file) }
    // The umask has no say.
    guard fchmod(file, mode) == 0 else { throw SystemError(code: errno) }
    try Descriptor.write(bytes.span, to: file)
  }

  /// Seconds since 1970; nil when it isn't there.
  static func changedAt(_ path: String) -> Int? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    return status.st_mtim.tv_sec
  }
}
