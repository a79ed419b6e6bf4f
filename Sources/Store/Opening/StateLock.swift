import Glibc

/// Holds the state folder for one engine: `flock` on a file that names the holder. The kernel lets
/// go of it when the process ends, however it ends.
struct StateLock: ~Copyable {
  private let descriptor: Int32

  static let fileName = "ballast.lock"

  init(folder: String) throws(StoreError) {
    let path = "\(folder)/\(Self.fileName)"
    let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard opened >= 0 else { throw SystemFailure.error("cannot open \(path)") }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      let busy = errno == EWOULDBLOCK
      let error = SystemFailure.error("cannot lock \(path)")
      let pid = Self.holder(opened)
      _ = close(opened)
      guard busy else { throw error }
      let holder = pid.map { "process \($0)" } ?? "another process"
      throw StoreError(.locked(pid: pid), "\(folder) is in use by \(holder)")
    }
    descriptor = opened
    // Only for the message of another engine, so a full disk is no reason to fail.
    let text = Array("\(getpid())\n".utf8)
    _ = ftruncate(descriptor, 0)
    _ = unsafe text.withUnsafeBytes { bytes in
      unsafe pwrite(opened, bytes.baseAddress, bytes.count, 0)
    }
  }

  deinit { _ = close(descriptor) }

  private static func holder(_ descriptor: Int32) -> Int? {
    var bytes = [UInt8](repeating: 0, count: 20)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe pread(descriptor, buffer.baseAddress, buffer.count, 0)
    }
    guard count > 0 else { return nil }
    let digits = bytes.prefix(count).prefix { (48...57).contains($0) }
    return Int(String(decoding: digits, as: UTF8.self))
  }
}
