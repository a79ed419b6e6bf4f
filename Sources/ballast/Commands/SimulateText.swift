internal import Primitives
internal import Simulation

/// What `simulate` prints for people.
enum SimulateText {
  static func print(_ report: SimulationReport, _ invocation: Invocation) {
    let console = invocation.console
    var card = summary(report)
    card.add(section: "Servers", servers(report))
    card.add(section: "Faults", faults(report))
    card.add(section: "Scaling", scaling(report))
    let lines = card.lines(colors: console.colorsOutput, width: console.width)
    console.print((lines + [""] + charts(report, console)).joined(separator: "\n"))
  }

  static func print(_ comparison: Comparison, _ scenario: Scenario, _ invocation: Invocation) {
    let console = invocation.console
    let table = Table(
      columns: [
        Table.Column("ALGORITHM"), Table.Column("SUCCESS", right: true),
        Table.Column("P50", right: true), Table.Column("P99", right: true),
        Table.Column("P99.9", right: true), Table.Column("FAIRNESS", right: true),
        Table.Column("LEAST SHARE", right: true), Table.Column("RETRIES", right: true),
        Table.Column("EJECTIONS", right: true), Table.Column("SUCCESS OVER TIME"),
      ], rows: comparison.reports.map { row($0, best: comparison.recommendation.algorithm) })
    console.print(
      "\(scenario.name): \(comparison.reports.first?.requests ?? 0) requests, seed \(scenario.seed)"
    )
    console.print("")
    invocation.printTable(table)
    console.print("")
    let name = Tone.strong.paint(comparison.recommendation.algorithm, console.colorsOutput)
    console.print("Recommended: \(name). Why: \(comparison.recommendation.reason).")
  }

  private static func row(_ report: SimulationReport, best: String) -> Table.Row {
    let least = report.servers.filter { $0.weight > 0 }.map(\.ofFairShare).min() ?? 0
    let isBest = report.algorithm == best
    return Table.Row(
      name: report.algorithm,
      cells: [
        Table.Cell(report.algorithm, isBest ? .good : .plain),
        Table.Cell(HumanText.share(report.success), tone(report.success)),
        Table.Cell(span(report.latency.p50)), Table.Cell(span(report.latency.p99)),
        Table.Cell(span(report.latency.p999)), Table.Cell(fraction(report.fairness)),
        Table.Cell(percent(least)), Table.Cell("\(report.retries + report.hedges)"),
        Table.Cell("\(report.ejections)"), Table.Cell(sparkline(report)),
      ])
  }

  // MARK: Parts

  private static func summary(_ report: SimulationReport) -> Card {
    var card = Card()
    card.add("scenario", text: "\(report.scenario), seed \(report.seed), \(report.duration)")
    card.add("algorithm", text: report.algorithm)
    card.add(
      "success",
      Table.Cell(
        "\(HumanText.share(report.success)) of \(report.requests) requests", tone(report.success)))
    if !report.errors.isEmpty {
      card.add(
        "failed",
        text: report.errors.map { "\($0.count) \($0.kind)" }.joined(separator: ", "))
    }
    card.add(
      "latency",
      text: "p50 \(span(report.latency.p50)), p90 \(span(report.latency.p90)), "
        + "p99 \(span(report.latency.p99)), p99.9 \(span(report.latency.p999)), "
        + "max \(span(report.latency.most))")
    card.add(
      "retries",
      text: "\(report.retries) retries, \(report.hedges) hedges, "
        + "\(fraction(report.amplification)) tries a request")
    if report.promotions > 0 {
      card.add("promotions", text: "\(report.promotions) to another server")
    }
    card.add("fairness", text: "\(fraction(report.fairness)) (Jain; 1 is even)")
    card.add(
      "ejections",
      text: "\(report.ejections), of healthy servers \(report.falseEjections); "
        + "healthy servers found unhealthy \(report.falseAlarms)")
    return card
  }

  private static func servers(_ report: SimulationReport) -> Table {
    Table(
      columns: [
        Table.Column("SERVER"), Table.Column("WEIGHT", right: true),
        Table.Column("REQUESTS", right: true), Table.Column("SHARE", right: true),
        Table.Column("OF FAIR", right: true), Table.Column("FAILURES", right: true),
        Table.Column("EJECTED", right: true), Table.Column("MEAN", right: true),
        Table.Column("P99", right: true), Table.Column("MOST AT A TIME", right: true),
      ],
      rows: report.servers.map { server in
        Table.Row(
          name: server.name,
          cells: [
            Table.Cell(server.name), Table.Cell("\(server.weight)"),
            Table.Cell("\(server.requests)"), Table.Cell(percent(server.share)),
            Table.Cell(percent(server.ofFairShare)),
            Table.Cell("\(server.failures)", server.failures > 0 ? .warning : .plain),
            Table.Cell("\(server.ejections)"), Table.Cell(span(server.mean)),
            Table.Cell(span(server.p99)), Table.Cell("\(server.mostInflight)"),
          ])
      })
  }

