import FoundationEssentials

/// Reads a backup from its beginning to its end and trusts nothing of it: every part is compared with
/// what the manifest says, and the whole with its checksum. What is wrong is named.
public struct BackupReader {
  public let path: String
  public let manifest: BackupManifest
  private let file: SequentialFile
  private let digest: RunningDigest

  /// Reads the manifest, and that the file is as long as it says.
  public init(_ path: String) throws(StoreError) {
    self.path = path
    file = try SequentialFile.read(path)
    digest = try RunningDigest()
    let size = try file.size
    let (head, rest) = try Self.lines(2, of: file, path)
    guard head[0].starts(with: BackupFile.title.utf8) else {
      throw StoreError(.damaged, "\(path) is no backup of ballast: its first line is another")
    }
    let number = head[0].dropFirst(BackupFile.title.utf8.count)
    let format = Int(String(decoding: number, as: UTF8.self))
    guard format == BackupManifest.currentFormat else {
      guard let format, format > BackupManifest.currentFormat else {
        throw StoreError(.damaged, "\(path): the first line is damaged")
      }
      throw StoreError(
        .newerSchema(found: format),
        "\(path) was written by a later version of ballast (format \(format), this one reads "
          + "\(BackupManifest.currentFormat))")
    }
    do {
      manifest = try JSONDecoder().decode(BackupManifest.self, from: Data(head[1]))
    } catch {
      throw StoreError(.damaged, "\(path): the manifest is damaged")
    }
    self.rest = rest
    let headBytes = Int64(head[0].count + head[1].count + 2)
    let parts = [manifest.database] + manifest.configuration.map(\.content)
    var expected = headBytes + BackupFile.checksumBytes
    for part in parts {
      let (sum, overflows) = expected.addingReportingOverflow(part.bytes)
      guard part.bytes >= 0, !overflows else {
        throw StoreError(
          .damaged, "\(path): the manifest is damaged: a part of \(part.bytes) bytes")
      }
      expected = sum
    }
    guard size == expected else {
      throw StoreError(
        .damaged,
        "\(path) is \(size < expected ? "cut off" : "too long"): it has \(size) bytes, "
          + "and its manifest says \(expected)")
    }
    for line in head { digest.update((line + [10])[...]) }
  }

  /// What was read behind the head.
  private var rest: [UInt8]

  /// Reads all of it, once.
  /// - Parameter database: where the database is put, as a new file; nil only compares.
  /// - Returns: the texts of the configuration.
  public mutating func readAll(
    database: String? = nil
  ) throws(StoreError) -> [BackedUpText] {
    let target = try database.map { path throws(StoreError) in try SequentialFile.create(path) }
    try readPart(manifest.database, "the database") { piece throws(StoreError) in
      try target?.write(piece)
    }
    try target?.sync()
    let all = manifest.configuration.reduce(Int64(0)) { $0 &+ $1.content.bytes }
    guard all <= BackupFile.configurationLimit else {
      throw StoreError(.damaged, "\(path): the configuration in it is too large")
    }
    var texts: [BackedUpText] = []
    for text in manifest.configuration {
      var bytes: [UInt8] = []
      try readPart(text.content, "the configuration \(text.path)") { piece throws(StoreError) in
        bytes += piece
      }
      texts.append(BackedUpText(path: text.path, text: String(decoding: bytes, as: UTF8.self)))
    }
    let sum = digest.finish()
    var last: [UInt8] = []
    while last.count < BackupFile.checksumBytes {
      let piece = try next(Int(BackupFile.checksumBytes) - last.count)
      if piece.isEmpty { break }
      last += piece
    }
    guard last == Array("\nsha256 \(sum)\n".utf8) else {
      throw StoreError(.damaged, "\(path): the checksum of the whole file differs")
    }
    return texts
  }

  private mutating func readPart(
    _ part: BackupManifest.Part, _ name: String, _ take: ([UInt8]) throws(StoreError) -> Void
  ) throws(StoreError) {
    let own = try RunningDigest()
    var left = part.bytes
    while left > 0 {
      let piece = try next(Int(min(left, Int64(SequentialFile.pieceBytes))))
      guard !piece.isEmpty else { throw StoreError(.damaged, "\(path): \(name) is cut off") }
      own.update(piece[...])
      digest.update(piece[...])
      try take(piece)
      left -= Int64(piece.count)
    }
    guard own.finish() == part.sha256 else {
      throw StoreError(.damaged, "\(path): \(name) is damaged: its SHA-256 differs")
    }
  }

  private mutating func next(_ most: Int) throws(StoreError) -> [UInt8] {
    guard !rest.isEmpty else { return try file.next(most) }
    let piece = Array(rest.prefix(most))
    rest.removeFirst(piece.count)
    return piece
  }

  /// The first lines without their ends, and what was read beyond them.
  private static func lines(
    _ count: Int, of file: SequentialFile, _ path: String
  ) throws(StoreError) -> (lines: [[UInt8]], rest: [UInt8]) {
    var (lines, held, searched) = ([[UInt8]](), [UInt8](), 0)
    while lines.count < count {
      if let end = held[searched...].firstIndex(of: 10) {
        lines.append(Array(held[..<end]))
        held.removeFirst(end + 1)
        searched = 0
        continue
      }
      searched = held.count
      guard held.count <= BackupFile.manifestLimit else {
        throw StoreError(.damaged, "\(path) is no backup of ballast: it has no manifest")
      }
      let piece = try file.next(64 * 1024)
      guard !piece.isEmpty else {
        throw StoreError(
          .damaged, "\(path) is no backup of ballast, or is cut off before its manifest's end")
      }
      held += piece
    }
    return (lines, held)
  }
}
