internal import AdminAPI
internal import Faults
internal import Primitives

/// The screen of `top`: what is shown, in which order, and how it fits.
struct TopView: Equatable {
  enum Order: String, CaseIterable {
    /// What is wrong first, then by requests.
    case state, name, requests, errors, p99, inflight

    /// The key that chooses it.
    var key: Character {
      switch self {
      case .state: "s"
      case .name: "n"
      case .requests: "r"
      case .errors: "e"
      case .p99: "l"
      case .inflight: "i"
      }
    }
  }

  enum Action: Equatable { case stay, repaint, quit }

  var order = Order.state
  var isReversed = false
  var isPaused = false
  /// Services above the screen's first.
  var offset = 0
  /// What went wrong with the last look.
  var problem: String?

  // MARK: Keys

  /// - Parameter services: how many there are.
  mutating func handle(_ key: TerminalKey, services: Int) -> Action {
    switch key {
    case .character("q"), .character("Q"), .interrupt: return .quit
    case .character("p"), .character(" "): isPaused.toggle()
    case .up, .character("k"): offset = max(0, offset - 1)
    case .down, .character("j"): offset = min(max(0, services - 1), offset + 1)
    case .character(let character):
      guard let chosen = Order.allCases.first(where: { $0.key == character }) else { return .stay }
      isReversed = chosen == order ? !isReversed : false
      order = chosen
      offset = 0
    }
    return .repaint
  }

  func sorted(_ services: [ServiceStatus]) -> [ServiceStatus] {
    let sorted = services.sorted { one, other in
      switch order {
      case .name: break
      case .state:
        if one.urgency != other.urgency { return one.urgency > other.urgency }
        if one.requestsPerSecond != other.requestsPerSecond {
          return one.requestsPerSecond > other.requestsPerSecond
        }
      case .requests:
        if one.requestsPerSecond != other.requestsPerSecond {
          return one.requestsPerSecond > other.requestsPerSecond
        }
      case .errors:
        if one.failuresPerSecond != other.failuresPerSecond {
          return one.failuresPerSecond > other.failuresPerSecond
        }
      case .p99:
        if one.p99 != other.p99 { return one.p99 ?? -1 > other.p99 ?? -1 }
      case .inflight: if one.inflight != other.inflight { return one.inflight > other.inflight }
      }
      return one.name < other.name
    }
    return isReversed ? sorted.reversed() : sorted
  }

  // MARK: Lines

  /// - Parameters:
  ///   - width: columns; nil is as many as are needed.
  ///   - height: lines; nil is as many as are needed, without the line of keys.
  func lines(
    _ snapshot: TopSnapshot, width: Int?, height: Int?, colors: Bool
  ) -> [String] {
    var lines = [title(snapshot), totals(snapshot)]
    if let problem { lines.append(TopLine([.init(problem, .bad)])) }
    lines.append(TopLine([]))
    let services = sorted(snapshot.services)
    let table = TopTable(services, order: order, width: width)
    let notes = notes(snapshot)
    var body = table.rows
    if let height {
      // The title of the table, the line of keys, and what is wrong come first.
      let room = max(1, height - lines.count - 2 - min(notes.count, max(0, height / 3)))
      let start = min(offset, max(0, body.count - 1))
      let hidden = body.count - start - room
      body = Array(body[start...].prefix(hidden > 0 ? room - 1 : room))
      if hidden > 0 { body.append(TopLine([.init("… \(hidden + 1) more", .faint)])) }
    }
    lines += [table.head] + body
    if let height {
      lines += notes.prefix(max(0, height - lines.count - 1))
      while lines.count < height - 1 { lines.append(TopLine([])) }
      lines = Array(lines.prefix(max(0, height - 1))) + [keys]
    } else {
      lines += notes
    }
    return lines.map { $0.text(width: width, colors: colors) }
  }

  private func title(_ snapshot: TopSnapshot) -> TopLine {
    let status = snapshot.status
    let words =
      "Ballast \(status.version)   pid \(status.pid)   up "
      + "\(HumanText.age(status.startedAt, now: snapshot.at))   \(status.workers) workers   "
      + HumanText.moment(snapshot.at)
    var cells = [Table.Cell(words, .strong)]
    if isPaused { cells.append(Table.Cell("   paused", .warning)) }
    if status.storeProblem != nil { cells.append(Table.Cell("   state in memory only", .bad)) }
    return TopLine(cells)
  }

