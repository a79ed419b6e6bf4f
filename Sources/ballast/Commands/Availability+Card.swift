internal import AdminAPI
internal import Faults

extension Card {
  static func availability(_ report: AvailabilityReport) -> Card {
    var card = Card()
    let count = report.predicted.servers
    card.add("Service", text: report.service)
    card.add("Works with", text: "\(report.needed) of \(count) servers (\(source(report)))")
    card.add("Watched", text: "\(HumanText.duration(seconds: report.watched)) for each server")
    let server = report.server
    card.add(
      "A server fails",
      text: server.mtbfIsBound
        ? "less often than every \(HumanText.duration(seconds: server.mtbf)) (95 %); no fault was seen"
        : "every \(HumanText.duration(seconds: server.mtbf)) (\(server.faults) \(server.faults == 1 ? "fault" : "faults"))"
    )
    card.add(
      "and is back",
      text: "after \(HumanText.duration(seconds: server.mttr))"
        + (server.mttrIsAssumed ? " (assumed)" : ""))
    let cause = report.commonCause
    card.add(
      "Common cause",
      text:
        "\(HumanText.share(cause.beta)) of the faults (seen together: \(cause.together) of \(cause.faults))"
    )
    card.add("Measured", text: text(report.measured))
    for (index, remark) in report.remarks.enumerated() {
      card.add(index == 0 ? "Note" : "", Table.Cell(remark, .warning))
    }
    card.add(section: "Predicted", forecasts(report))
    card.add(section: "Servers", servers(report))
    return card
  }

  private static func source(_ report: AvailabilityReport) -> String {
    switch report.neededFrom {
    case .usual: "the default; --need K says otherwise"
    case .load: "what the last ten minutes' peak of requests takes"
    case .asked: "as asked"
    }
  }

  private static func text(_ measured: AvailabilityReport.Measured) -> String {
    let times = measured.faults == 1 ? "once" : "\(measured.faults) times"
    return measured.faults == 0
      ? "100%, never down"
      : "\(share(measured.unavailability)), \(minutes(measured.minutesDownAMonth)) down a month, down \(times)"
  }

  private static func forecasts(_ report: AvailabilityReport) -> Table {
    var rows: [(String, AvailabilityForecast)] = [
      ("as it is", report.predicted), ("at least (95 %)", report.atLeast),
      ("one server more", report.oneMore),
    ]
    if let fewer = report.oneFewer { rows.append(("one server fewer", fewer)) }
    rows.append(("repairs in half the time", report.halfRepair))
    var table = Table(
      columns: [
        .init("WITH"), .init("SERVERS", right: true), .init("AVAILABLE", right: true),
        .init("DOWN A MONTH", right: true), .init("CHANGE", right: true),
      ], rows: [])
    for (index, (name, forecast)) in rows.enumerated() {
      let change = forecast.minutesDownAMonth - report.predicted.minutesDownAMonth
      table.rows.append(
        Table.Row(
          name: name,
          cells: [
            .init(name, index == 0 ? .strong : .plain),
            .init("\(forecast.needed) of \(forecast.servers)"),
            .init(share(forecast.unavailability)), .init(minutes(forecast.minutesDownAMonth)),
            .init(
              index == 0 ? "" : (change < 0 ? "-" : "+") + minutes(abs(change)),
              change > 0 ? .bad : .good),
          ]))
    }
    if report.floorMinutesDownAMonth > 0 {
      table.rows.append(
        Table.Row(
          name: "floor",
          cells: [
            .init("any number of servers", .faint), "", "",
            .init(minutes(report.floorMinutesDownAMonth), .faint), "",
          ]))
    }
    return table
  }

  private static func servers(_ report: AvailabilityReport) -> Table {
    Table(
      columns: [
        .init("SERVER"), .init("FAULTS", right: true), .init("MTBF", right: true),
        .init("MTTR", right: true), .init("AVAILABLE", right: true),
      ],
      rows: report.servers.map { server in
        Table.Row(
          name: server.name,
          cells: [
            .init(server.name), .init("\(server.faults)"),
            .init(server.mtbf.map { HumanText.duration(seconds: $0) } ?? ""),
            .init(server.mttr.map { HumanText.duration(seconds: $0) } ?? ""),
            .init(share(1 - server.availability)),
          ])
      })
  }

  /// With two digits behind the nines: `99.9987%`.
  private static func share(_ unavailability: Double) -> String {
    guard unavailability > 0, unavailability < 1 else { return unavailability > 0 ? "0%" : "100%" }
    var (places, rest) = (10.0, unavailability * 100)
    while rest < 1, places < 1e10 {
      rest *= 10
      places *= 10
    }
    return "\(((100 - unavailability * 100) * places).rounded(.down) / places)%"
  }

  private static func minutes(_ minutes: Double) -> String {
    minutes <= 0 ? "0s" : minutes < 1e-5 ? "<1ms" : HumanText.duration(seconds: minutes * 60)
  }
}
