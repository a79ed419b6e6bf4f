import CLinux
import Glibc

/// Writes a configuration file so that it is the old or the new one at every moment, also when the
/// machine goes down.
enum SavedFile {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// - Parameter mode: of a file that is not there yet.
  static func write(
    _ text: String, to path: String, mode fresh: mode_t = 0o640
  ) throws(Failure) {
    // A link stays a link: the file that it leads to is written.
    let target = resolved(path)
    var status = stat()
    let known = unsafe stat(target, &status)
    let mode = known == 0 ? status.st_mode & 0o7777 : fresh
    let draft = "\(target).ballast-\(getpid())"
    let file = unsafe file_open(draft, O_WRONLY | O_CREAT | O_EXCL, UInt32(mode))
    guard file >= 0 else { throw failure("write \(draft)", -file) }
    do throws(Failure) {
      defer { _ = descriptor_close(file) }
      if known == 0 {
        _ = fchown(file, status.st_uid, status.st_gid)
        _ = fchmod(file, mode)
      }
      try fill(file, text, draft)
      guard fsync(file) == 0 else { throw failure("write \(draft)", errno) }
    } catch {
      _ = unsafe file_unlink(draft)
      throw error
    }
    let renamed = unsafe file_rename(draft, target)
    guard renamed == 0 else {
      _ = unsafe file_unlink(draft)
      throw failure("replace \(target)", -renamed)
    }
    syncFolder(of: target)
  }

  static func remove(_ path: String) throws(Failure) {
    let result = unsafe file_unlink(path)
    guard result == 0 else { throw failure("remove \(path)", -result) }
    syncFolder(of: path)
  }

  private static func fill(_ file: Int32, _ text: String, _ name: String) throws(Failure) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { bytes in
        unsafe file_write(file, bytes.baseAddress, bytes.count)
      }
      if count == -Int64(EINTR) { continue }
      guard count > 0 else { throw failure("write \(name)", Int32(clamping: -count)) }
      rest.removeFirst(Int(count))
    }
  }

  private static func syncFolder(of path: String) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = unsafe file_open(folder, O_RDONLY | O_DIRECTORY, 0)
    guard descriptor >= 0 else { return }
    // The rename is done; a folder that cannot be synced loses it only with the machine.
    _ = fsync(descriptor)
    _ = descriptor_close(descriptor)
  }

  private static func resolved(_ path: String) -> String {
    guard let real = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }

  private static func failure(_ what: String, _ code: Int32) -> Failure {
    guard let text = unsafe strerror(code) else { return Failure(description: "cannot \(what)") }
    return Failure(description: "cannot \(what): \(unsafe String(cString: text).lowercased())")
  }
}

extension LoadedConfiguration.Source {
  /// Writes the text to its file, or removes the file of an empty one, unless somebody has changed it
  /// meanwhile.
  func save() throws(SavedFile.Failure) {
    let isThere = unsafe access(path, F_OK) == 0
    if isThere || !onDisk.isEmpty {
      let found: String
      do throws(ConfigurationFileError) {
        found = try ConfigurationFiles.text(path)
      } catch {
        throw SavedFile.Failure(description: error.description)
      }
      guard found == onDisk else {
        throw SavedFile.Failure(
          description: "\(path) was changed meanwhile: reload it, or make it as it was")
      }
    }
    if text.isEmpty { return try SavedFile.remove(path) }
    try SavedFile.write(text, to: path)
  }
}
