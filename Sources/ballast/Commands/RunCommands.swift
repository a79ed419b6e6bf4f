internal import Configuration
internal import Containers
internal import Engine
internal import Glibc
internal import Keeper

/// `run`, and the hidden `engine` and `holder` that the keeper starts.
enum RunCommands {
  static let run = Command(
    name: "run", summary: "runs what the configuration says, in the foreground",
    discussion:
      "SIGHUP reads the configuration again; SIGUSR2 replaces the engine by the binary that is there now (see `upgrade`); SIGTERM and SIGINT drain (30 s at most) and stop, a second one stops at once.",
    arguments: [ConfigurationCommands.fileArgument],
    examples: [
      Example("ballast run", "with the usual file"),
      Example(
        "ballast run shop.yaml", "prints the listeners and the dashboard's address when ready"),
    ]
  ) { invocation throws(CommandFailure) in
    let path = try ConfigurationCommands.find(invocation.argument(0))
    _ = try ConfigurationCommands.load(path, invocation)
    var keeper = KeeperProcess(enginePath: ownPath, engineArguments: [engine.name, "--", path])
    end(keeper.run())
  }

  static let engine = Command(
    name: "engine", summary: "the engine, started by `ballast run`",
    arguments: [Argument(name: "FILE", summary: "the configuration", completion: .files)],
    examples: [], hidden: true
  ) { invocation throws(CommandFailure) in
    let path = try invocation.required(0)
    end(EngineProcess.run(configurationPath: path))
  }

  static let holder = Command(
    name: EngineProcess.holderCommand, summary: "holds a container, started by `ballast run`",
    examples: [], hidden: true
  ) { _ throws(CommandFailure) in end(ContainerHolder.run()) }

  /// The binary by the name that it was started with, so that an upgrade finds the file that took its
  /// place, also behind a link that leads elsewhere by then.
  private static var ownPath: String {
    let link = "/proc/self/exe"
    guard let own = resolved(link) else { return link }
    let named = CommandLine.arguments.first.flatMap(candidate)
    if let named, resolved(named) == own { return named }
    // What proc(5) says of a file that is gone already.
    let gone = " (deleted)"
    return own.hasSuffix(gone) ? String(own.dropLast(gone.utf8.count)) : own
  }

  /// Where a program of that name is: absolute, since the folder may change.
  private static func candidate(_ name: String) -> String? {
    if name.hasPrefix("/") { return name }
    if name.contains("/") {
      guard let folder = unsafe getcwd(nil, 0) else { return nil }
      defer { unsafe free(folder) }
      return unsafe String(cString: folder) + "/" + name
    }
    let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? ""
    return path.split(separator: ":").map { "\($0)/\(name)" }.first {
      unsafe access($0, X_OK) == 0
    }
  }

  /// Without links on the way; of a file that is gone, what the system says of it.
  private static func resolved(_ path: String) -> String? {
    if let real = unsafe realpath(path, nil) {
      defer { unsafe free(real) }
      return unsafe String(cString: real)
    }
    let longest = 4_096
    var bytes = [CChar](repeating: 0, count: longest)
    let count = unsafe readlink(path, &bytes, longest)
    guard count > 0, count < longest else { return nil }
    return String(validating: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// A daemon's exit code is its own, not one of ours.
  private static func end(_ code: Int32) -> Never { exit(code) }
}
