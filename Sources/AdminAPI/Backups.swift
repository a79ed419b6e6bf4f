public import Primitives

/// A backup in the folder of scheduled ones. Each was restored on trial before it was kept.
public struct BackupStatus: Codable, Sendable, Equatable {
  /// Its file's name.
  public var name: String
  public var file: String
  public var taken: WallTime
  public var bytes: Int64

  public init(name: String, file: String, taken: WallTime, bytes: Int64) {
    self.name = name
    self.file = file
    self.taken = taken
    self.bytes = bytes
  }
}

/// How the schedule of backups goes.
public struct BackupScheduleStatus: Codable, Sendable, Equatable {
  /// Seconds.
  public var every: Double
  public var keep: Int
  public var folder: String
  /// The newest one's time; nil before the first.
  public var lastSuccess: WallTime?
  /// Seconds that the last one took, its trial included; nil when this engine has made none.
  public var duration: Double?
  public var bytes: Int64?
  public var next: WallTime?
  /// Why the last one failed; nil when it didn't.
  public var problem: String?

  public init(every: Double, keep: Int, folder: String) {
    self.every = every
    self.keep = keep
    self.folder = folder
  }
}

/// A backup that is sent to be restored, piece by piece.
public struct RestoreUpload: Codable, Sendable, Equatable {
  public var id: Int
  /// Bytes so far; the next piece goes there.
  public var received: Int64

  public init(id: Int, received: Int64) {
    self.id = id
    self.received = received
  }
}

public struct RestoreRequest: Codable, Sendable, Equatable {
  /// Says what would happen, and does nothing.
  public var dryRun: Bool?

  public init(dryRun: Bool? = nil) { self.dryRun = dryRun }
}

/// What a restore replaces, or has replaced.
public struct RestoreStatus: Codable, Sendable, Equatable {
  public struct Table: Codable, Sendable, Equatable {
    public var name: String
    /// In the state as it is; nil when that can't be read, or doesn't have the table.
    public var rowsNow: Int64?
    /// In the backup; nil when it doesn't have the table.
    public var rows: Int64?
    /// Of the backup's rows.
    public var sha256: String?

    public init(name: String, rowsNow: Int64?, rows: Int64?, sha256: String?) {
      self.name = name
      self.rowsNow = rowsNow
      self.rows = rows
      self.sha256 = sha256
    }
  }

  public var dryRun: Bool
  public var taken: WallTime
  /// The Ballast that made the backup, and its schema; and what this one brings it to.
  public var version: String
  public var schema: Int
  public var schemaAfter: Int
  public var tables: [Table]
  /// Files of the configuration in the backup; a restore leaves the configuration as it is.
  public var configuration: [String]
  /// Those of them that say something else now.
  public var configurationDiffers: [String]
  /// Where the state that was there lies now: `ballast restore` takes it; nil in a dry run, and where
  /// there was none.
  public var kept: String?
  /// Seconds that the state was being replaced.
  public var duration: Double?

  public init(
    dryRun: Bool, taken: WallTime, version: String, schema: Int, schemaAfter: Int,
    tables: [Table], configuration: [String], configurationDiffers: [String],
    kept: String? = nil, duration: Double? = nil
  ) {
    self.dryRun = dryRun
    self.taken = taken
    self.version = version
    self.schema = schema
    self.schemaAfter = schemaAfter
    self.tables = tables
    self.configuration = configuration
    self.configurationDiffers = configurationDiffers
    self.kept = kept
    self.duration = duration
  }
}
