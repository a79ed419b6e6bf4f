internal import Glibc

/// How many descriptors this process may have.
public enum OpenFiles {
  /// The soft limit (RLIMIT_NOFILE) as it is now.
  public static var limit: Int {
    var limit = rlimit()
    let result = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    // POSIX promises 20 at least; a failure can't be without a broken kernel.
    return result == 0 ? Int(clamping: limit.rlim_cur) : 20
  }
}
