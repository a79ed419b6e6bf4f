public import Primitives

/// A fault as a document that people finish: what happened and what was done is filled in, why and
/// what comes of it is theirs to write.
public enum PostMortem {
  public static let mediaType = "text/markdown; charset=utf-8"

  /// - Parameters:
  ///   - fault: with what hangs beneath it.
  ///   - timeline: of `FaultTimeline`.
  public static func text(
    _ fault: FaultRecord, timeline: [FaultMoment], now: WallTime
  ) -> String {
    let sections = [
      heading(fault), summary(fault, now: now), cause(fault), beneath(fault, now: now),
      actions(fault), lines(timeline), questions,
    ]
    return sections.joined(separator: "\n\n") + "\n"
  }

  private static func heading(_ fault: FaultRecord) -> String {
    """
    # Fault \(fault.id): \(fault.type.rawValue)\(place(fault))

    \(MarkdownText.plain(fault.cause))
    """
  }

  private static func place(_ fault: FaultRecord) -> String {
    let parts = [fault.service, fault.server ?? fault.subject ?? ""].filter { !$0.isEmpty }
    return parts.isEmpty ? "" : " of " + MarkdownText.plain(parts.joined(separator: "/"))
  }

  private static func summary(_ fault: FaultRecord, now: WallTime) -> String {
    func moment(_ time: WallTime?, _ person: String?, _ missing: String) -> String {
      guard let time else { return missing }
      return MarkdownText.moment(time) + (person.map { ", by \(MarkdownText.plain($0))" } ?? "")
    }
    let length = fault.duration ?? max(0, (now - fault.began).seconds)
    let services = fault.services
    let outages = ([fault] + (fault.beneath ?? [])).filter { $0.type.isOutage }
    let down = services.compactMap { service -> String? in
      let own = outages.filter { $0.service == service }
      guard !own.isEmpty else { return nil }
      let seconds = FaultStatistics.down(own, from: fault.began, to: fault.resolved ?? now)
      return "\(MarkdownText.plain(service)) for \(MarkdownText.span(seconds))"
    }
    let delay = MarkdownText.span((fault.detected - fault.began).seconds)
    let rows: [(String, String)] = [
      ("State", fault.state.rawValue),
      ("First sign", MarkdownText.moment(fault.began)),
      ("Certain", "\(MarkdownText.moment(fault.detected)), after \(delay)"),
      ("Acknowledged", moment(fault.acknowledged, fault.acknowledgedBy, "by nobody")),
      ("Over", moment(fault.resolved, fault.resolvedBy, "not yet")),
      ("Lasted", MarkdownText.span(length) + (fault.resolved == nil ? " so far" : "")),
      (
        "Services", services.isEmpty ? "none" : MarkdownText.plain(services.joined(separator: ", "))
      ),
      ("Servers", "\(fault.servers.count)"),
      ("Down", down.isEmpty ? "no service" : down.joined(separator: ", ")),
    ]
    return "## Summary\n\n| what | |\n|---|---|\n"
      + rows.map { MarkdownText.row([$0.0, $0.1]) }.joined(separator: "\n")
  }

  private static func cause(_ fault: FaultRecord) -> String {
    var text = "## Root cause\n\n\(MarkdownText.plain(fault.cause))"
    if let inferred = fault.inferredCause {
      text += "\n\nWhat Ballast took it for: \(MarkdownText.plain(inferred))"
    } else {
      text += "\n\nInferred by Ballast; say it better with `ballast faults cause \(fault.id) TEXT`."
    }
    return text
  }

  private static func beneath(_ fault: FaultRecord, now: WallTime) -> String {
    guard let parts = fault.beneath, !parts.isEmpty else {
      return "## What hung on it\n\nNothing else."
    }
    let rows = parts.sorted { ($0.began, $0.id) < ($1.began, $1.id) }.map { part in
      MarkdownText.row([
        "\(part.id)", part.type.rawValue,
        MarkdownText.plain(
          [part.service, part.server ?? part.subject ?? ""].filter { !$0.isEmpty }
            .joined(separator: "/")),
        MarkdownText.moment(part.began),
        MarkdownText.span(part.duration ?? max(0, (now - part.began).seconds)),
        MarkdownText.plain(part.cause),
      ])
    }
    return
      "## What hung on it\n\n| fault | type | where | began | lasted | cause |\n|---|---|---|---|---|---|\n"
      + rows.joined(separator: "\n")
  }

  private static func actions(_ fault: FaultRecord) -> String {
    let times = fault.actionTimes ?? []
    let lines = fault.actions.enumerated().map { index, action in
      let time = times.indices.contains(index) ? MarkdownText.moment(times[index]) + ": " : ""
      return "- \(time)\(MarkdownText.plain(action))"
    }
    return "## What was done\n\n" + (lines.isEmpty ? "Nothing." : lines.joined(separator: "\n"))
  }

  private static func lines(_ timeline: [FaultMoment]) -> String {
    let rows = timeline.map { moment in
      MarkdownText.row([
        MarkdownText.moment(moment.at), moment.kind.rawValue,
        MarkdownText.plain(
          [moment.service, moment.server].compactMap { $0 }.joined(separator: "/")),
        MarkdownText.plain(moment.message),
      ])
    }
    return "## Timeline\n\n| time | kind | where | what |\n|---|---|---|---|\n"
      + rows.joined(separator: "\n")
  }

  private static let questions = """
    ## To be written

    - What did users notice?
    - Why did it happen, and why could it?
    - What went well, what was luck?
    - What will be changed, by whom, until when?
    """
}
