import Primitives

/// The life of a record: opened, acted on, resolved.
extension FaultLedger {
  /// Says false when the table is full; the event of the sign stands for it then.
  @discardableResult
  mutating func begin(
    _ subject: Subject, _ type: FaultRecord.Kind, cause: String, began: WallTime, now: WallTime,
    actions: [String] = [], loops: Bool = false, _ output: inout Output
  ) -> Bool {
    guard open.count < Self.openLimit else {
      note(
        "fault-not-recorded", .warning, service: nil,
        "\(Self.openLimit) faults are open, so another is not recorded: \(cause)", now: now, &output
      )
      return false
    }
    var (service, server): (String, String?) = ("", nil)
    switch subject {
    case .server(let name): (service, server) = (name.service, name.server)
    case .service(let name): service = name
    case .store, .backup: break
    }
    let record = FaultRecord(
      id: nextFaultID(), type: type, service: service, server: server, began: min(began, now),
      detected: now, cause: told(cause, subject), actions: actions.map(Self.bounded))
    open[subject] = OpenFault(record: record, loops: loops)
    output.saves.append(record)
    return true
  }

  /// A cause, and the drill that it comes from.
  func told(_ cause: String, _ subject: Subject) -> String {
    let drill: String? =
      switch subject {
      case .server(let name): drills[name]
      case .service(let name): drills.first { $0.key.service == name }?.value
      case .store, .backup: nil
      }
    return Self.bounded(drill.map { "\($0): \(cause)" } ?? cause)
  }

  /// Adds to the open fault of the subject, if there is one.
  mutating func act(_ subject: Subject, _ action: String, _ output: inout Output) {
    change(subject, &output) { Self.append(action, to: &$0.record) }
  }

  mutating func change(
    _ subject: Subject, _ output: inout Output, _ body: (inout OpenFault) -> Void
  ) {
    guard var fault = open[subject] else { return }
    let before = fault.record
    body(&fault)
    open[subject] = fault
    if fault.record != before { output.saves.append(fault.record) }
  }

  mutating func resolve(
    _ subject: Subject, action: String? = nil, now: WallTime, _ output: inout Output
  ) {
    guard var record = open.removeValue(forKey: subject)?.record else { return }
    if let action { Self.append(action, to: &record) }
    finish(&record, now: now)
    output.saves.append(record)
    let length = TimeSpan.milliseconds(max(0, (now - record.began).milliseconds))
    note(
      "fault-resolved", .info, service: record.service.isEmpty ? nil : record.service,
      server: record.server, "fault \(record.id) is over after \(length): \(record.cause)",
      now: now, &output)
  }

  mutating func finish(_ record: inout FaultRecord, now: WallTime) {
    record.resolved = now
    // The wall clock may have been set back meanwhile.
    record.duration = max(0, (now - record.began).seconds)
    kept.append(record)
    if kept.count > Self.keptLimit { kept.removeFirst(kept.count - Self.keptLimit) }
  }

  static func append(_ action: String, to record: inout FaultRecord) {
    let action = bounded(action)
    guard record.actions.last != action else { return }
    record.actions.append(action)
    guard record.actions.count > actionsLimit else { return }
    // The first actions tell how it began, the last ones how it stands.
    record.actions.remove(at: actionsLimit / 5)
    record.actions[actionsLimit / 5 - 1] = "… (more of the same)"
  }

  /// Two open records of one subject can only come from a store that an engine left in the middle
  /// of its work: the newest counts.
  mutating func restore(_ records: [FaultRecord], now: WallTime, _ output: inout Output) {
    for record in records.sorted(by: { $0.id < $1.id }) where record.resolved == nil {
      let subject: Subject
      switch (record.type, record.server) {
      case (.storeDamaged, _): subject = .store
      case (.backupFailed, _): subject = .backup
      case (.engineCrashed, _), (.serviceDown, _), (_, nil): subject = .service(record.service)
      case (_, let server?):
        subject = .server(ServerName(service: record.service, server: server))
      }
      if open[subject] != nil {
        resolve(subject, action: "followed by fault \(record.id)", now: now, &output)
      }
      open[subject] = OpenFault(record: record)
    }
  }

  mutating func resolved(id: Int64, cause: String, now: WallTime, _ output: inout Output) {
    guard let (subject, _) = open.first(where: { $0.value.record.id == id }) else {
      guard let place = kept.firstIndex(where: { $0.id == id }) else { return }
      Self.rename(&kept[place], cause)
      output.saves.append(kept[place])
      return
    }
    if var fault = open[subject] {
      Self.rename(&fault.record, cause)
      open[subject] = fault
    }
    resolve(subject, action: "resolved by a person", now: now, &output)
  }

  /// A person's word takes the place of what was noted before, which stays among the actions.
  private static func rename(_ record: inout FaultRecord, _ cause: String) {
    let cause = bounded(cause)
    guard record.cause != cause else { return }
    append("cause before: \(record.cause)", to: &record)
    record.cause = cause
  }

  mutating func topologyChanged(
    _ servers: [String: Set<String>], now: WallTime, _ output: inout Output
  ) {
    let gone = open.keys.filter { subject in
      switch subject {
      case .server(let name): servers[name.service]?.contains(name.server) != true
      case .service(let name): !name.isEmpty && servers[name] == nil
      case .store, .backup: false
      }
    }
    let inOrder = gone.sorted { (open[$0]?.record.id ?? 0) < (open[$1]?.record.id ?? 0) }
    for subject in inOrder {
      resolve(subject, action: "no longer part of the configuration", now: now, &output)
    }
    stopping = stopping.filter { servers[$0.service]?.contains($0.server) == true }
  }
}
