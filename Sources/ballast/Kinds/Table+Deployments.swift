internal import AdminAPI
internal import Primitives

extension Table {
  static func deployments(_ deployments: [DeploymentStatus], now: WallTime) -> Table {
    Table(
      columns: [
        Column("NUMBER", right: true), Column("SERVICE"), Column("VERSION"), Column("KIND"),
        Column("STRATEGY"), Column("STATE"), Column("AGE", right: true, restless: true),
        Column("TOOK", right: true, restless: true), Column("BY", wide: true),
        Column("REVISION", wide: true), Column("REASON"),
      ],
      rows: deployments.map { one in
        Row(
          name: "\(one.number)", aliases: [one.service],
          cells: [
            Cell("\(one.number)"), Cell(one.service), Cell(one.version ?? "-"), Cell(one.kind),
            Cell(one.strategy), one.stateCell, Cell(HumanText.age(one.began, now: now)),
            Cell(one.took(now: now)), Cell(one.by), Cell(one.revision), Cell(one.reason ?? ""),
          ])
      })
  }
}

extension DeploymentStatus {
  var stateCell: Table.Cell {
    switch state {
    case "succeeded": Table.Cell(state, .good)
    case "rolled-back", "failed": Table.Cell(state, .bad)
    case "paused", "rolling-back": Table.Cell(state, .warning)
    default: Table.Cell(state)
    }
  }

  func took(now: WallTime) -> String {
    HumanText.duration(seconds: max(0, ((ended ?? now) - began).seconds))
  }
}

extension Card {
  static func deployment(_ one: DeploymentStatus, now: WallTime) -> Card {
    var card = Card()
    card.add("Deployment", text: "\(one.number)")
    card.add("Service", text: one.service)
    card.add("State", one.stateCell)
    card.add("Reason", text: one.reason)
    card.add("Version", text: one.version)
    card.add("Revision", text: one.revision)
    if let former = one.former {
      card.add("In place of", text: one.formerVersion.map { "version \($0) (\(former))" } ?? former)
    }
    card.add("Kind", text: one.kind)
    card.add("Strategy", text: one.strategy)
    card.add("Asked by", text: one.by)
    card.add("Began", text: HumanText.moment(one.began))
    card.add(one.ended == nil ? "Lasts" : "Took", text: one.took(now: now))
    if one.ended == nil { card.add("Progress", text: one.progressLine) }
    for (index, line) in one.lines.enumerated() {
      card.add(index == 0 ? "Last lines" : "", text: line)
    }
    return card
  }
}