  private func totals(_ snapshot: TopSnapshot) -> TopLine {
    let services = snapshot.services
    let rate = services.reduce(0) { $0 + $1.requestsPerSecond }
    let failing = services.reduce(0) { $0 + $1.failuresPerSecond }
    let inflight = services.reduce(0) { $0 + $1.inflight }
    var cells = [
      Table.Cell("\(HumanText.rate(rate)) requests/s   "),
      Table.Cell(
        "\(HumanText.rate(failing)) errors/s (\(Self.share(failing, of: rate)))",
        failing > 0 ? .bad : .good), Table.Cell("   \(inflight) in flight   "),
      Table.Cell(Self.states(services), services.contains { $0.urgency > 0 } ? .bad : .good),
    ]
    let counts = services.compactMap(\.replicas)
    if !counts.isEmpty {
      let (ready, desired) = counts.reduce((0, 0)) { ($0.0 + $1.ready, $0.1 + $1.desired) }
      cells.append(
        Table.Cell("   replicas \(ready)/\(desired)", ready < desired ? .warning : .plain))
    }
    let faults = snapshot.faults.count
    cells.append(
      Table.Cell("   \(faults == 1 ? "1 fault" : "\(faults) faults")", faults > 0 ? .bad : .good))
    if let alerts = snapshot.alerts {
      cells.append(
        Table.Cell(
          "   \(Self.count(of: alerts))", alerts.isEmpty ? .good : .bad))
    }
    return TopLine(cells)
  }

  private static func states(_ services: [ServiceStatus]) -> String {
    let counts = [ServiceStatus.State.up, .degraded, .down, .asleep].map { state in
      (state.rawValue, services.count { $0.state == state })
    }
    let words = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
    return words.isEmpty ? "no services" : words.joined(separator: ", ")
  }

  private static func count(of alerts: [TopSnapshot.Alert]) -> String {
    if alerts.count >= TopSnapshot.mostAlerts { return "\(alerts.count) alerts or more" }
    return alerts.count == 1 ? "1 alert" : "\(alerts.count) alerts"
  }

  static func share(_ part: Double, of whole: Double) -> String {
    guard part > 0, whole > 0 else { return "0%" }
    let percent = min(100, part / whole * 100)
    return percent < 0.01 ? "<0.01%" : "\((percent * 100).rounded() / 100)%"
  }

  /// Open faults and alerts that fire, a line each.
  private func notes(_ snapshot: TopSnapshot) -> [TopLine] {
    var lines: [TopLine] = []
    for fault in snapshot.faults {
      let place = fault.server.map { "\(fault.service)/\($0)" } ?? fault.service
      lines.append(
        TopLine([
          .init("fault \(fault.id)  \(fault.type.rawValue)", .bad),
          .init(
            "  \(place.isEmpty ? "(ballast)" : place)  "
              + "for \(HumanText.age(fault.began, now: snapshot.at))  \(fault.cause)"),
        ]))
    }
    for alert in snapshot.alerts ?? [] {
      let since = alert.since.map { "  for \(HumanText.age($0, now: snapshot.at))" } ?? ""
      lines.append(
        TopLine([
          .init(
            "alert  \(alert.name)  \(alert.severity)",
            alert.severity == "critical" ? .bad : .warning), .init("\(since)  \(alert.summary)"),
        ]))
    }
    return lines.isEmpty ? [] : [TopLine([])] + lines
  }

  private var keys: TopLine {
    let words = Order.allCases.map { "\($0.key) \($0.rawValue)" }
    return TopLine([
      .init("q quit   sort: \(words.joined(separator: " · "))   ↑↓ scroll   p pause", .faint)
    ])
  }
}

extension ServiceStatus {
  /// What is wrong stands first.
  fileprivate var urgency: Int {
    switch state {
    case .down: 2
    case .degraded: 1
    case .up, .asleep: 0
    }
  }
}
