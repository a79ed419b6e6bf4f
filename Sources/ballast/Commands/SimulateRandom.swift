internal import Primitives
internal import Simulation

/// `simulate --random`: many short scenarios, each made of its seed.
enum SimulateRandom {
  private static let most = 10_000_000
  /// Seeds that broke an invariant and are shown; one is enough to begin with.
  private static let mostShown = 10

  static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    guard invocation.argument(0) == nil else {
      throw .wrongUsage("--random makes its own scenarios; FILE has no place beside it")
    }
    for option in ["compare", "trace"] where invocation.has(option) {
      throw .wrongUsage("--\(option) needs a FILE; --random makes its own scenarios")
    }
    let runs = try invocation.number("random", default: 0, in: 1...most)
    let first = try SimulateCommand.seed(invocation) ?? 1
    let progress = SimulateProgress(invocation.console)
    var failures: [RandomScenario.Failure] = []
    for run in 0..<runs {
      if let failure = RandomScenario.check(seed: first &+ UInt64(run)) { failures.append(failure) }
      progress.show("random scenarios", Double(run) / Double(runs))
    }
    progress.clear()
    let isPrinted = invocation.printData(
      .object([
        .init("runs", .number("\(runs)")), .init("firstSeed", .number("\(first)")),
        .init("failures", .array(failures.map(JSONValue.failure))),
      ]))
    if isPrinted { return failures.isEmpty ? .done : .failed }
    guard !failures.isEmpty else {
      invocation.console.print("\(runs) random scenarios from seed \(first): all invariants held")
      return .done
    }
    for failure in failures.prefix(mostShown) {
      invocation.console.print("seed \(failure.seed), \(failure.algorithm):")
      for violation in failure.violations { invocation.console.print("  \(violation)") }
      invocation.console.print("  again: ballast simulate --random 1 --seed \(failure.seed)")
    }
    throw .failed("\(failures.count) of \(runs) random scenarios broke an invariant")
  }
}

extension JSONValue {
  fileprivate static func failure(_ failure: RandomScenario.Failure) -> JSONValue {
    .object([
      .init("seed", .number("\(failure.seed)")), .init("algorithm", .string(failure.algorithm)),
      .init("violations", .array(failure.violations.map { .string($0) })),
      .init("replay", .string("ballast simulate --random 1 --seed \(failure.seed)")),
    ])
  }
}
