import Primitives

/// What people say.
extension AlertMachine {
  /// The id that the next silence of a person gets.
  public var nextSilenceID: String { "\(latestSilence &+ 1)" }

  public var isFullOfSilences: Bool { silences.count >= Self.silenceLimit }

  mutating func silence(_ silence: Silence, now: WallTime, _ output: inout Output) {
    guard silences[silence.id] != nil || !isFullOfSilences else { return }
    latestSilence = max(latestSilence, UInt64(silence.id) ?? 0)
    silences[silence.id] = silence
    changed.insert(.silence(silence.id))
    let labels = silence.match.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    note(
      AlertLogEntry(
        at: now, kind: .silenced,
        message: "silence \(silence.id) of \(labels.joined(separator: " ")) until \(silence.ends) "
          + "by \(silence.author): \(silence.comment)"), &output)
  }

  mutating func unsilence(
    _ id: String, _ author: String, now: WallTime, _ output: inout Output
  ) {
    guard silences.removeValue(forKey: id) != nil else { return }
    changed.insert(.silence(id))
    note(
      AlertLogEntry(
        at: now, kind: .unsilenced, message: "silence \(id) was ended by \(author)"), &output)
  }

  mutating func dropOldSilences(now: WallTime, _ output: inout Output) {
    for (id, silence) in silences where silence.ends <= now {
      silences[id] = nil
      output.expired.append(silence)
      changed.insert(.silence(id))
    }
  }

  mutating func acknowledge(
    _ ids: Set<String>, _ acknowledgement: Acknowledgement, now: WallTime,
    _ output: inout Output
  ) {
    let wanted = ids.isEmpty ? Set(alerts.keys) : ids
    for id in wanted.sorted() where alerts[id]?.isFiring == true {
      alerts[id]?.acknowledgement = acknowledgement
      changed.insert(.alert(id))
      note(
        AlertLogEntry(
          at: now, kind: .acknowledged, alert: id,
          message: "acknowledged by \(acknowledgement.author): \(acknowledgement.comment)"),
        &output)
    }
  }
}
