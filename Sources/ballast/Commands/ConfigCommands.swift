internal import AdminAPI

/// `config get|set|save|reload`: the configuration of the running Ballast.
enum ConfigCommands {
  static let get = Command(
    name: "config get", summary: "prints the running configuration, or one value of it",
    arguments: [pathArgument(.optional)],
    examples: [
      Example("ballast config get", "the whole text that Ballast runs on now"),
      Example("ballast config get services.shop.balance", "one value"),
    ],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    guard let path = invocation.argument(0) else { return try printWhole(invocation, client) }
    let bytes = try client.get(AdminPath("config", "value").query(["path": path]))
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      withoutFinalBreak(try client.decode(ConfigurationValue.self, bytes).value)
    }
    return .done
  }

  static let set = Command(
    name: "config set", summary: "changes a value in the running configuration",
    discussion:
      "The whole configuration is checked first and refused whole. The file stays as it is until `config save`.",
    arguments: [pathArgument(.one), Argument(name: "VALUE", summary: "YAML, on one line or more")],
    examples: [
      Example("ballast config set services.shop.balance round-robin", "another algorithm"),
      Example("ballast config set services.shop.servers.0.weight 3", "the first server of a list"),
    ],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    let value = ConfigurationValue(
      path: try invocation.required(0), value: try invocation.required(1))
    let bytes = try client.put(AdminPath("config", "value"), value)
    return try report(invocation, client, bytes, done: "set")
  }

  static let save = Command(
    name: "config save", summary: "writes the running configuration to its file",
    examples: [Example("ballast config save", "after `config set`, keeps the change")],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    let bytes = try client.post(AdminPath("config", "save"), [String: String]())
    return try report(invocation, client, bytes, done: "saved")
  }

  static let reload = Command(
    name: "config reload", summary: "reads the file again, as SIGHUP does",
    discussion: "A file with a mistake is refused whole, and Ballast runs on as it is.",
    examples: [Example("ballast config reload", "after the file was edited")],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    let bytes = try client.post(AdminPath("config", "reload"), [String: String]())
    return try report(invocation, client, bytes, done: "reloaded")
  }

  private static func pathArgument(_ count: Argument.Count) -> Argument {
    Argument(
      name: "PATH",
      summary: "keys with dots between, a number for a place in a list: services.shop.balance",
      count: count)
  }

  private static func printWhole(
    _ invocation: Invocation, _ client: AdminClient
  ) throws(CommandFailure) -> ExitStatus {
    let bytes = try client.get(AdminPath("config"))
    let status = try client.decode(ConfigurationStatus.self, bytes)
    if status.unsaved {
      invocation.console.message("\(status.file) differs: `ballast config save` writes this to it")
    }
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      withoutFinalBreak(status.text)
    }
    return .done
  }

  private static func report(
    _ invocation: Invocation, _ client: AdminClient, _ bytes: [UInt8], done: String
  ) throws(CommandFailure) -> ExitStatus {
    let status = try client.decode(ConfigurationStatus.self, bytes)
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      "\(done): \(HumanText.printable(status.file)), topology version \(status.topologyVersion)"
    }
    for warning in status.warnings ?? [] {
      invocation.console.message("warning: \(HumanText.printable(warning))")
    }
    if status.unsaved {
      invocation.console.message("not in the file yet: `ballast config save` writes it")
    }
    return .done
  }

  private static func withoutFinalBreak(_ text: String) -> String {
    text.hasSuffix("\n") ? String(text.dropLast()) : text
  }
}
