internal import Primitives

/// `top`: everything at a glance, again and again.
enum TopCommand {
  static let command = Command(
    name: "top", summary: "shows services, faults and alerts at a glance, live",
    discussion: """
      What is wrong stands first. q quits, ↑ and ↓ scroll, p pauses; the keys of the last line sort, and \
      the same key again turns the order round. Rates and latencies are those of the last ten seconds. \
      Without a terminal, or with -o, it prints once.
      """,
    arguments: [
      Argument(
        name: "SERVICE", summary: "only these", count: .any, completion: .names(of: .services))
    ],
    options: [
      Option("once", "prints once, and ends"),
      Option(
        "sort", value: "BY", "state (default), name, requests, errors, p99 or inflight",
        choices: TopView.Order.allCases.map(\.rawValue)),
      Option("interval", value: "TIME", "between two looks, 200ms to 1m (default 1s)"),
    ],
    examples: [
      Example("ballast top", "live, until q"),
      Example("ballast top --sort p99 storefront api", "two services, the slower first"),
      Example("ballast top --once", "a report, for a mail or a log"),
      Example("ballast top -o json", "the same for a program"),
    ],
    formats: OutputFormat.single, remote: true, run: run)

  private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    var view = TopView()
    if let order = invocation.values["sort"].flatMap(TopView.Order.init) { view.order = order }
    let interval = try interval(invocation)
    let client = try AdminClient(invocation)
    let names = invocation.arguments
    let first = try TopSnapshot.fetch(client, names: names)
    if invocation.printData(first.json) { return .done }
    let console = invocation.console
    guard !invocation.has("once"), let screen = TerminalScreen(console) else {
      let lines = view.lines(
        first, width: console.width, height: nil, colors: console.colorsOutput)
      console.print(lines.joined(separator: "\n"))
      return .done
    }
    watch(first, &view, screen, console, interval) { () throws(CommandFailure) in
      try TopSnapshot.fetch(client, names: names)
    }
    return .done
  }

  private static func interval(_ invocation: Invocation) throws(CommandFailure) -> TimeSpan {
    guard let text = invocation.values["interval"] else { return .seconds(1) }
    guard let span = HumanText.parseDuration(text), span >= .milliseconds(200),
      span <= .minutes(1)
    else { throw .wrongUsage("--interval is a time from 200ms to 1m, not '\(text)'") }
    return span
  }

  /// Until somebody quits. What was seen last stays while Ballast cannot be asked.
  private static func watch(
    _ first: TopSnapshot, _ view: inout TopView, _ screen: TerminalScreen, _ console: Console,
    _ interval: TimeSpan, _ look: () throws(CommandFailure) -> TopSnapshot
  ) {
    var snapshot = first
    var due = ContinuousClock.now + .milliseconds(interval.milliseconds)
    while true {
      screen.paint(
        view.lines(
          snapshot, width: console.width ?? 80, height: console.height ?? 24,
          colors: console.colorsOutput))
      let left = ContinuousClock.now.duration(to: due) / .milliseconds(1)
      switch screen.wait(milliseconds: max(0, Int(left.rounded(.up)))) {
      case .ended: return
      case .resized: continue
      case .keys(let keys):
        for key in keys where view.handle(key, services: snapshot.services.count) == .quit {
          return
        }
        continue
      case .timeout: break
      }
      due = ContinuousClock.now + .milliseconds(interval.milliseconds)
      if view.isPaused { continue }
      do throws(CommandFailure) {
        snapshot = try look()
        view.problem = nil
      } catch {
        view.problem = "since \(HumanText.moment(snapshot.at)) nothing new: \(error.message)"
      }
    }
  }
}
