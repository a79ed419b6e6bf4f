import Accounts
import EventLoop
import Primitives

/// What the control plane keeps of users and of those who sign in.
struct AccountKeeping {
  var book = AccountBook()
  var throttle = SignInThrottle()
  let hasher = PasswordHasher()
  /// There were users once: a state that was lost opens nothing.
  var isLatched = false
  /// Of the token of the first run, while there is nobody.
  var setUpDigest: String?
  /// Since the last line of the log.
  var failures = 0
  var failuresTold: Instant?
  /// By result, since this engine began.
  var counts: [String: UInt64] = ["success": 0, "failure": 0, "throttled": 0, "busy": 0]
}
