/// What is done with containers, by name or id.
extension ContainerDaemon {
  /// - Returns: its id and what the daemon warns of.
  public func create(
    named name: String, _ creation: ContainerCreation
  ) throws(ContainerError) -> (id: String, warnings: [String]) {
    let created = try ask(
      CreatedContainer.self, .post, "/containers/create?name=\(Self.escaped(name))", body: creation,
      within: ContainerLimits.workMilliseconds)
    guard let id = created.id, !id.isEmpty else {
      throw .malformed("the daemon made a container without an id")
    }
    return (id, (created.warnings ?? []).prefix(8).map(Self.oneLine))
  }

  public func start(_ container: String) throws(ContainerError) {
    // 304: it runs already.
    _ = try ask(
      .post, path(container, "start"), within: ContainerLimits.workMilliseconds, accepting: [304])
  }

  /// Sends a signal by its name, `SIGTERM`. One that does not run any more is a conflict.
  public func signal(_ container: String, _ name: String) throws(ContainerError) {
    _ = try ask(.post, path(container, "kill") + "?signal=\(Self.escaped(name))")
  }

  /// Stops it with its own signal, and after so many seconds with SIGKILL.
  public func stop(_ container: String, seconds: Int) throws(ContainerError) {
    let bounded = min(max(seconds, 0), 3_600)
    _ = try ask(
      .post, path(container, "stop") + "?t=\(bounded)",
      within: ContainerLimits.workMilliseconds + bounded * 1_000, accepting: [304])
  }

  /// Waits, as long as it takes, until it does not run; returns its exit code.
  public func wait(_ container: String) throws(ContainerError) -> Int {
    let ended = try ask(
      EndedContainer.self, .post, path(container, "wait") + "?condition=not-running", within: nil)
    guard let code = ended.code else {
      throw .malformed("the daemon tells an end without a code")
    }
    return code
  }

  public func inspect(_ container: String) throws(ContainerError) -> InspectedContainer {
    InspectedContainer(
      try ask(ContainerAnswer.self, .get, "/containers/\(Self.escaped(container))/json"))
  }

  /// Those that carry a label with that value, also those that do not run.
  public func containers(
    label: String, _ value: String
  ) throws(ContainerError) -> [ListedContainer] {
    let filters = #"{"label":["\#(label)=\#(value)"]}"#
    let all = try ask(
      [ListedAnswer].self, .get, "/containers/json?all=1&filters=\(Self.escaped(filters))")
    return all.prefix(ContainerLimits.listed).compactMap(ListedContainer.init)
  }

  /// Removes it with its anonymous volumes, whether it runs or not. One that is gone already is fine.
  public func remove(_ container: String) throws(ContainerError) {
    do {
      _ = try ask(
        .delete, "/containers/\(Self.escaped(container))?force=1&v=1",
        within: ContainerLimits.workMilliseconds)
    } catch {
      // 409: somebody else is about to.
      guard error.isMissing || error.isConflict else { throw error }
    }
  }

  /// What it has used so far.
  public func usage(_ container: String) throws(ContainerError) -> ContainerUsage {
    ContainerUsage(
      try ask(StatisticsAnswer.self, .get, path(container, "stats") + "?stream=false&one-shot=true")
    )
  }

  /// Hands over what it writes to standard output and error, from a time on and for as long as it runs.
  /// - Parameter since: seconds since 1970; 0: from its start.
  public func output(
    _ container: String, since: Double, _ hand: (ArraySlice<UInt8>) -> Void
  ) throws(ContainerError) {
    var frames = OutputFrames()
    var isSound = true
    let from = since > 0 ? "&since=\(Self.seconds(since))" : ""
    try pieces(.get, path(container, "logs") + "?follow=1&stdout=1&stderr=1\(from)") { bytes in
      isSound = frames.take(bytes, hand)
      return isSound
    }
    guard isSound else { throw .malformed("its output comes in no frames of the daemon") }
  }

  /// `1764300000.250`.
  private static func seconds(_ time: Double) -> String {
    let milliseconds = Int64(exactly: (time * 1_000).rounded()) ?? 0
    let rest = "\(milliseconds % 1_000)"
    return "\(milliseconds / 1_000).\(String(repeating: "0", count: 3 - rest.utf8.count))\(rest)"
  }

  private func path(_ container: String, _ verb: String) -> String {
    "/containers/\(Self.escaped(container))/\(verb)"
  }
}
