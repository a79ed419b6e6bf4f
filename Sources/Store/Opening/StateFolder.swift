import Glibc
import Primitives

/// The folder of the state and the files in it.
struct StateFolder: Sendable {
  static let databaseName = "ballast.db"

  let path: String
  var database: String { "\(path)/\(Self.databaseName)" }

  /// Makes the folder, and those above it, for its owner alone; leaves one that is there as it is.
  func create() throws(StoreError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw StoreError(.unavailable, "the path of the state is empty or has a NUL in it")
    }
    var end = path.startIndex
    while end < path.endIndex {
      end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
      let part = String(path[..<end])
      if unsafe mkdir(part, 0o700) == 0 || errno == EEXIST { continue }
      let error = SystemFailure.error("cannot create the folder \(part)")
      // A folder that is there may still refuse to be made again, on a read-only file system.
      var status = stat()
      if unsafe stat(part, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { continue }
      throw error
    }
  }

  /// SQLite gives its other files the mode of this one. What fails here fails again, with a better
  /// word, when SQLite opens the file.
  func createDatabaseFile() {
    let descriptor = unsafe open(database, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    _ = fchmod(descriptor, 0o600)
    _ = close(descriptor)
  }

  /// Moves the database and its log out of the way; answers the new path.
  func setAside(now: WallTime) throws(StoreError) -> String {
    let stamp = now.description.filter { $0 != "-" && $0 != ":" }.prefix { $0 != "." } + "Z"
    let plain = "\(database).damaged-\(stamp)"
    // Several within one second get numbers; the bound is no limit that can be met.
    let names = [plain] + (2..<1_000).map { "\(plain)-\($0)" }
    guard let target = names.first(where: { unsafe access($0, F_OK) != 0 }) else {
      throw StoreError(.unavailable, "\(path) is full of damaged files")
    }
    // The log first: a database without its log is set aside next time, a log without its
    // database would be taken for that of a new one.
    for suffix in ["-wal", "-shm", "-journal", ""] {
      guard unsafe rename(database + suffix, target + suffix) == 0 || errno == ENOENT else {
        throw SystemFailure.error("cannot set \(database)\(suffix) aside")
      }
    }
    return target
  }
}
