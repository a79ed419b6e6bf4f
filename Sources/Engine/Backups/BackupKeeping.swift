import Primitives
import Store

/// What is known of backups, and of one that is sent to be restored.
struct BackupKeeping {
  struct Success {
    var taken: WallTime
    /// Nil for one of an engine before this one.
    var took: TimeSpan?
    var bytes: Int64
  }

  /// A file that comes piece by piece.
  struct Upload {
    var id: Int
    var path: String
    var received: Int64 = 0
    /// Whether a piece is being written.
    var isWriting = false
    /// When it was heard of last; one that is left alone is dropped.
    var touched: Instant
  }

  /// How long an upload may be left alone.
  static let uploadPatience = TimeSpan.minutes(10)
  /// After a failure, unless the schedule is quicker.
  static let retryPause = TimeSpan.minutes(5)

  /// One copy of the state, or replacement of it, at a time.
  var isBusy = false
  var waiting: [CheckedContinuation<Void, Never>] = []
  var isRestoring = false

  var timer: UInt64?
  var next: WallTime?
  var last: Success?
  var problem: String?
  var counts: [String: UInt64] = ["success": 0, "failure": 0]

  var upload: Upload?
  var latestUpload = 0
}

/// Work on files, on no event loop.
func apart<Value: Sendable>(
  _ body: @escaping @Sendable () throws(StoreError) -> Value
) async throws(StoreError) -> Value {
  let result = await Task.detached { () -> Result<Value, StoreError> in
    do throws(StoreError) {
      return .success(try body())
    } catch {
      return .failure(error)
    }
  }.value
  return try result.get()
}
