public import Configuration

/// What came of reading a scenario file.
public enum ScenarioOutcome: Sendable {
  case loaded(Scenario, warnings: [Diagnostic])
  case refused([Diagnostic])
}

/// Reads scenario files.
public enum ScenarioFile {
  /// - Parameters:
  ///   - environment: what `${NAME}` refers to.
  ///   - folder: where relative paths of the service's settings begin.
  public static func load(
    _ source: ConfigurationSource, folder: String, environment: [String: String] = [:]
  ) -> ScenarioOutcome {
    let loader = ConfigurationLoader(environment: environment, folder: folder) { path in
      throw UnreadableFile(path: path)
    }
    let outcome = loader.load(source, as: ScenarioKeys.root) { object, builder in
      ScenarioReading(fileName: source.path).scenario(object, &builder)
    }
    switch outcome {
    case .loaded(let scenario, let warnings): return .loaded(scenario, warnings: warnings)
    case .refused(let diagnostics): return .refused(diagnostics)
    }
  }
}

/// `!file` has no place in a scenario.
private struct UnreadableFile: Error, CustomStringConvertible {
  var path: String
  var description: String { "a scenario reads no other files" }
}
