internal import Configuration
internal import Engine
internal import Primitives
internal import Simulation

/// `simulate`: what a service would do under load and faults.
enum SimulateCommand {
  static let command = Command(
    name: "simulate",
    summary: "plays clients, servers and faults against the balancer, under a virtual clock",
    discussion:
      "The scenario's decisions are those of the running program: the same balancer, retries, breakers and checks. The same file and seed give the same result. docs/simulate.md tells the file's keys.",
    arguments: [
      Argument(
        name: "FILE", summary: "a scenario; none with --random or --scaling", count: .optional,
        completion: .files)
    ],
    options: [
      Option("compare", "all algorithms side by side, and the one that fits best"),
      Option("seed", value: "N", "another seed than the scenario's"),
      Option(
        "trace", value: "LOG", "requests come as in this access log (format: json)",
        completion: .files),
      Option(
        "random", value: "RUNS",
        "so many random scenarios instead of a file, each held to the invariants"),
      Option(
        "scaling", value: "TRACE",
        "an autoscaler instead of a file, under a load that doubles or follows a day",
        choices: ["step", "day"]),
    ],
    examples: [
      Example("ballast simulate Examples/simulations/stall.yaml", "shares, latencies and a chart"),
      Example(
        "ballast simulate Examples/simulations/slow.yaml --compare", "which algorithm fits best"),
      Example(
        "ballast simulate shop.yaml --trace access.log", "what if, on recorded traffic"),
      Example("ballast simulate --random 10000", "looks for a seed that breaks an invariant"),
      Example("ballast simulate --scaling day", "replicas over a day, beside Kubernetes' formula"),
    ],
    formats: OutputFormat.single, run: run)

  private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    if invocation.has("scaling") { return try SimulateScaling.run(invocation) }
    if invocation.has("random") { return try SimulateRandom.run(invocation) }
    guard let path = invocation.argument(0) else {
      throw .wrongUsage("FILE is missing: a scenario", details: ["usage: \(command.usage)"])
    }
    var scenario = try load(path, invocation)
    if let seed = try seed(invocation) { scenario.seed = seed }
    if let log = invocation.values["trace"] {
      scenario = try AccessLogTrace.read(log).applied(to: scenario, path: log)
    } else if scenario.servers.contains(where: { $0.time.distribution == .recorded([]) }) {
      throw .failed("\(path): 'distribution: recorded' takes the times of --trace LOG")
    }
    let progress = SimulateProgress(invocation.console)
    if invocation.has("compare") {
      let comparison = Comparison.run(scenario) { progress.show($0, $1) }
      progress.clear()
      if invocation.printData(.comparison(comparison)) { return .done }
      SimulateText.print(comparison, scenario, invocation)
      return .done
    }
    let report = Simulator.run(scenario) { progress.show(scenario.name, $0) }
    progress.clear()
    if invocation.printData(.report(report)) { return .done }
    SimulateText.print(report, invocation)
    return .done
  }

  static func seed(_ invocation: Invocation) throws(CommandFailure) -> UInt64? {
    guard invocation.has("seed") else { return nil }
    return UInt64(try invocation.number("seed", default: 0, in: 0...Int.max))
  }

  /// A valid scenario; its warnings, and all its errors, go to standard error.
  private static func load(
    _ path: String, _ invocation: Invocation
  ) throws(CommandFailure) -> Scenario {
    let text: String
    do throws(ConfigurationFileError) {
      text = try ConfigurationFiles.text(path)
    } catch {
      throw .failed("\(error)")
    }
    let outcome = ScenarioFile.load(
      ConfigurationSource(path: path, text: text), folder: ".",
      environment: invocation.environment)
    let console = invocation.console
    switch outcome {
    case .loaded(let scenario, let warnings):
      for warning in warnings {
        console.errorText(warning.rendered(color: console.colorsMessages) + "\n")
      }
      return scenario
    case .refused(let diagnostics):
      for diagnostic in diagnostics {
        console.errorText(diagnostic.rendered(color: console.colorsMessages) + "\n")
      }
      let errors = diagnostics.count { $0.severity == .error }
      throw .failed("\(path): \(errors) error\(errors == 1 ? "" : "s")")
    }
  }
}

/// A line at the terminal that says how far it is, when it takes a while.
final class SimulateProgress {
  /// Before that nothing is said.
  private static let patience = TimeSpan.seconds(1)

  private let console: Console
  private let began = HumanText.now
  private var shown = ""

  init(_ console: Console) { self.console = console }

  func show(_ what: String, _ part: Double) {
    guard console.messagesAreTerminal, HumanText.now - began > Self.patience else { return }
    let line = "\(what): \(Int(part * 100)) %"
    guard line != shown else { return }
    shown = line
    console.progress("\r\u{1b}[K\(line)")
  }

  func clear() {
    if !shown.isEmpty { console.progress("\r\u{1b}[K") }
  }
}
