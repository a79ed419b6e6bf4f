import Primitives

/// The life of a record: opened, acted on, resolved.
extension FaultLedger {
  /// Says false when the table is full; the event of the sign stands for it then.
  @discardableResult
  mutating func begin(
    _ subject: Subject, _ type: FaultRecord.Kind, cause: String, began: WallTime, now: WallTime,
    actions: [String] = [], signs: Signs = [], parent: Int64? = nil, _ output: inout Output
  ) -> Bool {
    guard open.count < Self.openLimit else {
      note(
        "fault-not-recorded", .warning, service: nil,
        "\(Self.openLimit) faults are open, so another is not recorded: \(cause)", now: now, &output
      )
      return false
    }
    let about = Self.about(subject)
    let record = FaultRecord(
      id: nextFaultID(), type: type, service: about.service, server: about.server,
      subject: about.subject, parent: parent, began: min(began, now), detected: now,
      cause: told(cause, subject), actions: actions.map(FaultRecord.bounded),
      actionTimes: actions.map { _ in now })
    open[subject] = OpenFault(record: record, signs: signs, since: now)
    subjects[record.id] = subject
    if let parent { beneath[parent, default: []].insert(subject) }
    output.saves.append(record)
    return true
  }

  static func about(_ subject: Subject) -> (service: String, server: String?, subject: String?) {
    switch subject {
    case .server(let name): (name.service, name.server, nil)
    case .machine(let address): ("", nil, address)
    case .service(let name), .servers(let name), .deployment(let name), .saturation(let name):
      (name, nil, nil)
    case .objective(let service, let name): (service, nil, name)
    case .certificate(let file): ("", nil, file)
    case .store, .backup: ("", nil, nil)
    }
  }

  /// A cause, and the drill that it comes from.
  func told(_ cause: String, _ subject: Subject) -> String {
    let drill: String? =
      switch subject {
      case .server(let name): drills[name]
      case .service(let name), .servers(let name):
        drills.first { $0.key.service == name }?.value
      default: nil
      }
    return FaultRecord.bounded(drill.map { "\($0): \(cause)" } ?? cause)
  }

  /// Adds to the open fault of the subject, if there is one.
  mutating func act(_ subject: Subject, _ action: String, now: WallTime, _ output: inout Output) {
    change(subject, &output) { $0.record.append(action, now: now) }
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

  /// The cause of a machine's word never takes the place of a person's.
  static func infer(_ cause: String, for record: inout FaultRecord, now: WallTime) {
    guard record.inferredCause == nil else { return record.append(cause, now: now) }
    record.cause = FaultRecord.bounded(cause)
  }

  // MARK: Its end

  /// It is over.
  /// - Parameters:
  ///   - since: when its cause went.
  ///   - person: who says so; what hangs beneath is over with it then.
  mutating func resolve(
    _ subject: Subject, action: String? = nil, since: WallTime? = nil, by person: String? = nil,
    isPersonal: Bool = false, now: WallTime, _ output: inout Output
  ) {
    guard var record = open.removeValue(forKey: subject)?.record else { return }
    subjects[record.id] = nil
    if let action { record.append(action, now: now) }
    record.resolvedBy = person.map { String($0.prefix(FaultRecord.nameLimit)) }
    finish(&record, since: since ?? record.recovered ?? now, now: now)
    output.saves.append(record)
    if record.parent == nil || record.type.isOutage {
      let length = TimeSpan.milliseconds(Int64((record.duration ?? 0) * 1_000))
      note(
        "fault-resolved", .info, service: record.service.isEmpty ? nil : record.service,
        server: record.server, "fault \(record.id) is over after \(length): \(record.cause)",
        now: now, &output)
    }
    for subject in inOrder(beneath.removeValue(forKey: record.id) ?? []) {
      if isPersonal || open[subject]?.record.recovered != nil {
        resolve(subject, by: person, isPersonal: isPersonal, now: now, &output)
      } else {
        // What lasts longer than the fault above it was more than a part of it.
        change(subject, &output) { $0.record.parent = nil }
      }
    }
    guard let parent = record.parent else { return }
    beneath[parent]?.remove(subject)
    followMembers(of: parent, now: now, &output)
  }

  mutating func finish(_ record: inout FaultRecord, since: WallTime, now: WallTime) {
    // The wall clock may have been set back meanwhile.
    let end = min(max(since, record.began), max(now, record.began))
    record.recovered = nil
    record.resolved = end
    record.duration = max(0, (end - record.began).seconds)
    kept.append(record)
    if kept.count > Self.keptLimit { kept.removeFirst(kept.count - Self.keptLimit) }
  }

  /// Oldest first.
  func inOrder(_ subjects: some Sequence<Subject>) -> [Subject] {
    subjects.sorted { (open[$0]?.record.id ?? 0) < (open[$1]?.record.id ?? 0) }
  }

  // MARK: What persons say

  mutating func resolved(
    id: Int64, cause: String, by person: String?, now: WallTime, _ output: inout Output
  ) {
    edit(id, &output) { $0.rename(cause, by: person, now: now) }
    guard let subject = subject(ofFault: id) else { return }
    resolve(
      subject, action: person.map { "resolved by \($0)" } ?? "resolved by a person", since: now,
      by: person, isPersonal: true, now: now, &output)
  }

  /// One that is open, or was not long ago.
  mutating func edit(
    _ id: Int64, _ output: inout Output, _ body: (inout FaultRecord) -> Void
  ) {
    if let subject = subject(ofFault: id) {
      change(subject, &output) { body(&$0.record) }
    } else if let place = kept.firstIndex(where: { $0.id == id }) {
      let before = kept[place]
      body(&kept[place])
      if kept[place] != before { output.saves.append(kept[place]) }
    }
  }

  func subject(ofFault id: Int64) -> Subject? { subjects[id] }
}
