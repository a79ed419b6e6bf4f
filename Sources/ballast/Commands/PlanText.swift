internal import AdminAPI

/// A plan for people: differences, services with their figures, risks.
struct PlanText {
  /// Of a value, in characters; the JSON has more of it.
  private static let longestValue = 60

  private let plan: ChangePlan

  init(_ plan: ChangePlan) { self.plan = plan }

  func lines(colors: Bool, width: Int?) -> [String] {
    guard !plan.isEmpty else { return ["no differences"] }
    var text = Narrative()
    let counts = ["added", "changed", "removed"].compactMap { change -> String? in
      let count = plan.differences.count { $0.change == change }
      return count > 0 ? "\(count) \(change)" : nil
    }
    let total = plan.differences.count
    let difference = total == 1 ? "1 difference" : "\(total) differences"
    text.add(0, "\(difference): \(counts.joined(separator: ", "))", tone: .strong)
    var lines = text.lines(colors: colors, width: width)
    lines += plan.differences.map { line($0, colors) }
    lines += plan.listeners.map { line($0, colors) }
    if !plan.services.isEmpty {
      lines += [""] + services.lines(wide: false, colors: colors, width: width)
    }
    if !plan.risks.isEmpty { lines.append("") }
    lines += plan.risks.map { line($0, colors) }
    lines += plan.warnings.map {
      Tone.warning.paint("warning: ", colors) + HumanText.printable($0)
    }
    return lines
  }

  // MARK: Differences

  private func line(_ difference: ChangePlan.Difference, _ colors: Bool) -> String {
    let (mark, tone): (String, Tone) =
      switch difference.change {
      case "added": ("+", .good)
      case "removed": ("-", .bad)
      default: ("~", .warning)
      }
    let key = difference.key
    let name =
      difference.kind == "setting" ? difference.path : "\(difference.kind) \(difference.name)"
    var line = "\(mark) \(name)"
    if difference.kind != "setting", !key.isEmpty { line += " \(key)" }
    return tone.paint(HumanText.printable(line), colors) + HumanText.printable(values(difference))
  }

  private func values(_ difference: ChangePlan.Difference) -> String {
    let isWhole = difference.key.isEmpty
    switch (difference.old, difference.new) {
    case (let old?, let new?): return ": \(cut(old)) → \(cut(new))"
    case (nil, let new?):
      if isWhole { return ": \(cut(new))" }
      return ": \(difference.standard.map { "\($0) (default)" } ?? "not set") → \(cut(new))"
    case (let old?, nil):
      if isWhole { return ": \(cut(old))" }
      return ": \(cut(old)) → \(difference.standard.map { "\($0) (default)" } ?? "not set")"
    case (nil, nil): return ""
    }
  }

  private func cut(_ text: String) -> String {
    text.count > Self.longestValue ? text.prefix(Self.longestValue - 1) + "…" : text
  }

  private func line(_ listener: ChangePlan.Listener, _ colors: Bool) -> String {
    let tone: Tone = listener.change == "opens" ? .good : .warning
    return tone.paint("\(listener.change): ", colors)
      + HumanText.printable("\(listener.address), listener \(listener.name)")
  }

  // MARK: Services

  private var services: Table {
    Table(
      columns: [
        Table.Column("SERVICE"), Table.Column("READY", right: true),
        Table.Column("FEWEST", right: true), Table.Column("AFTER", right: true),
        Table.Column("THEY TAKE", right: true), Table.Column("LOAD", right: true),
        Table.Column("KEYS MOVED", right: true), Table.Column("ROLLOUT"),
      ],
      rows: plan.services.map { service in
        Table.Row(
          name: service.name,
          cells: [
            Table.Cell(service.name), "\(service.ready.now)",
            Table.Cell("\(service.ready.lowest)", tone(service.capacity.verdict)),
            "\(service.ready.after)", Table.Cell(takes(service.capacity)),
            Table.Cell(load(service)),
            Table.Cell(service.remappedKeys.map(Self.percent) ?? ""),
            Table.Cell(service.rollout ?? ""),
          ])
      })
  }

  private func tone(_ verdict: ServicePlan.Capacity.Verdict) -> Tone {
    switch verdict {
    case .idle, .unknown: .plain
    case .enough: .good
    case .unproven: .warning
    case .short: .bad
    }
  }

  private func takes(_ capacity: ServicePlan.Capacity) -> String {
    guard let lowest = capacity.lowest else { return "unknown" }
    let sign = capacity.basis == "measured-peak" ? "≥ " : ""
    return "\(sign)\(HumanText.rate(lowest)) \(capacity.unit)"
  }

  private func load(_ service: ServicePlan) -> String {
    service.capacity.unit == "requests"
      ? "\(service.inflight) requests" : "\(HumanText.rate(service.requestsPerSecond)) requests/s"
  }

  private static func percent(_ share: Double) -> String { "\((share * 1_000).rounded() / 10)%" }

  // MARK: Risks

  private func line(_ risk: ChangePlan.Risk, _ colors: Bool) -> String {
    let (word, tone): (String, Tone) =
      switch risk.severity {
      case .info: ("note", .faint)
      case .warning: ("risk", .warning)
      case .danger: ("danger", .bad)
      }
    let service = risk.service.map { "\($0): " } ?? ""
    return tone.paint("\(word): ", colors) + HumanText.printable(service + risk.message)
  }
}

extension ChangePlan.Difference {
  /// The path within what the name says: `weight` of `services.shop.servers.0.weight`.
  fileprivate var key: String {
    let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let before: Int
    switch kind {
    case "server": before = 3 + dots(name.prefix { $0 != "/" }) + 1
    case "service", "listener": before = 2 + dots(name[...])
    case "route": before = 2
    default: before = 1
    }
    return parts.dropFirst(before).joined(separator: ".")
  }

  private func dots(_ name: Substring) -> Int { name.count { $0 == "." } }
}
