import CLinux
import Glibc

/// Where replicas find their secrets: files in memory, in a folder for their owner alone, that is gone
/// with the replica. They are read anew at each start.
public struct SecretFolder: Sendable {
  /// Of one secret, in bytes.
  public static let longest = 64 << 10
  public static let variable = "SECRETS"

  /// Where a file system in memory is usually found.
  private static let usual = ["/dev/shm", "/run"]
  private static let prefix = "ballast-secrets-"

  /// Made with the first secret; with the keeper's process id in it.
  public let path: String?

  public init() {
    path = Self.usual.first { unsafe path_is_in_memory($0) == 1 && access($0, W_OK) == 0 }
      .map { "\($0)/\(Self.prefix)\(getpid())" }
  }

  /// What a replica gets: variables, and a folder if any of them is a file.
  public func give(
    _ secrets: [SecretSpec], to replica: String, inherited: [(name: String, value: String)]
  ) throws(StartError) -> (variables: [(name: String, value: String)], folder: String?) {
    var variables: [(name: String, value: String)] = []
    var folder: String?
    for secret in secrets {
      let value = try Self.value(of: secret, inherited)
      if secret.isVariable {
        guard let text = String(validating: value, as: UTF8.self), !value.contains(0) else {
          throw StartError("the secret \(secret.name) is no text, and so no variable")
        }
        // Editors end a file with a line break that is no part of a password.
        variables.append((secret.name, text.last == "\n" ? String(text.dropLast()) : text))
        continue
      }
      if folder == nil { folder = try make(replica) }
      do throws(SystemError) {
        try FileTree.write(value, to: "\(folder ?? "")/\(secret.name)", mode: 0o400)
      } catch {
        throw StartError("the secret \(secret.name) cannot be written: \(error)")
      }
    }
    return (variables, folder)
  }

  public func remove(_ replica: String) {
    if let path { FileTree.remove("\(path)/\(replica)") }
  }

  public func removeAll() {
    if let path { FileTree.remove(path) }
  }

  /// What keepers left that were killed. Their numbers are no process any more.
  public func removeAbandoned() {
    guard let path, let parent = FileSystem.parent(of: path) else { return }
    for name in FileSystem.names(in: parent) where name.hasPrefix(Self.prefix) {
      guard let pid = Int32(name.dropFirst(Self.prefix.count)), pid > 0, pid != getpid(),
        kill(pid, 0) != 0, errno == ESRCH
      else { continue }
      FileTree.remove("\(parent)/\(name)")
    }
  }

  private func make(_ replica: String) throws(StartError) -> String {
    guard let path else {
      throw StartError("there is no file system in memory for secrets")
    }
    let folder = "\(path)/\(replica)"
    FileTree.remove(folder)
    for one in [path, folder] {
      let result = unsafe folder_make(one, 0o700)
      guard result == 0 || result == -EEXIST && one == path && Self.isOurs(one) else {
        throw StartError("cannot make the folder for secrets \(one)")
      }
    }
    return folder
  }

  /// The parent is a folder that anybody can write to.
  private static func isOurs(_ path: String) -> Bool {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return false }
    return status.st_uid == geteuid() && status.st_mode & S_IFMT == S_IFDIR
      && status.st_mode & 0o077 == 0
  }

  private static func value(
    of secret: SecretSpec, _ inherited: [(name: String, value: String)]
  ) throws(StartError) -> [UInt8] {
    if let variable = secret.variable {
      guard let found = inherited.last(where: { $0.name == variable }) else {
        throw StartError("the secret \(secret.name): there is no variable \(variable)")
      }
      return Array(found.value.utf8)
    }
    let path = secret.file ?? ""
    do throws(SystemError) {
      // A pipe would wait for somebody.
      let file = try check(unsafe file_open(path, O_RDONLY | O_NONBLOCK, 0))
      defer { Descriptor.close(file) }
      var bytes: [UInt8] = []
      while true {
        let part = try Descriptor.read(file, limit: longest)
        if part.isEmpty { return bytes }
        bytes += part
        guard bytes.count <= longest else {
          throw SystemError(code: EFBIG)
        }
      }
    } catch {
      throw StartError("the secret \(secret.name) cannot be read from \(path): \(error)")
    }
  }
}
