/// `${VERSION}` in `run` stands for the version that is deployed.
extension RunSettings {
  private static let versionMark = "${VERSION}"

  /// Whether another version makes another program of it.
  public var usesVersion: Bool { filled(with: "1") != filled(with: "2") }

  /// With its version in the place of every mark.
  public var filled: RunSettings { filled(with: version ?? "") }

  private func filled(with version: String) -> RunSettings {
    func fill(_ text: String) -> String { text.replacing(Self.versionMark, with: version) }
    var run = self
    run.command = command.map(fill)
    run.directory = fill(directory)
    run.environment = environment.map { EnvironmentVariable(name: $0.name, value: fill($0.value)) }
    if let container {
      run.container?.image = fill(container.image)
      run.container?.directory = container.directory.map(fill)
    }
    return run
  }
}
