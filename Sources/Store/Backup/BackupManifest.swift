public import Primitives

/// What a backup says of itself; the second line of its file, as JSON.
public struct BackupManifest: Codable, Sendable, Equatable {
  /// Goes up when an older Ballast could not read the file.
  public static let currentFormat = 1

  /// A run of bytes of the file.
  public struct Part: Codable, Sendable, Equatable {
    public var bytes: Int64
    /// Of these bytes, in hexadecimal.
    public var sha256: String
  }

  public struct Table: Codable, Sendable, Equatable {
    public var name: String
    public var rows: Int64
    /// Of all its rows in the order of its key: the same for the same content, wherever it lies in
    /// the database's file.
    public var sha256: String
  }

  /// One file of the configuration that was in use, as it was written: `${NAME}` stands for itself.
  public struct ConfigurationText: Codable, Sendable, Equatable {
    public var path: String
    public var content: Part
  }

  public var format: Int
  /// The version that wrote it.
  public var ballast: String
  /// The version of the database's tables.
  public var schema: Int
  public var taken: WallTime
  public var database: Part
  /// By name.
  public var tables: [Table]
  public var configuration: [ConfigurationText]

  /// All rows of all tables.
  public var rows: Int64 { tables.reduce(0) { $0 &+ $1.rows } }
}

/// A text of the configuration, as it goes into a backup and comes out of one.
public struct BackedUpText: Sendable, Equatable {
  public var path: String
  public var text: String

  public init(path: String, text: String) {
    self.path = path
    self.text = text
  }
}
