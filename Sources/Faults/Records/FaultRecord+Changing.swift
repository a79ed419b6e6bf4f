public import Primitives

/// What may become of a record, the same for one in memory and one of earlier days.
extension FaultRecord {
  /// Actions of one record; beyond it, the ones in the middle go.
  public static let actionsLimit = 50
  /// Characters of one cause, action or message.
  public static let textLimit = 500
  /// Characters of a person's name.
  public static let nameLimit = 100

  static func bounded(_ text: String) -> String {
    text.count <= textLimit ? text : text.prefix(textLimit - 1) + "…"
  }

  /// Adds an action, unless it is the last one once more.
  public mutating func append(_ action: String, now: WallTime) {
    let action = Self.bounded(action)
    guard actions.last != action else { return }
    // A record of an earlier version has no times; theirs are not known, and so taken as its end.
    var times = actionTimes ?? []
    while times.count < actions.count { times.append(resolved ?? detected) }
    actions.append(action)
    times.append(now)
    if actions.count > Self.actionsLimit {
      // The first actions tell how it began, the last ones how it stands.
      let place = Self.actionsLimit / 5
      actions.remove(at: place)
      times.remove(at: place)
      actions[place - 1] = "… (more of the same)"
    }
    actionTimes = Array(times.prefix(actions.count))
  }

  /// A person's word takes the place of what was thought, which is kept.
  public mutating func rename(_ cause: String, by person: String?, now: WallTime) {
    let cause = Self.bounded(cause)
    guard self.cause != cause else { return }
    append("cause before: \(self.cause)" + Self.by(person), now: now)
    if inferredCause == nil { inferredCause = self.cause }
    self.cause = cause
  }

  /// Somebody looks after it. The first one's word counts; a note is kept either way.
  public mutating func acknowledge(by person: String?, note: String?, now: WallTime) {
    if acknowledged == nil {
      acknowledged = max(now, detected)
      acknowledgedBy = person.map { String($0.prefix(Self.nameLimit)) }
      append(
        "acknowledged" + Self.by(person) + (note.map { ": \($0)" } ?? ""), now: now)
    } else if let note, !note.isEmpty {
      append("noted" + Self.by(person) + ": \(note)", now: now)
    }
  }

  static func by(_ person: String?) -> String {
    guard let person, !person.isEmpty else { return "" }
    return " by \(person.prefix(nameLimit))"
  }
}
