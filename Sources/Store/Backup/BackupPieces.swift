import Glibc
public import Primitives

/// A backup that comes over a connection, written piece by piece to where it is looked at.
public enum BackupPieces {
  /// The largest one that is taken, in bytes.
  public static let limit: Int64 = 16 << 30

  /// Writes at the end of what is there; makes the file, for its owner alone, with the first piece.
  public static func write(
    _ bytes: [UInt8], at offset: Int64, to path: String
  ) throws(StoreError) {
    let flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW | (offset == 0 ? O_CREAT | O_TRUNC : 0)
    let descriptor = unsafe open(path, flags, 0o600)
    guard descriptor >= 0 else { throw SystemFailure.error("cannot write \(path)") }
    defer { _ = close(descriptor) }
    var (rest, place) = (bytes[...], offset)
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { bytes in
        unsafe pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(place))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemFailure.error("cannot write \(path)") }
      rest = rest.dropFirst(count)
      place += Int64(count)
    }
  }

  /// All that was written is on the disk.
  public static func sync(_ path: String) throws(StoreError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemFailure.error("cannot read \(path)") }
    defer { _ = close(descriptor) }
    guard fsync(descriptor) == 0 else { throw SystemFailure.error("cannot write \(path)") }
  }

  public static func remove(_ path: String) { _ = unsafe unlink(path) }
}

extension StateFolder {
  /// What begins with one of these is of a process that ended in the middle of its work.
  static let drafts = [".backup-", ".trial-", ".upload-", ".former-"]
}

extension BackupFolder {
  /// Where a process may put a copy, a trial or an upload, in the folder of the state.
  public static func draft(_ kind: Draft, state folder: String) -> String {
    "\(folder)/.\(kind.rawValue)-\(getpid())"
  }

  public enum Draft: String, Sendable { case backup, trial, upload, former }

  /// Where a state goes that was replaced and that no backup could be made of.
  public static func replaced(_ now: WallTime, state folder: String) -> String {
    StateFolder(path: folder).replacedName(now)
  }

  /// Removes what processes that ended in the middle of their work left in the two folders.
  public func removeDrafts(state folder: String) {
    for name in Self.names(in: folder) where StateFolder.drafts.contains(where: name.hasPrefix) {
      BackupPieces.remove("\(folder)/\(name)")
    }
    for name in Self.names(in: path) where name.contains("\(Self.suffix).partial-") {
      BackupPieces.remove(file(name))
    }
  }
}
