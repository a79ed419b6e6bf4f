public import Primitives

/// The state that outlives an engine, in one SQLite database: what operators set at run time,
/// events, fault records, and the configurations that were accepted.
///
/// One connection reads, writes and checkpoints: in SQLite 3.40 two that write can lose what the log
/// held when it is begun anew. What a call wrote is on the disk when it returns
/// (`synchronous=FULL`), or the call throws and nothing of it is. Calls block their thread for as
/// long as the disk needs, so they belong on no event loop.
public actor Store {
  /// The most rows that one read answers.
  public static let readLimit = 10_000
  /// The write-ahead log is cut back to this after a checkpoint, in bytes.
  static let logLimit = 4 * 1024 * 1024

  let retention: Retention
  /// Why all is kept in memory only; nil when it is on disk.
  public nonisolated let problem: StoreError?
  private var connection: Database?
  private var lock: StateLock?
  /// Copies of it that are being made.
  var copies = 0
  /// Of all messages that wait for sinks; nil when it has to be added up.
  var knownOutgoingBytes: Int64?

  /// The connection, unless the store was closed.
  var database: Database {
    get throws(StoreError) {
      guard let connection else { throw StoreError(.closed, "the store is closed") }
      return connection
    }
  }

  init(
    database: sending Database?, lock: consuming StateLock?, retention: Retention,
    problem: StoreError?
  ) {
    connection = database
    self.lock = lock
    self.retention = retention
    self.problem = problem
  }

  /// Opens `ballast.db` in `folder`, and makes both when they aren't there. Never fails: a damaged or
  /// foreign file is set aside and a new one begun; a state that is locked by another engine, was
  /// written by a later Ballast, or can't be written leaves a store in memory. The opening says so.
  public static func open(
    folder: String, now: WallTime, retention: Retention = Retention()
  ) -> StoreOpening {
    open(folder: folder, now: now, retention: retention, schema: .current)
  }

  /// Writes the log back; `reopen` follows.
  func closeForReplacement() {
    connection?.checkpointOnClose()
    connection = nil
  }

  func reopen(_ path: String) throws(StoreError) {
    knownOutgoingBytes = nil
    connection = try Self.prepared(at: path, schema: .current)
  }

  /// Writes the log back into the database and lets go of the folder. Further calls throw.
  public func close() {
    connection?.checkpointOnClose()
    connection = nil
    lock = nil
  }
}