  private static func faults(_ report: SimulationReport) -> Table {
    Table(
      columns: [
        Table.Column("FAULT"), Table.Column("AT", right: true),
        Table.Column("NOTICED AFTER", right: true), Table.Column("LAST REQUEST AFTER", right: true),
        Table.Column("REQUESTS", right: true), Table.Column("FAILED", right: true),
        Table.Column("CLIENTS SAW", right: true), Table.Column("SERVERS"),
      ],
      rows: report.faults.map { fault in
        Table.Row(
          name: fault.kind,
          cells: [
            Table.Cell(fault.kind), Table.Cell("\(fault.at)"),
            Table.Cell(fault.detected.map(span) ?? ""),
            Table.Cell(fault.lastRequest.map(span) ?? ""), Table.Cell("\(fault.requests)"),
            Table.Cell("\(fault.failedTries)"),
            Table.Cell("\(fault.failedRequests)", fault.failedRequests > 0 ? .warning : .good),
            Table.Cell(fault.servers.joined(separator: ", ")),
          ])
      })
  }

  private static func scaling(_ report: SimulationReport) -> Table {
    Table(
      columns: [
        Table.Column("AT", right: true), Table.Column("CLIENTS", right: true),
        Table.Column("MOVED", right: true), Table.Column("HAD TO MOVE", right: true),
        Table.Column("MOVED BEYOND", right: true),
      ],
      rows: report.scaling.map { remap in
        let beyond = Double(remap.moved - remap.hadToMove) / Double(max(1, remap.clients))
        return Table.Row(
          name: "\(remap.at)",
          cells: [
            Table.Cell("\(remap.at)"), Table.Cell("\(remap.clients)"),
            Table.Cell("\(remap.moved)"), Table.Cell("\(remap.hadToMove)"),
            Table.Cell(percent(beyond)),
          ])
      })
  }

  // MARK: Charts

  private static func charts(_ report: SimulationReport, _ console: Console) -> [String] {
    // What ends after the last arrival has no rate.
    let seconds = report.seconds.prefix(while: { $0.arrived > 0 || $0.succeeded + $0.failed > 0 })
    guard seconds.count > 1 else { return [] }
    let width = console.width ?? 100
    let success = successes(report)
    let worst = success.min() ?? 1
    let charts = [
      Chart(
        title: "success", values: success, label: percent,
        floor: worst < 1 ? max(0, worst - (1 - worst) / 4) : 0, ceiling: 1,
        tone: worst < 0.99 ? .warning : .good),
      Chart(
        title: "p99", values: seconds.map { Double($0.p99.nanoseconds) },
        label: { span(.nanoseconds(Int64($0))) }),
      Chart(
        title: "answers a second", values: seconds.map { Double($0.succeeded) },
        label: HumanText.rate),
    ]
    let rows = [2, 4, 3]
    return zip(charts, rows).flatMap { chart, rows in
      chart.lines(rows: rows, width: width, colors: console.colorsOutput)
    }
  }

  private static func successes(_ report: SimulationReport) -> [Double] {
    report.seconds.map { second in
      let ended = second.succeeded + second.failed
      return ended > 0 ? Double(second.succeeded) / Double(ended) : 1
    }
  }

  private static func sparkline(_ report: SimulationReport) -> String {
    let chart = Chart(title: "", values: successes(report), label: percent, floor: 0, ceiling: 1)
    let lines = chart.lines(rows: 1, width: 24 + Chart.axisWidth + 2, colors: false)
    return lines.last.map { String($0.drop { $0 != "▏" }.dropFirst()) } ?? ""
  }

  // MARK: Words

  private static func span(_ span: TimeSpan) -> String { HumanText.duration(seconds: span.seconds) }

  private static func percent(_ share: Double) -> String {
    "\((share * 1_000).rounded() / 10)%"
  }

  private static func fraction(_ value: Double) -> String {
    "\((value * 1_000).rounded() / 1_000)"
  }

  private static func tone(_ success: Double) -> Tone {
    success >= 0.999 ? .good : success >= 0.99 ? .warning : .bad
  }
}
