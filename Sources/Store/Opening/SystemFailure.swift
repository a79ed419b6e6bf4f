import Glibc

/// Errors of system calls as the store's own.
enum SystemFailure {
  /// Reads `errno`, so it has to be called right after what failed.
  static func error(_ what: String) -> StoreError {
    let code = errno
    let reason = unsafe String(cString: strerror(code))
    let kind: StoreError.Kind =
      switch code {
      case ENOSPC, EDQUOT: .full
      case EROFS, EACCES, EPERM: .readOnly
      default: .unavailable
      }
    return StoreError(kind, "\(what): \(reason)")
  }
}
