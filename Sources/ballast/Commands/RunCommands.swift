internal import Configuration
internal import Engine
internal import Glibc
internal import Keeper

/// `run`, and the hidden `engine` that the keeper starts.
enum RunCommands {
  static let run = Command(
    name: "run", summary: "runs what the configuration says, in the foreground",
    discussion:
      "SIGHUP reads the configuration again; SIGTERM and SIGINT drain (30 s at most) and stop, a second one stops at once.",
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

  /// The binary by its name, so that an upgrade finds the file that took its place.
  private static var ownPath: String {
    let link = "/proc/self/exe"
    let longest = 4_096
    var bytes = [CChar](repeating: 0, count: longest)
    let count = unsafe readlink(link, &bytes, longest)
    guard count > 0, count < longest else { return link }
    return String(validating: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) ?? link
  }

  /// A daemon's exit code is its own, not one of ours.
  private static func end(_ code: Int32) -> Never { exit(code) }
}
