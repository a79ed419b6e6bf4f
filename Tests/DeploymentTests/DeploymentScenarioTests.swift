import Deployment
import FoundationEssentials
import Primitives
import Testing

/// What happens to a service of `Tests/Scenarios/deployment/*.txt`: lines that begin with `>` are what is
/// done, those below it what comes of it. `WRITE_SCENARIOS=1` writes these anew; read the difference.
@Suite struct DeploymentScenarioTests {
  private static let folder: String = {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    return root.joined(separator: "/") + "/Tests/Scenarios/deployment"
  }()

  static let names = [
    "rolling", "rolling-crash", "blue-green", "canary-errors", "canary-by-hand", "engine-restarts",
  ]

  @Test(arguments: names)
  func `a scenario comes out as it is written`(name: String) throws {
    let path = "\(Self.folder)/\(name).txt"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let played = Self.play(text)
    if ProcessInfo.processInfo.environment["WRITE_SCENARIOS"] == "1" {
      try played.write(toFile: path, atomically: true, encoding: .utf8)
    } else {
      #expect(played == text)
    }
  }

  /// The text with what comes of each command now.
  private static func play(_ text: String) -> String {
    var lines: [String] = []
    var plan = DeploymentPlan()
    plan.healthyFor = .seconds(2)
    var world: DeploymentWorld?
    for line in text.split(separator: "\n").map(String.init) {
      if line.hasPrefix("#") { lines.append(line) }
      guard line.hasPrefix("> ") else { continue }
      lines.append(line)
      let words = line.dropFirst(2).split(separator: " ").map(String.init)
      let number = words.count > 1 ? Int(words[1]) ?? 0 : 0
      switch words[0] {
      case "strategy": plan.strategy = DeploymentPlan.Strategy(rawValue: words[1]) ?? .rolling
      case "unavailable": plan.maxUnavailable = .count(number)
      case "by-hand": plan.promotes = false
      case "run": world = DeploymentWorld(count: number, plan: plan)
      case "deploy": world?.configure(words[1])
      case "scale": world?.scale(number)
      case "advance": world?.advance(.seconds(Int64(number)))
      case "kill": world?.kill(words[1])
      case "engine": world?.restartEngine()
      case "keeper": world?.restartKeeper()
      case "promote": world?.send(.promote)
      case "abort": world?.send(.abort(reason: words.dropFirst().joined(separator: " ")))
      case "measured":
        // Requests to the new one, and how many of them failed.
        let failures = words.count > 2 ? Int(words[2]) ?? 0 : 0
        world?.send(
          .measured(
            GateSample(
              new: GroupTraffic(requests: number, failures: failures),
              old: GroupTraffic(requests: 10_000))))
      default: lines.append("  what is \(words[0])?")
      }
      lines += (world?.log ?? []).map { "  \($0)" }
      world?.log = []
      if let world { lines += world.broken.map { "  broken: \($0)" } }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
