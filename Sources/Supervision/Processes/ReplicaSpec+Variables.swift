extension ReplicaSpec {
  /// The program to start at a port: `${PORT}` and `${REPLICA}` replaced, PORT and REPLICA set on
  /// top of `inherited`.
  public func process(
    port: UInt16, inherited: [(name: String, value: String)]
  ) -> ChildProcess {
    let replace = { (text: String) in
      text.replacing("${PORT}", with: "\(port)").replacing("${REPLICA}", with: name)
    }
    var variables = inherited
    for variable in environment { variables.set(variable.name, replace(variable.value)) }
    variables.set("PORT", "\(port)")
    variables.set("REPLICA", name)
    return ChildProcess(
      command: command.map(replace), environment: variables, directory: directory)
  }
}
