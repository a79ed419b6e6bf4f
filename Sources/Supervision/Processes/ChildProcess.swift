import CLinux
import Glibc

/// Why a program did not start; a sentence that names what was missing.
public struct StartError: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String

  public init(_ description: String) { self.description = description }
}

/// A program to start: what it is, where, and which descriptors it gets.
public struct ChildProcess: Sendable {
  /// The longest time that the parent waits for the child to reach its exec. A program on a file
  /// system that hangs counts as started after it.
  public static let patienceMilliseconds: Int32 = 2_000
  /// The link's number in the child.
  public static let linkDescriptor: Int32 = 3
  public static let leastExecutable: Int32 = 4

  /// The program and its arguments; not empty. Without a slash it is looked for in PATH, with one
  /// it is taken from `directory`.
  public var command: [String]
  public var environment: [(name: String, value: String)]
  public var directory: String?
  /// An open file to run instead of the one that the command names: a program, no script. At least
  /// `leastExecutable`, since the child has the link below it.
  public var executable: Int32?
  /// Standard output and error; nil: the parent's.
  public var output: Int32?
  /// Passed on as descriptor 3.
  public var link: Int32?
  /// Sent to the child when the thread that started it ends.
  public var deathSignal: ProcessSignal?
  /// Soft limit of open files; nil: the parent's.
  public var openFiles: UInt64?
  /// Files `cgroup.procs` that the child writes itself into before it runs the program.
  public var groups: [Int32] = []

  public init(
    command: [String], environment: [(name: String, value: String)], directory: String? = nil
  ) {
    self.command = command
    self.environment = environment
    self.directory = directory
  }

  /// Returns the pid, which is also that of the child's session and process group.
  public func start() throws(StartError) -> Int32 {
    guard let program = command.first, !program.isEmpty else { throw StartError("no command") }
    let variables = environment.map { "\($0.name)=\($0.value)" }
    for text in command + variables + [directory ?? ""] where text.utf8.contains(0) {
      throw StartError("a NUL byte in the command, its environment or its directory")
    }
    var failure = child_failure()
    let result = unsafe CStrings.with(candidates(for: program)) { paths in
      unsafe CStrings.with(command) { arguments in
        unsafe CStrings.with(variables) { environment in
          unsafe start(paths, arguments, environment, &failure)
        }
      }
    }
    guard result > 0 else { throw StartError(explain(failure, program)) }
    return result
  }

  private func start(
    _ paths: CStrings.List, _ arguments: CStrings.List, _ environment: CStrings.List,
    _ failure: inout child_failure
  ) -> Int32 {
    unsafe groups.withUnsafeBufferPointer { groups in
      var plan = unsafe child_plan(
        paths: paths, arguments: arguments, environment: environment, directory: nil,
        output: output ?? -1, link: link ?? -1, death_signal: deathSignal?.number ?? 0,
        open_files: openFiles ?? 0, groups: groups.baseAddress, group_count: groups.count)
      guard let directory else {
        return unsafe child_start(&plan, Self.patienceMilliseconds, &failure)
      }
      return unsafe directory.withCString { path in
        unsafe plan.directory = path
        return unsafe child_start(&plan, Self.patienceMilliseconds, &failure)
      }
    }
  }

  private func candidates(for program: String) -> [String] {
    if let executable { return ["/proc/self/fd/\(executable)"] }
    if program.contains("/") { return [program] }
    let path = environment.last { $0.name == "PATH" }?.value ?? "/usr/local/bin:/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(program)" }
  }

  private func explain(_ failure: child_failure, _ program: String) -> String {
    let reason = SystemError(code: failure.error)
    switch (failure.stage, failure.error) {
    case (Int32(child_stage_directory.rawValue), _):
      return "cannot enter the directory \(directory ?? ""): \(reason)"
    case (Int32(child_stage_group.rawValue), _):
      return "cannot enter the control group: \(reason)"
    case (Int32(child_stage_execute.rawValue), ENOENT) where !program.contains("/"):
      return "cannot run \(program): not found in PATH"
    case (Int32(child_stage_execute.rawValue), ENOENT):
      return "cannot run \(program): no such file in \(directory ?? "the current directory")"
        + ", or the interpreter that its first line names is missing"
    case (Int32(child_stage_execute.rawValue), EACCES):
      return "cannot run \(program): not executable"
    case (Int32(child_stage_execute.rawValue), ENOEXEC):
      return "cannot run \(program): neither a program nor a script with #! in its first line"
    case (Int32(child_stage_execute.rawValue), _):
      return "cannot run \(program): \(reason)"
    default:
      return "cannot start a process: \(reason)"
    }
  }
}
