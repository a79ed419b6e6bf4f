internal import AdminAPI
internal import Audit
internal import FoundationEssentials
internal import Glibc
internal import Primitives
internal import Store

/// `restore`: the state of a backup in the place of the present one.
enum RestoreCommand {
  static let command = Command(
    name: "restore", summary: "puts the state of a backup in the place of the present one",
    discussion: """
      Shows first what it would replace, and asks; without a terminal it needs --yes. A file that is \
      damaged is refused and what is damaged is named; so is one of a later Ballast, and an older one is \
      brought up to date. The running Ballast takes the state over while traffic goes on; the state \
      that was there is kept as a file that `restore` takes as well. Without a running Ballast, name \
      the folder of its state. The configuration stays as it is: --configuration writes the one \
      of the backup to a folder, for `ballast apply`.
      """,
    arguments: [Argument(name: "FILE", summary: "the backup", completion: .files)],
    options: [
      Option("dry-run", "only shows what it would replace"),
      Option("yes", short: "y", "does it without asking"),
      Option(
        "state", value: "FOLDER", "of a Ballast that does not run: its `state.path`",
        completion: .files),
      Option(
        "configuration", value: "FOLDER",
        "writes the configuration of the backup there, and restores nothing", completion: .files),
    ],
    examples: [
      Example("ballast restore ballast.backup --dry-run", "what it would replace"),
      Example("ballast restore ballast.backup", "asks, and does it while traffic goes on"),
      Example(
        "ballast restore ballast.backup --state /var/lib/ballast --yes",
        "before Ballast is started on a new machine"),
      Example("ballast restore ballast.backup --configuration ./then", "the configuration of then"),
    ],
    formats: OutputFormat.single, remote: true, run: run)

  private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let path = try invocation.required(0)
    // What is damaged is said before anybody is bothered.
    let (manifest, texts) = try BackupCommand.stored { () throws(StoreError) in
      var reader = try BackupReader(path)
      let texts = try reader.readAll()
      return (reader.manifest, texts)
    }
    if let folder = invocation.values["configuration"] {
      return try write(texts, to: folder, invocation)
    }
    if let folder = invocation.values["state"] {
      return try RestingRestore(file: path, folder: folder, manifest: manifest).run(invocation)
    }
    let client = try AdminClient(invocation)
    let upload = try send(path, to: client, invocation)
    let place = AdminPath("restores", "\(upload.id)")
    do throws(CommandFailure) {
      let plan = try client.post(
        place, RestoreRequest(dryRun: true), timeoutMilliseconds: patienceMilliseconds)
      let wanted = try client.decode(RestoreStatus.self, plan)
      guard try confirm(invocation, wanted, plan) else {
        _ = try client.delete(place)
        return invocation.has("dry-run") ? .done : .failed
      }
    } catch {
      _ = try? client.delete(place)
      throw error
    }
    let done = try client.post(
      place, RestoreRequest(), timeoutMilliseconds: patienceMilliseconds)
    try invocation.printAnswer(done) { () throws(CommandFailure) in
      sentence(try client.decode(RestoreStatus.self, done))
    }
    return .done
  }

  /// For reading, comparing and replacing a state of some gigabytes.
  private static let patienceMilliseconds = 600_000
  private static let pieceBytes = 512 << 10

  // MARK: Asking

  /// - Returns: whether to go on.
  static func confirm(
    _ invocation: Invocation, _ plan: RestoreStatus, _ bytes: [UInt8]
  ) throws(CommandFailure) -> Bool {
    let isDry = invocation.has("dry-run")
    if !isDry, invocation.has("yes") { return true }
    let console = invocation.console
    if isDry {
      if let value = JSONValue(parsing: bytes), invocation.printData(value) { return false }
      console.print(lines(plan, invocation).joined(separator: "\n"))
      return false
    }
    console.progress(lines(plan, invocation).joined(separator: "\n") + "\n")
    guard isatty(STDIN_FILENO) == 1, console.messagesAreTerminal else {
      throw .failed("nothing was restored: add --yes to do it")
    }
    console.progress("restore it? [y/N] ")
    let answer = readLine()?.lowercased() ?? ""
    if answer == "y" || answer == "yes" { return true }
    console.message("nothing was restored")
    return false
  }

  private static func lines(_ plan: RestoreStatus, _ invocation: Invocation) -> [String] {
    var lines = [
      "a backup of \(HumanText.moment(plan.taken)), made by Ballast "
        + "\(HumanText.printable(plan.version))"
        + (plan.schema == plan.schemaAfter
          ? "" : ", which is brought from schema \(plan.schema) to \(plan.schemaAfter)"),
      "",
    ]
    lines += Table.restore(plan).lines(
      wide: invocation.format == .wide, colors: false, width: invocation.console.width)
    for path in plan.configurationDiffers {
      lines.append("\(HumanText.printable(path)) said something else then; it stays as it is now")
    }
    return lines
  }

  static func sentence(_ status: RestoreStatus) -> String {
    let rows = status.tables.reduce(Int64(0)) { $0 &+ ($1.rows ?? 0) }
    let took = status.duration.map { " in \(HumanText.duration(seconds: $0))" } ?? ""
    let kept = status.kept.map { "; what was there is \(HumanText.printable($0))" } ?? ""
    return "\(rows) rows of \(HumanText.moment(status.taken)) are in use\(took)\(kept)"
  }

  // MARK: Files

  private static func send(
    _ path: String, to client: AdminClient, _ invocation: Invocation
  ) throws(CommandFailure) -> RestoreUpload {
    let begun = try client.post(AdminPath("restores"), [String: String]())
    var upload = try client.decode(RestoreUpload.self, begun)
    let id = "\(upload.id)"
    guard let file = unsafe fopen(path, "re") else {
      throw .failed("cannot read \(path): \(unsafe String(cString: strerror(errno)))")
    }
    defer { unsafe fclose(file) }
    var piece = [UInt8](repeating: 0, count: pieceBytes)
    while true {
      let count = unsafe fread(&piece, 1, pieceBytes, file)
      guard count > 0 else { return upload }
      let content = AdminPath("restores", id, "content").query(["offset": "\(upload.received)"])
      let bytes = try client.put(content, bytes: Array(piece[..<count]))
      upload = try client.decode(RestoreUpload.self, bytes)
    }
  }

  /// Each under its own name; nothing that is there is replaced.
  private static func write(
    _ texts: [BackedUpText], to folder: String, _ invocation: Invocation
  ) throws(CommandFailure) -> ExitStatus {
    guard unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST else {
      throw .failed("cannot create \(folder): \(unsafe String(cString: strerror(errno)))")
    }
    for text in texts {
      let name = text.path.split(separator: "/").last.map(String.init) ?? "ballast.yaml"
      let target = "\(folder)/\(name)"
      guard unsafe access(target, F_OK) != 0 else { throw .failed("\(target) is there already") }
      try BackupCommand.stored { () throws(StoreError) in
        try BackupPieces.write(Array(text.text.utf8), at: 0, to: target)
      }
      invocation.console.print(target)
    }
    return .done
  }
}

