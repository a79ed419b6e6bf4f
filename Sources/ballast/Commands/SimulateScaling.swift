internal import Primitives
internal import Simulation

/// `simulate --scaling`: the autoscaler on a trace of load, beside Kubernetes' formula.
enum SimulateScaling {
  private struct Run {
    var name: String
    var report: ScalingTrialReport
  }

  static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    guard invocation.argument(0) == nil else {
      throw .wrongUsage("--scaling makes its own load; FILE has no place beside it")
    }
    for option in ["compare", "trace", "random"] where invocation.has(option) {
      throw .wrongUsage("--\(option) has no place beside --scaling")
    }
    let shape = LoadTrace.Shape(rawValue: invocation.values["scaling"] ?? "") ?? .day
    let seed = try SimulateCommand.seed(invocation) ?? 1
    let runs = runs(.standard(shape), seed)
    if invocation.printData(json(shape, seed, runs)) { return .done }
    print(runs, invocation)
    return .done
  }

  private static func runs(_ trace: LoadTrace, _ seed: UInt64) -> [Run] {
    let (cpu, minimum, maximum) = (ScalingShow.cpu, ScalingShow.minimum, ScalingShow.maximum)
    let deciders: [(String, ScalingTrial.Decider)] = [
      ("ballast", .machine(ScalingShow.policy)),
      ("kubernetes", .kubernetes(cpu: cpu, minimum: minimum, maximum: maximum)),
      ("formula", .bareFormula(cpu: cpu, minimum: minimum, maximum: maximum)),
    ]
    return deciders.map { name, decider in
      Run(
        name: name,
        report: ScalingTrial.run(
          trace, decider, count: ScalingShow.start(trace.shape), p95: ScalingShow.p95Limit,
          seed: seed))
    }
  }

  // MARK: Printing

  private static func print(_ runs: [Run], _ invocation: Invocation) {
    let console = invocation.console
    let limit = HumanText.duration(seconds: ScalingShow.p95Limit)
    let table = Table(
      columns: [
        Table.Column("NUMBER BY"), Table.Column("CHANGES", right: true),
        Table.Column("REVERSALS", right: true), Table.Column("P95 UNDER \(limit)", right: true),
        Table.Column("WORST P95", right: true), Table.Column("MOST", right: true),
        Table.Column("REPLICA HOURS", right: true),
      ],
      rows: runs.map { run in
        Table.Row(
          name: run.name,
          cells: [
            Table.Cell(run.name), Table.Cell("\(run.report.changes)"),
            Table.Cell("\(run.report.reversals)"),
            Table.Cell("\((run.report.held * 10_000).rounded() / 100) %"),
            Table.Cell(HumanText.duration(seconds: run.report.worst)),
            Table.Cell("\(run.report.most)"),
            Table.Cell("\((run.report.replicaHours * 10).rounded() / 10)"),
          ])
      })
    var lines = table.lines(wide: false, colors: console.colorsOutput)
    guard let own = runs.first?.report else { return }
    let charts = [
      Chart(
        title: "requests a second", values: own.points.map(\.requestsPerSecond),
        label: { HumanText.rate($0) }),
      Chart(
        title: "replicas", values: own.points.map { Double($0.replicas) }, label: { "\(Int($0))" }),
    ]
    for chart in charts {
      lines.append("")
      lines += chart.lines(rows: 4, width: console.width ?? 80, colors: console.colorsOutput)
    }
    console.print(lines.joined(separator: "\n"))
  }

  private static func json(_ shape: LoadTrace.Shape, _ seed: UInt64, _ runs: [Run]) -> JSONValue {
    .object([
      .init("trace", .string(shape.rawValue)), .init("seed", .number("\(seed)")),
      .init("p95LimitSeconds", .figure(ScalingShow.p95Limit)),
      .init("runs", .array(runs.map(json))),
    ])
  }

  private static func json(_ run: Run) -> JSONValue {
    .object([
      .init("name", .string(run.name)), .init("changes", .count(run.report.changes)),
      .init("reversals", .count(run.report.reversals)), .init("held", .figure(run.report.held)),
      .init("worstP95Seconds", .figure(run.report.worst)), .init("most", .count(run.report.most)),
      .init("replicaHours", .figure(run.report.replicaHours)),
      .init(
        "points",
        .array(
          run.report.points.map { point in
            .object([
              .init("second", .figure(point.second)),
              .init("requestsPerSecond", .figure(point.requestsPerSecond)),
              .init("replicas", .count(point.replicas)), .init("ready", .count(point.ready)),
              .init("cpu", .figure(point.cpu)), .init("p95Seconds", .figure(point.p95 ?? 0)),
              .init("why", .string(point.why)),
            ])
          })),
    ])
  }
}
