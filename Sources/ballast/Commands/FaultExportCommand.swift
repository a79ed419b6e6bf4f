internal import AdminAPI
internal import Faults

/// `faults export`: fault records as a file.
enum FaultExportCommand {
  static let command = Command(
    name: "faults export", summary: "writes fault records as CSV, JSON or Markdown",
    discussion: """
      To standard output. With ID it is a post-mortem of that fault, for people to finish: summary, root \
      cause, what hung on it, what was done, timeline. Without, it is all faults of a service or a time: \
      csv has a line for each record, json has those beneath others in them, markdown has the figures of \
      each month before the list.
      """,
    arguments: [
      Argument(
        name: "ID", summary: "one record's number", count: .optional,
        completion: .names(of: .faults))
    ],
    options: [
      Option(
        "format", value: "FORMAT", "csv, json or markdown (default csv; of one fault markdown)",
        completion: .words(formats)),
      Option(
        "service", value: "SERVICE", "only those that touch this service",
        completion: .names(of: .services)),
      Option(
        "since", value: "TIME", "those that began then or later: 2026-11-01, 2026-11-01T08:00:00Z"),
      Option("until", value: "TIME", "those that began before"),
      Option(
        "objective", value: "PERCENT",
        "the availability of the figures in markdown (default: its slo, else 99.9%)"
      ),
    ],
    examples: [
      Example("ballast faults export 12 > fault-12.md", "a post-mortem to finish"),
      Example("ballast faults export --since 2026-11-01 > november.csv", "for a spreadsheet"),
      Example("ballast faults export --format markdown --service shop", "figures and list"),
    ],
    remote: true, run: run)

  private static let formats = ["csv", "json", "markdown"]
  /// Choose among faults; one that is named is chosen already.
  private static let choices = ["service", "since", "until", "objective"]

  private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let format = invocation.values["format"]
    if let format, !formats.contains(format) {
      throw .wrongUsage("--format is csv, json or markdown, not '\(format)'")
    }
    let client = try AdminClient(invocation)
    guard let text = invocation.argument(0) else {
      let path = AdminPath("faults", "export").query([
        "format": format ?? "csv", "service": invocation.values["service"],
        "since": invocation.values["since"], "until": invocation.values["until"],
        "objective": invocation.values["objective"],
      ])
      write(try client.get(path), invocation)
      return .done
    }
    let id = try Invocation.number(text, "ID", in: 1...Int.max)
    if let extra = choices.first(where: { invocation.values[$0] != nil }) {
      throw .wrongUsage("--\(extra) is for many faults; ID names one")
    }
    switch format ?? "markdown" {
    case "markdown": write(try client.get(AdminPath("faults", "\(id)", "report")), invocation)
    case "json": write(try client.get(AdminPath("faults", "\(id)")), invocation)
    default:
      let record = try client.decode(
        FaultRecord.self, try client.get(AdminPath("faults", "\(id)")))
      write(Array(FaultTable.text([record]).utf8), invocation)
    }
    return .done
  }

  private static func write(_ bytes: [UInt8], _ invocation: Invocation) {
    let text = String(decoding: bytes, as: UTF8.self)
    invocation.console.write(text.utf8.last == 10 ? text : text + "\n")
  }
}
