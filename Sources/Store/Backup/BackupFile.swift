import FoundationEssentials
import Glibc
public import Primitives

/// A backup: one file with everything in it.
///
///     ballast-backup 1
///     {…the manifest, in one line…}
///     the database, then the texts of the configuration, as they are, one behind the other
///     sha256 and 64 digits: of all bytes before this line
public enum BackupFile {
  static let title = "ballast-backup "
  /// The line break before it, the word, 64 digits and a line break.
  static let checksumBytes: Int64 = 73
  /// Of the manifest: with more it is none of ours.
  static let manifestLimit = 4 * 1024 * 1024
  /// Of all texts of a configuration.
  static let configurationLimit: Int64 = 64 * 1024 * 1024

  // MARK: Writing

  /// Whole or not at all: under another name first, synced, then renamed to `path`.
  /// - Parameter database: a database file that nobody writes.
  public static func write(
    database: String, configuration: [BackedUpText], version: String, now: WallTime,
    to path: String
  ) throws(StoreError) -> BackupManifest {
    let content = try DatabaseContent.examine(database)
    let manifest = BackupManifest(
      format: BackupManifest.currentFormat, ballast: version, schema: content.schema, taken: now,
      database: try part(of: database), tables: content.tables,
      configuration: try configuration.map { text throws(StoreError) in
        .init(path: text.path, content: try part(of: Array(text.text.utf8)))
      })
    let draft = "\(path).partial-\(getpid())"
    _ = unsafe unlink(draft)
    do throws(StoreError) {
      try write(manifest, database, configuration, to: draft)
      try install(draft, as: path)
    } catch {
      _ = unsafe unlink(draft)
      throw error
    }
    return manifest
  }

  /// Puts a file that was written in the place of another, for good.
  public static func install(_ draft: String, as path: String) throws(StoreError) {
    guard unsafe rename(draft, path) == 0 else {
      throw SystemFailure.error("cannot rename \(draft) to \(path)")
    }
    StateFolder.sync(folderOf: path)
  }

  private static func write(
    _ manifest: BackupManifest, _ database: String, _ configuration: [BackedUpText],
    to path: String
  ) throws(StoreError) {
    let file = try SequentialFile.create(path)
    let digest = try RunningDigest()
    func add(_ bytes: [UInt8]) throws(StoreError) {
      digest.update(bytes[...])
      try file.write(bytes)
    }
    try add(Array("\(title)\(manifest.format)\n".utf8))
    try add(try encoded(manifest) + [10])
    let source = try SequentialFile.read(database)
    while true {
      let piece = try source.next()
      if piece.isEmpty { break }
      try add(piece)
    }
    for text in configuration { try add(Array(text.text.utf8)) }
    try file.write(Array("\nsha256 \(digest.finish())\n".utf8))
    try file.sync()
  }

  private static func encoded(_ manifest: BackupManifest) throws(StoreError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(manifest))
    } catch {
      throw StoreError(.unavailable, "the manifest cannot be written: \(error)")
    }
  }

  private static func part(of path: String) throws(StoreError) -> BackupManifest.Part {
    let file = try SequentialFile.read(path)
    let digest = try RunningDigest()
    var count: Int64 = 0
    while true {
      let piece = try file.next()
      if piece.isEmpty { break }
      digest.update(piece[...])
      count &+= Int64(piece.count)
    }
    return BackupManifest.Part(bytes: count, sha256: digest.finish())
  }

  private static func part(of bytes: [UInt8]) throws(StoreError) -> BackupManifest.Part {
    let digest = try RunningDigest()
    digest.update(bytes[...])
    return BackupManifest.Part(bytes: Int64(bytes.count), sha256: digest.finish())
  }
}
