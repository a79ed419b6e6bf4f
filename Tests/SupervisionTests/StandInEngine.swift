import Glibc
import Keeper
import Primitives
import Testing

/// An engine for the keeper's tests: a small program that speaks the link's protocol from outside
/// of Swift. Each scenario is a piece of Python that runs after this one; `GENERATION` counts the
/// engines of one keeper, `report(...)` adds a line to the file that the test reads.
struct StandInEngine {
  let path: String
  let folder: TemporaryFolder

  init(scenario: String) throws {
    folder = try TemporaryFolder()
    path = try folder.write(Self.protocolText + scenario, to: "engine.py")
    _ = try folder.write("", to: "report")
  }

  var reports: [String] {
    (folder.read("report") ?? "").split(separator: "\n").map(String.init)
  }

  /// What the keeper and its engines said, for whoever looks why a test failed.
  var said: String { folder.read("said") ?? "" }

  /// Runs a keeper with the engine in a new process.
  /// - Parameter limit: what an upgrade may take.
  func run(
    expecting condition: ExitTest.Condition, limit: TimeSpan = .seconds(30),
    program: String = "python3", location: SourceLocation = #_sourceLocation
  ) async throws {
    let milliseconds = limit.milliseconds
    await #expect(processExitsWith: condition, "\(said)", sourceLocation: location) {
      [path = path as String, program = program as String, milliseconds = milliseconds as Int64] in
      Self.keep(path, program: program, upgradeLimit: .milliseconds(milliseconds))
    }
  }

  /// The keeper's process. A scenario that goes wrong would have engines started without end, and
  /// nobody ends an exit test that takes too long: the alarm does.
  static func keep(
    _ path: String, program: String = "python3", upgradeLimit: TimeSpan = .seconds(30)
  ) -> Never {
    alarm(110)
    let said = unsafe open(
      String(path.dropLast("engine.py".count)) + "said", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    if said >= 0 {
      _ = dup2(said, STDERR_FILENO)
      close(said)
    }
    var keeper = KeeperProcess(
      enginePath: program, engineArguments: [path], upgradeLimit: upgradeLimit)
    exit(keeper.run())
  }

  private static let protocolText = #"""
    import array, json, os, signal, socket, sys, time
    FOLDER = os.path.dirname(os.path.abspath(__file__))
    LINK = socket.socket(fileno=int(os.environ["BALLAST_LINK"]))
    LINK.settimeout(20)

    def report(*words):
        with open(FOLDER + "/report", "a") as file:
            print(*words, file=file)

    GENERATION = sum(1 for line in open(FOLDER + "/report") if line.startswith("engine")) + 1
    report("engine", GENERATION)

    def say(kind, descriptors=(), **fields):
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
        LINK.sendmsg([json.dumps({kind: fields}).encode()], rights if descriptors else [])

    def hear(wanted=None):
        while True:
            data, descriptors, _, _ = socket.recv_fds(LINK, 1 << 18, 253)
            if not data:
                os._exit(9)
            (kind, fields), = json.loads(data).items()
            if wanted is None or kind == wanted:
                return kind, fields.get("_0", fields), descriptors

    def greet():
        say("hello", version=str(GENERATION), link=dict(oldest=2, newest=2))
        held = {}
        while True:
            kind, fields, descriptors = hear()
            held.setdefault(kind, []).append((fields, descriptors))
            if kind == "welcome":
                return held

    def start(name, command, **more):
        spec = dict(name=name, service=name.rsplit("-", 1)[0], command=command, directory="/",
                    environment=[], port=0, logFile=FOLDER + "/" + name + ".log", template="",
                    stopSignal="TERM", stopTimeoutMilliseconds=10000)
        spec.update(more)
        say("start", _0=spec)
        return hear()

    def run(number, command, milliseconds=20000, **environment):
        variables = [dict(name=name, value=value) for name, value in environment.items()]
        say("run", _0=dict(id=number, command=command, directory=FOLDER, environment=variables,
                           timeoutMilliseconds=milliseconds))

    def ended():
        outcome = hear("ran")[1]
        (kind, fields), = outcome["end"].items()
        words = {"timedOut": "took too long"}.get(kind) or fields["_0"]
        if kind == "exited":
            (kind, number), = words.items()
            words = {"code": "exited with code", "signal": "killed by"}[kind] + " %d" % number["_0"]
        return outcome["id"], words, outcome["output"]

    def is_gone(pid):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                if open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
            except (FileNotFoundError, ProcessLookupError):
                return True
            time.sleep(0.001)
        return False

    def to_keeper(number):
        os.kill(os.getppid(), number)

    def take_over():
        say("prepared")
        held = {}
        while True:
            kind, fields, descriptors = hear()
            held.setdefault(kind, []).append((fields, descriptors))
            if kind == "takeOver":
                say("serving")
                return held

    def retire():
        hear("retire")
        say("retired", drainMilliseconds=60000)

    def leave():
        hear("handedOver")
        say("finished")
        sys.exit(0)

    def outcome():
        """How the upgrade ended."""
        while True:
            progress = hear("upgrade")[1]
            if "ended" in progress:
                return progress

    def finish():
        hear("drain")
        say("finished")
        sys.exit(0)

    """#
}
