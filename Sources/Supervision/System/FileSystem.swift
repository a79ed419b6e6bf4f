import CLinux
import Glibc

extension SystemError {
  static let interrupted = EINTR
}

/// The few things that supervision does with files: short texts of /proc and cgroups, and folders.
enum FileSystem {
  /// Of a file of /proc or of a control group that is read whole.
  static let longestText = 4 << 20

  static func text(at path: String) throws(SystemError) -> String {
    let file = try check(unsafe file_open(path, O_RDONLY, 0))
    defer { Descriptor.close(file) }
    var bytes: [UInt8] = []
    while bytes.count < longestText {
      let part = try Descriptor.read(file, limit: 1 << 16)
      if part.isEmpty { break }
      bytes += part
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func write(_ text: String, to path: String) throws(SystemError) {
    let file = try check(unsafe file_open(path, O_WRONLY, 0))
    defer { Descriptor.close(file) }
    try Descriptor.write(Array(text.utf8).span, to: file)
  }

  /// Makes a folder and those above it, for its owner and their group.
  static func makeFolder(_ path: String) throws(SystemError) {
    let result = unsafe folder_make(path, 0o750)
    if result == 0 || result == -EEXIST { return }
    guard result == -ENOENT, let parent = parent(of: path) else {
      throw SystemError(negated: result)
    }
    try makeFolder(parent)
    let again = unsafe folder_make(path, 0o750)
    if again != -EEXIST { _ = try check(again) }
  }

  /// Nil for a name without a folder and for the root.
  static func parent(of path: String) -> String? {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return nil }
    return String(path[..<slash])
  }

  /// The names in a folder; none when it cannot be read.
  static func names(in path: String) -> [String] {
    guard let folder = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
        unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  static func link(at path: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      return unsafe readlink(path, base, buffer.count)
    }
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }
}
