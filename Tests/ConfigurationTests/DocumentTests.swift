import Primitives
import Testing

@testable import Configuration

/// Files of another kind that hold a service's settings.
struct DocumentTests {
  private static let scenario = ObjectDescription(
    "a scenario", "What is tried.",
    keys: [
      KeyDescription("seed", .integer(0...100), standard: "1", example: "7", "The seed."),
      KeyDescription(
        "service", .object(ConfigurationKeys.serviceBehaviour), example: "{}", "What is tried."),
    ])

  private func read(_ text: String) -> DocumentOutcome<(seed: Int?, service: ServiceSettings)> {
    ConfigurationLoader(environment: [:], folder: "/srv") { _ in "" }
      .load(ConfigurationSource(path: "s.yaml", text: text), as: Self.scenario) { object, builder in
        let service = object.object("service").map { builder.service(named: "s", $0) }
        if object.integer("seed") == 13 {
          builder.log.error("13 is unlucky", at: object.keyPlace("seed") ?? object.place)
        }
        return (object.integer("seed"), service ?? ServiceSettings(name: "s"))
      }
  }

  @Test func `a service's settings are read by the same rules`() {
    let text = "seed: 7\nservice: { balance: hash, slowStart: 5s, retries: { attempts: 3 } }\n"
    guard case .loaded(let value, let warnings) = read(text) else {
      Issue.record("it was refused")
      return
    }
    #expect(value.seed == 7)
    #expect(value.service.balance == .hash(HashSettings()))
    #expect(value.service.slowStart == .seconds(5))
    #expect(value.service.retries.attempts == 3)
    #expect(warnings.isEmpty)
  }

  @Test func `all mistakes are found, those of its own rules as well`() {
    let text = "seed: 13\nservice: { servers: [], balance: fast, slowStrat: 5s }\n"
    guard case .refused(let diagnostics) = read(text) else {
      Issue.record("it was taken")
      return
    }
    #expect(
      diagnostics.map { "\($0.line):\($0.column) \($0.message)" } == [
        "1:1 13 is unlucky",
        "2:12 'servers' is no key of the service",
        "2:34 'balance' cannot be 'fast'",
        "2:40 'slowStrat' is no key of the service",
      ])
  }
}
