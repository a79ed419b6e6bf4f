internal import AdminAPI
internal import Primitives

/// `user …`: who may sign in.
enum UserCommands {
  private static let nameArgument = Argument(name: "NAME", summary: "the user's name")
  private static let roleOption = Option(
    "role", value: "ROLE", "viewer looks, operator acts on what runs, admin may all",
    choices: Role.allCases.map(\.rawValue))

  static let list = Command(
    name: "user list", summary: "lists who may sign in",
    examples: [
      Example("ballast user list", "names, roles and last sign-ins"),
      Example("ballast user list -o json", "for a program"),
    ],
    formats: OutputFormat.list, remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    let bytes = try client.get(AdminPath("users"))
    let users = try client.decode([UserStatus].self, bytes)
    invocation.printList(bytes, users.isEmpty ? "no users" : nil, .users(users))
    return .done
  }

  static let add = Command(
    name: "user add", summary: "adds somebody who may sign in",
    discussion: """
      The first user is an admin; from then on everybody signs in, but root and Ballast's own user over \
      `admin.socket`. Where signing in is required and there is nobody yet, show the token of the first \
      run with --token-file: Ballast writes its path into the log.
      """,
    arguments: [nameArgument],
    options: [roleOption, SignInCommands.passwordFile],
    examples: [
      Example("ballast user add ann --role admin", "asks for a password, twice"),
      Example(
        "ballast user add bob --role viewer --password-file bob.txt", "takes it from a file"),
      Example(
        "ballast user add ann --role admin --token-file state/first-run-token",
        "the first one, where signing in is required"),
    ],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    guard let role = invocation.values["role"].flatMap(Role.init(rawValue:)) else {
      throw .wrongUsage("--role is missing: viewer, operator or admin")
    }
    let name = try invocation.required(0)
    let client = try AdminClient(invocation)
    let password = try SecretInput.password(invocation, "password of \(name): ", isNew: true)
    let bytes = try client.post(
      AdminPath("users"), NewUser(name: name, role: role, password: password))
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      let user = try client.decode(UserStatus.self, bytes)
      return "\(user.name): added as \(user.role.rawValue)"
    }
    return .done
  }

  static let set = Command(
    name: "user set", summary: "gives somebody another role, or disables them",
    discussion:
      "A lower role or being disabled ends the user's sessions at once; tokens follow the role.",
    arguments: [nameArgument],
    options: [
      roleOption, Option("disable", "lets the user in no more"),
      Option("enable", "lets the user in again"),
    ],
    examples: [
      Example("ballast user set bob --role operator", "bob may act on what runs"),
      Example("ballast user set bob --disable", "bob and his tokens are let in no more"),
    ],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    guard !(invocation.has("disable") && invocation.has("enable")) else {
      throw .wrongUsage("--disable and --enable say the opposite")
    }
    var change = UserChange(role: invocation.values["role"].flatMap(Role.init(rawValue:)))
    if invocation.has("disable") { change.disabled = true }
    if invocation.has("enable") { change.disabled = false }
    guard change != UserChange() else {
      throw .wrongUsage("what to change: --role ROLE, --disable or --enable")
    }
    return try put(change, invocation)
  }

  static let password = Command(
    name: "user password", summary: "gives somebody another password",
    discussion:
      "It ends the user's sessions. Without NAME it is your own, and asks for the present one.",
    arguments: [Argument(name: "NAME", summary: "the user's name", count: .optional)],
    options: [
      SignInCommands.passwordFile,
      Option(
        "current-file", value: "FILE", "takes your present one from its first line",
        completion: .files),
    ],
    examples: [
      Example("ballast user password", "your own"),
      Example("ballast user password bob", "asks for bob's new one, twice"),
    ],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    if let name = invocation.argument(0) {
      let password = try SecretInput.password(
        invocation, "new password of \(name): ", isNew: true)
      return try put(UserChange(password: password), invocation)
    }
    let client = try AdminClient(invocation)
    let current = try SecretInput.password(
      invocation, "present password: ", option: "current-file")
    let password = try SecretInput.password(invocation, "new password: ", isNew: true)
    let bytes = try client.put(
      AdminPath("session", "password"), PasswordChange(current: current, password: password))
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      "\(try client.decode(UserStatus.self, bytes).name): has another password"
    }
    return .done
  }

  static let remove = Command(
    name: "user remove", summary: "removes somebody, with all sessions and tokens",
    arguments: [nameArgument],
    examples: [Example("ballast user remove bob", "bob is let in no more")],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    let bytes = try client.delete(AdminPath("users", try invocation.required(0)))
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      "\(try client.decode(UserStatus.self, bytes).name): removed"
    }
    return .done
  }

  private static func put(
    _ change: UserChange, _ invocation: Invocation
  ) throws(CommandFailure) -> ExitStatus {
    let client = try AdminClient(invocation)
    let bytes = try client.put(AdminPath("users", try invocation.required(0)), change)
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in
      let user = try client.decode(UserStatus.self, bytes)
      let state = user.disabled ? ", disabled" : ""
      return "\(user.name): \(user.role.rawValue)\(state)"
        + (change.password == nil ? "" : ", with another password")
    }
    return .done
  }
}
