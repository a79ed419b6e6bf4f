internal import AdminAPI
internal import Primitives

extension Table {
  /// The newest last.
  static func scaleDecisions(_ decisions: [ScaleStatus.Decision], now: WallTime) -> Table {
    Table(
      columns: [
        Column("AGE", right: true, restless: true), Column("FROM", right: true),
        Column("TO", right: true), Column("REASON"), Column("LOOKS", right: true, restless: true),
        Column("WHY"),
      ],
      rows: decisions.suffix(shownDecisions).map { decision in
        Row(
          name: "\(decision.at)",
          cells: [
            Cell(HumanText.age(decision.until, now: now)), Cell("\(decision.from)"),
            Cell("\(decision.to)"), Cell(decision.reason), Cell("\(decision.times)"),
            Cell(decision.message),
          ])
      })
  }

  private static let shownDecisions = 10
}

extension Card {
  mutating func add(_ scale: ScaleStatus, now: WallTime) {
    let bounds = "\(scale.desired) wanted, \(scale.min) to \(scale.max)"
    add(
      "Autoscaling",
      Table.Cell(
        scale.saturated ? "\(bounds); more would be needed" : bounds,
        scale.saturated ? .warning : .plain))
    if let ordered = scale.ordered, let until = scale.orderedUntil {
      let left = HumanText.duration(seconds: max(0, (until - now).seconds))
      add("Ordered", text: "\(ordered) by an operator, for another \(left)")
    }
    for signal in scale.signals { add("Signal", text: signal.line) }
  }
}

extension ScaleStatus.Signal {
  /// `cpu 45 %, target 60 %: 3 replicas`.
  fileprivate var line: String {
    let now = measured.map(text) ?? "not measured"
    let asks = wanted.map { ": \($0) replica\($0 == 1 ? "" : "s")" } ?? ""
    return "\(signal) \(now), target \(text(target))\(asks)"
  }

  private func text(_ value: Double) -> String {
    switch signal {
    case "cpu", "memory": "\(Int((min(max(value, 0), 1e6) * 100).rounded())) %"
    case "p95": HumanText.duration(seconds: value)
    default: HumanText.rate(value)
    }
  }
}

extension TuneStatus {
  /// `by latency, 50 to 200 % of the weights; even`.
  fileprivate var words: String { "by \(by), \(least) to \(most) % of the weights" }

  var line: String { on ? words + (even ? "; even" : "; finding them") : "off; \(words)" }
}
