import Glibc
import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1))) struct ChildProcessTests {
  let environment = [(name: "PATH", value: "/usr/local/bin:/usr/bin:/bin")]

  /// Runs a shell line and returns what it printed, and its wait status.
  private func run(
    _ line: String, prepare: (inout ChildProcess) -> Void = { _ in }
  ) throws -> (lines: [String], status: Int32) {
    let folder = try TemporaryFolder()
    var (output, writing) = try ReplicaOutput.open(logFile: "\(folder.path)/log")
    var process = ChildProcess(command: ["sh", "-c", line], environment: environment)
    process.output = writing
    prepare(&process)
    let pid = try process.start()
    close(writing)
    while output.pipe >= 0, isReadable(output.pipe) { output.take() }
    output.finish()
    return (output.lastLines.texts, waitForEnd(of: pid))
  }

  @Test func `a child leads a session of its own and reads nothing`() throws {
    let (lines, status) = try run("cut -d' ' -f1,5,6 /proc/$$/stat; readlink /proc/$$/fd/0")
    let numbers = try #require(lines.first).split(separator: " ")
    #expect(Set(numbers).count == 1)
    #expect(lines.last == "/dev/null")
    #expect(status == 0)
  }

  @Test func `a child has no descriptors but the standard ones and the link`() throws {
    let leaked = unsafe open("/dev/null", O_RDONLY)
    defer { close(leaked) }
    let (keeper, engine) = try LinkSocket.pair()
    defer { Descriptor.close([keeper, engine]) }
    // `sh` itself opens nothing; `ls` adds the folder that it lists, as descriptor 3 or 4.
    #expect(try run("ls /proc/$$/fd").lines == ["0", "1", "2"])
    #expect(try run("ls /proc/$$/fd") { $0.link = engine }.lines == ["0", "1", "2", "3"])
  }

  @Test func `a child has default signals and an empty mask`() throws {
    signal(SIGUSR1, SIG_IGN)
    defer { signal(SIGUSR1, SIG_DFL) }
    let (lines, _) = try run("exec grep -E '^Sig(Blk|Ign)' /proc/self/status")
    #expect(lines == ["SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000"])
  }

  @Test func `a child gets its directory, environment and limit of open files`() throws {
    let (lines, _) = try run("pwd; echo $COLOUR; ulimit -Sn") { process in
      process.directory = "/usr"
      process.environment.set("COLOUR", "blue")
      process.openFiles = 77
    }
    #expect(lines == ["/usr", "blue", "77"])
  }

  @Test func `a program that cannot run is explained`() throws {
    let folder = try TemporaryFolder()
    let plain = try folder.write("echo hello\n", to: "plain")
    let cases: [(command: [String], directory: String?, message: String)] = [
      (["no-such-program"], nil, "cannot run no-such-program: not found in PATH"),
      ([plain], nil, "cannot run \(plain): not executable"),
      (["sh"], "/no/where", "cannot enter the directory /no/where: No such file or directory"),
      ([], nil, "no command"),
      (["sh\0"], nil, "a NUL byte in the command, its environment or its directory"),
    ]
    for (command, directory, message) in cases {
      let process = ChildProcess(
        command: command, environment: environment, directory: directory)
      #expect(throws: StartError(message)) { try process.start() }
    }
    unsafe chmod(plain, 0o755)
    let text = ChildProcess(command: [plain], environment: environment)
    #expect(
      throws: StartError(
        "cannot run \(plain): neither a program nor a script with #! in its first line")
    ) { try text.start() }
  }

  @Test func `a replica's command and environment get its port and name`() {
    let spec = ReplicaSpec(
      name: "shop-2", service: "shop", command: ["./shop", "--port=${PORT}", "${HOME}"],
      directory: "/srv", environment: [.init(name: "LABEL", value: "${REPLICA}:${PORT}")],
      logFile: "/tmp/x")
    let process = spec.process(port: 20_001, inherited: [("HOME", "/root"), ("PORT", "1")])
    #expect(process.command == ["./shop", "--port=20001", "${HOME}"])
    let variables = process.environment.map { "\($0.name)=\($0.value)" }
    #expect(variables == ["HOME=/root", "LABEL=shop-2:20001", "PORT=20001", "REPLICA=shop-2"])
  }

  @Test func `ends are told in words`() {
    #expect(ProcessEnd.code(3).description == "exited with code 3")
    #expect(ProcessEnd.signal(SIGSEGV).description == "killed by SIGSEGV")
    #expect(ProcessEnd.signal(SIGTERM).description == "killed by SIGTERM")
    #expect(ProcessEnd.signal(40).description == "killed by signal 40")
  }
}
