public import Primitives

/// Faults of a time as one document: the figures of each month, and a line a root cause.
public enum FaultReport {
  public static func text(
    _ faults: [FaultRecord], months: [FaultMonth], now: WallTime
  ) -> String {
    [
      "# Faults\n\nAs of \(MarkdownText.moment(now)).", figures(months), list(faults, now: now),
    ].joined(separator: "\n\n") + "\n"
  }

  private static func figures(_ months: [FaultMonth]) -> String {
    let rows = months.map { month in
      MarkdownText.row([
        month.month, MarkdownText.plain(month.service), "\(month.faults)",
        month.mtbf.map(MarkdownText.span) ?? "", month.mttr.map(MarkdownText.span) ?? "",
        month.mtta.map(MarkdownText.span) ?? "", MarkdownText.percent(month.availability),
        MarkdownText.percent(month.objective), MarkdownText.span(month.budgetSpent),
        MarkdownText.percent(month.budgetLeft),
      ])
    }
    return """
      ## Figures

      | month | service | faults | MTBF | MTTR | MTTA | availability | objective | down | budget left |
      |---|---|---|---|---|---|---|---|---|---|
      \(rows.joined(separator: "\n"))
      """
  }

  private static func list(_ faults: [FaultRecord], now: WallTime) -> String {
    let rows = faults.map { fault in
      MarkdownText.row([
        "\(fault.id)", MarkdownText.moment(fault.began), fault.type.rawValue,
        MarkdownText.plain(
          [fault.service, fault.server ?? fault.subject ?? ""].filter { !$0.isEmpty }
            .joined(separator: "/")),
        MarkdownText.span(fault.duration ?? max(0, (now - fault.began).seconds)),
        fault.state.rawValue, "\(fault.beneath?.count ?? 0)", MarkdownText.plain(fault.cause),
      ])
    }
    return """
      ## Faults

      | fault | began | type | where | lasted | state | beneath | cause |
      |---|---|---|---|---|---|---|---|
      \(rows.joined(separator: "\n"))
      """
  }
}
