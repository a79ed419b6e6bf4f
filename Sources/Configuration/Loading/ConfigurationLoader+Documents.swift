/// What came of a file that is no configuration, but written by the same rules.
package enum DocumentOutcome<Value> {
  case loaded(Value, warnings: [Diagnostic])
  case refused([Diagnostic])
}

extension ConfigurationLoader {
  /// Reads one file of another kind: the same YAML, shapes, references to the environment and
  /// messages, with a description of its own. It may hold a service's settings by
  /// `ConfigurationKeys.serviceBehaviour`; `SettingsBuilder.service` reads those.
  /// - Parameter make: makes the value of what was decoded. It is called also after errors, so that
  ///   all are found, and adds its own to the builder's log; any error refuses the file.
  package func load<Value>(
    _ source: ConfigurationSource, as description: ObjectDescription,
    make: (DecodedObject, inout SettingsBuilder) -> Value
  ) -> DocumentOutcome<Value> {
    var log = DiagnosticLog(sources: [SourceText(path: source.path, text: source.text)])
    guard let root = YAMLParser.parse(file: 0, log: &log) else {
      return .refused(log.diagnostics())
    }
    var decoder = decoder(log)
    let decoded = decoder.decode(root, as: .object(description), name: description.title)
    var builder = SettingsBuilder(folder: decoder.folder, log: decoder.log, inspect: inspect)
    guard case .object(let object) = decoded.content else {
      return .refused(builder.log.diagnostics())
    }
    let value = make(object, &builder)
    let diagnostics = builder.log.diagnostics()
    return builder.log.hasErrors ? .refused(diagnostics) : .loaded(value, warnings: diagnostics)
  }

  func decoder(_ log: DiagnosticLog) -> ShapeDecoder {
    ShapeDecoder(
      substitution: Substitution(environment: environment), folder: FolderPath(folder),
      readFile: readFile, log: log)
  }
}

extension SettingsBuilder {
  /// A service without servers, of what `ConfigurationKeys.serviceBehaviour` has.
  package mutating func service(named name: String, _ object: DecodedObject) -> ServiceSettings {
    var service = ServiceSettings(name: name)
    behaviour(object, of: &service)
    return service
  }
}