/// A restore into the state of a Ballast that doesn't run.
struct RestingRestore {
  var file: String
  var folder: String
  var manifest: BackupManifest

  func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let state = try BackupCommand.stored { () throws(StoreError) in
      try RestingState(folder: folder)
    }
    let trial = BackupFolder.draft(.trial, state: folder)
    defer { PreparedRestore.remove(trial) }
    let prepared = try BackupCommand.stored { () throws(StoreError) in
      try PreparedRestore.make(from: file, at: trial)
    }
    var status = RestoreStatus(
      dryRun: true, taken: manifest.taken, version: manifest.ballast, schema: manifest.schema,
      schemaAfter: Store.schemaVersion, tables: tables(state.rowCounts()),
      configuration: manifest.configuration.map(\.path), configurationDiffers: [])
    let bytes = Self.encoded(status)
    guard try RestoreCommand.confirm(invocation, status, bytes) else {
      return invocation.has("dry-run") ? .done : .failed
    }
    status.kept = try BackupCommand.stored { () throws(StoreError) in
      try state.replace(
        with: prepared, version: BallastVersion.current, now: HumanText.now,
        record: record(invocation))
    }
    status.dryRun = false
    try invocation.printAnswer(Self.encoded(status)) { () throws(CommandFailure) in
      RestoreCommand.sentence(status)
    }
    return .done
  }

  /// Nobody else writes it down: Ballast does not run.
  private func record(_ invocation: Invocation) -> AuditRecord {
    AuditRecord(
      at: HumanText.now, source: .command,
      actor: AdminClient.user(invocation.environment) ?? "unknown", from: "unix:uid \(getuid())",
      action: "state.restore", subject: file,
      detail: "the state of \(manifest.taken), while Ballast did not run")
  }

  private static func encoded(_ status: RestoreStatus) -> [UInt8] {
    (try? JSONEncoder().encode(status)).map { [UInt8]($0) } ?? []
  }

  private func tables(_ now: [String: Int64]?) -> [RestoreStatus.Table] {
    let then = Dictionary(manifest.tables.map { ($0.name, $0) }) { $1 }
    return Set(then.keys).union((now ?? [:]).keys).sorted().map { name in
      .init(
        name: name, rowsNow: now?[name], rows: then[name]?.rows, sha256: then[name]?.sha256)
    }
  }
}
