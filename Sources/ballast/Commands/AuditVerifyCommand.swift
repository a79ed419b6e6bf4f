internal import Audit
internal import Primitives
internal import Store

/// `audit verify`.
enum AuditVerifyCommand {
  static let command = Command(
    name: "audit verify",
    summary: "finds entries of the audit log that were altered, removed or moved",
    discussion: """
      Reads the whole log and names every entry that is not as it was written. What was cut off at the end, \
      or written anew to its end, is only seen against a head that was kept elsewhere: --head takes a file \
      of them. With --state it reads the folder itself, changes nothing there and needs no running Ballast. \
      Exit 0 when all is as it was written, 1 when not.
      """,
    options: [
      AuditCommands.stateOption,
      Option(
        "head", value: "FILE", "heads that were kept elsewhere, a line `NUMBER HASH` each",
        completion: .files),
    ],
    examples: [
      Example("ballast audit verify", "by the running Ballast"),
      Example(
        "ballast audit verify --state /var/lib/ballast --head /mnt/worm/ballast.heads",
        "without Ballast, and against what was kept elsewhere"),
    ],
    formats: OutputFormat.single, remote: true, run: run)

  private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    var heads: [AuditHead] = []
    if let path = invocation.values["head"] {
      heads = try BackupCommand.stored { () throws(StoreError) in
        try AuditHeadFile(path: path).read()
      }
    }
    let bytes: [UInt8]
    if let folder = invocation.values["state"] {
      let verdict = try BackupCommand.stored { () throws(StoreError) in
        try RestingAudit(folder: folder).verify(heads: heads)
      }
      bytes = try AuditCommands.encoded(verdict)
    } else {
      let client = try AdminClient(invocation)
      bytes = try client.post(
        AdminPath("audit", "verify"), AuditHeads(heads: heads.suffix(mostSent)),
        timeoutMilliseconds: patienceMilliseconds)
    }
    let verdict = try AuditCommands.decoded(AuditVerdict.self, bytes)
    let status: ExitStatus = verdict.sound ? .done : .failed
    if let value = JSONValue(parsing: bytes), invocation.printData(value) { return status }
    for finding in verdict.findings {
      invocation.console.print(
        Tone.bad.paint(HumanText.printable(finding.message), invocation.console.colorsOutput))
    }
    if verdict.findingsLeftOut > 0 {
      invocation.console.print("and \(verdict.findingsLeftOut) more")
    }
    invocation.console.print(sentence(verdict))
    return status
  }

  /// The newest of them; a request has its limit, and `--state` has none.
  private static let mostSent = 5_000
  /// For a log of millions of entries.
  private static let patienceMilliseconds = 300_000

  static func sentence(_ verdict: AuditVerdict) -> String {
    let range =
      if let first = verdict.first, let last = verdict.last, let hash = verdict.hash {
        "\(verdict.entries) entries, \(first) to \(last), \(hash)"
      } else {
        "no entries"
      }
    let heads =
      verdict.heads > 0
      ? "; compared with \(verdict.headsCompared) of \(verdict.heads) heads that were kept elsewhere"
      : ""
    let count = verdict.findings.count + verdict.findingsLeftOut
    let what =
      verdict.sound ? "as they were written" : "\(count == 1 ? "1 finding" : "\(count) findings")"
    return "\(range): \(what)\(heads)"
  }
}
