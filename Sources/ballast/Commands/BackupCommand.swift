internal import AdminAPI
internal import Glibc
internal import Primitives
internal import Store

/// `backup`: the state and the configuration of the running Ballast, as one file.
enum BackupCommand {
  static let command = Command(
    name: "backup", summary: "writes state and configuration of the running Ballast to one file",
    discussion: """
      As of one moment, while Ballast runs on. The file is written under another name, compared with its \
      checksums and then put in its place, so that there is never half a backup. It holds secrets of \
      the state and whatever the configuration's text says, and is readable by its owner alone; \
      `${NAME}` in the configuration stays as it is written. `state.backup` makes backups by a schedule, and \
      `ballast get backups` lists them.
      """,
    arguments: [Argument(name: "FILE", summary: "where to; it is replaced", completion: .files)],
    examples: [
      Example("ballast backup /var/backups/ballast.backup", "now, to that file"),
      Example("ballast backup now.backup -o json", "with the rows and SHA-256 of each table"),
    ],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let path = try invocation.required(0)
    let client = try AdminClient(invocation)
    let draft = "\(path).partial-\(getpid())"
    do throws(CommandFailure) {
      let manifest = try fetch(client, draft)
      try stored { () throws(StoreError) in
        try BackupPieces.sync(draft)
        try BackupFile.install(draft, as: path)
      }
      show(manifest, path, invocation)
      return .done
    } catch {
      BackupPieces.remove(draft)
      throw error
    }
  }

  /// Whole and sound, or not at all.
  private static func fetch(
    _ client: AdminClient, _ draft: String
  ) throws(CommandFailure) -> BackupManifest {
    var (count, problem) = (Int64(0), StoreError?.none)
    try client.download(AdminPath("backup")) { piece in
      do throws(StoreError) {
        try BackupPieces.write(piece, at: count, to: draft)
        count += Int64(piece.count)
        return true
      } catch {
        problem = error
        return false
      }
    }
    if let problem { throw .failed(problem.description) }
    return try stored { () throws(StoreError) in
      var reader = try BackupReader(draft)
      _ = try reader.readAll()
      return reader.manifest
    }
  }

  private static func show(
    _ manifest: BackupManifest, _ path: String, _ invocation: Invocation
  ) {
    let tables: [JSONValue] = manifest.tables.map {
      .object([
        .init("name", .string($0.name)), .init("rows", .number("\($0.rows)")),
        .init("sha256", .string($0.sha256)),
      ])
    }
    let value = JSONValue.object([
      .init("file", .string(path)), .init("taken", .string(manifest.taken.description)),
      .init("version", .string(manifest.ballast)), .init("schema", .number("\(manifest.schema)")),
      .init("rows", .number("\(manifest.rows)")), .init("tables", .array(tables)),
      .init("configuration", .array(manifest.configuration.map { .string($0.path) })),
    ])
    if invocation.printData(value) { return }
    let texts = manifest.configuration.map { HumanText.printable($0.path) }
    invocation.console.print(
      "\(path): \(manifest.rows) rows in \(manifest.tables.count) tables, and "
        + texts.joined(separator: ", "))
  }

  /// What the store says, as a command's failure.
  static func stored<Value: ~Copyable>(
    _ body: () throws(StoreError) -> Value
  ) throws(CommandFailure) -> Value {
    do throws(StoreError) {
      return try body()
    } catch {
      throw .failed(error.description)
    }
  }
}
