internal import AdminAPI
internal import Primitives

extension Table {
  static func alerts(_ alerts: [AlertStatus], now: WallTime) -> Table {
    Table(
      columns: [
        Column("ID"), Column("SEVERITY"), Column("ALERT"), Column("WHERE"), Column("STATE"),
        Column("AGE", right: true, restless: true), Column("SUMMARY"),
      ],
      rows: alerts.map { alert in
        Row(
          name: alert.id,
          cells: [
            Cell(alert.id), Cell(alert.severity, alert.tone), Cell(alert.name),
            Cell(alert.place), Cell(alert.standing),
            Cell(HumanText.age(alert.fired ?? alert.since, now: now)), Cell(alert.summary),
          ])
      })
  }

  static func alertLog(_ lines: [AlertLogLine]) -> Table {
    Table(
      columns: [
        Column("TIME"), Column("WHAT"), Column("CHANNEL"), Column("GROUP", wide: true),
        Column("ALERT", wide: true), Column("TEXT"),
      ],
      rows: lines.map { line in
        Row(
          name: "\(line.at)",
          cells: [
            Cell(HumanText.moment(line.at)), Cell(line.kind, line.kind == "failed" ? .bad : .plain),
            Cell(line.channel ?? ""), Cell(line.group ?? ""), Cell(line.alert ?? ""),
            Cell(line.message),
          ])
      })
  }

  static func alertChannels(_ channels: [AlertChannelStatus], now: WallTime) -> Table {
    Table(
      columns: [
        Column("CHANNEL"), Column("KIND"), Column("DELIVERED", right: true),
        Column("FAILED", right: true), Column("PENDING", right: true),
        Column("LAST", right: true, restless: true), Column("PROBLEM"),
      ],
      rows: channels.map { channel in
        Row(
          name: channel.name,
          cells: [
            Cell(channel.name), Cell(channel.kind), Cell("\(channel.delivered)"),
            Cell("\(channel.failed)"), Cell("\(channel.pending)"),
            Cell(channel.lastDelivery.map { HumanText.age($0, now: now) } ?? ""),
            Cell(channel.lastError ?? "", channel.lastError == nil ? .plain : .bad),
          ])
      })
  }

  static func silences(_ silences: [SilenceStatus]) -> Table {
    Table(
      columns: [
        Column("ID"), Column("MATCHES"), Column("BY"), Column("UNTIL"), Column("COMMENT"),
      ],
      rows: silences.map { silence in
        let labels = silence.match.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return Row(
          name: silence.id,
          cells: [
            Cell(silence.id), Cell(labels.joined(separator: " ")), Cell(silence.author),
            Cell(HumanText.moment(silence.ends)), Cell(silence.comment),
          ])
      })
  }
}

extension Card {
  static func alert(_ detail: AlertDetail, now: WallTime) -> Card {
    let alert = detail.alert
    var card = Card()
    card.add("Alert", text: alert.name)
    card.add("ID", text: alert.id)
    card.add("Severity", Table.Cell(alert.severity, alert.tone))
    card.add("Where", text: alert.place)
    card.add("State", text: alert.standing)
    card.add("Summary", text: alert.summary)
    card.add("Since", text: HumanText.moment(alert.since))
    card.add("Fired", text: alert.fired.map(HumanText.moment))
    card.add("Over", text: alert.resolved.map(HumanText.moment))
    if let author = alert.acknowledgedBy {
      let comment = alert.acknowledgement ?? ""
      card.add("Acknowledged", text: author + (comment.isEmpty ? "" : ": \(comment)"))
    }
    let labels = alert.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    card.add("Labels", text: labels.joined(separator: " "))
    card.add(section: "Log", .alertLog(detail.log))
    return card
  }
}

extension AlertStatus {
  fileprivate var tone: Tone {
    switch severity {
    case "critical": .bad
    case "warning": .warning
    default: .plain
    }
  }

  fileprivate var place: String {
    [service, server].compactMap(\.self).joined(separator: "/")
  }

  /// Its state, and why nobody is told.
  fileprivate var standing: String {
    var words = [state]
    if silenced { words.append("silenced") }
    if inhibited { words.append("inhibited") }
    if acknowledgedBy != nil { words.append("acknowledged") }
    return words.joined(separator: ", ")
  }
}
