extension ReplicaSpec {
  /// The program to start at a port: `${PORT}`, `${REPLICA}`, `${RELEASE}` and `${SECRETS}` replaced,
  /// and set on top of `inherited`.
  /// - Parameter secrets: variables, and the folder of those that are files.
  public func process(
    port: UInt16, inherited: [(name: String, value: String)],
    secrets: (variables: [(name: String, value: String)], folder: String?) = ([], nil)
  ) -> ChildProcess {
    var known = [("PORT", "\(port)"), ("REPLICA", name)]
    if let release { known.append(("RELEASE", release)) }
    if let folder = secrets.folder { known.append((SecretFolder.variable, folder)) }
    let replace = { (text: String) in
      known.reduce(text) { $0.replacing("${\($1.0)}", with: $1.1) }
    }
    var variables = inherited
    for variable in environment { variables.set(variable.name, replace(variable.value)) }
    for (name, value) in known { variables.set(name, value) }
    for variable in secrets.variables { variables.set(variable.name, variable.value) }
    return ChildProcess(
      command: command.map(replace), environment: variables, directory: replace(directory))
  }
}
