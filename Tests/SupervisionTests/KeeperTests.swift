import Glibc
import Keeper
import Testing

/// The whole keeper, each in a process of its own, with real children and real signals.
@Suite(.timeLimit(.minutes(2))) struct KeeperTests {
  @Test func `an engine's crash costs neither sockets nor replicas`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        held = greet()
        if GENERATION == 1:
            say("listen", name="web", address="127.0.0.1:0", sockets=2)
            _, listening, sockets = hear("listening")
            report("sockets", len(sockets), listening["address"])
            kind, replica, _ = start("shop-1", ["sleep", "1000"])
            report(kind, replica["pid"], 20000 <= replica["port"] <= 29999)
            file = os.memfd_create("configuration")
            os.write(file, b"listeners: {}")
            say("keepConfiguration", [file])
            say("serving")
            os.kill(os.getpid(), signal.SIGKILL)
        (listening, sockets), = held["listening"]
        (replica, _), = held["running"]
        (welcome, configuration), = held["welcome"]
        report("sockets", len(sockets), listening["address"])
        report("started", replica["pid"], replica["spec"]["name"])
        report(welcome["restarts"], welcome["lastEnd"], os.pread(configuration[0], 100, 0).decode())
        host, port = listening["address"].split(":")
        client = socket.create_connection((host, int(port)))
        servers = [socket.socket(fileno=number) for number in sockets]
        import select
        ready, _, _ = select.select(servers, [], [], 10)
        report("accepts", ready[0].accept()[0].getpeername() == client.getsockname())
        say("serving")
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await run(engine, expecting: .exitCode(0))
    let lines = engine.reports
    try #require(lines.count == 8, "\(lines)")
    #expect(lines[1] == lines[4])
    #expect(lines[2].hasPrefix("started ") && lines[2].hasSuffix(" True"))
    #expect(lines[2].split(separator: " ")[1] == lines[5].split(separator: " ")[1])
    #expect(lines[6] == "1 killed by SIGKILL listeners: {}")
    #expect(lines[7] == "accepts True")
    #expect(isGone(lines[2].split(separator: " ")[1]))
  }

  @Test func `an engine that refuses the configuration at first ends the keeper with its code`()
    async throws
  {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        kind, replica, _ = start("shop-1", ["sleep", "1000"])
        report(kind, replica["pid"])
        sys.exit(7)
        """#)
    try await run(engine, expecting: .exitCode(7))
    #expect(engine.reports.count == 2)
    #expect(isGone(try #require(engine.reports.last).split(separator: " ")[1]))
  }

  @Test func `a replica's output, end and last lines are told`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        start("shop-1", ["sh", "-c", "echo ${REPLICA} at $PORT; echo oops >&2; exit 3"])
        exited = hear("exited")[1]
        report(exited["end"], exited["wasAsked"], exited["lastLines"][1:])
        report(exited["lastLines"][0].startswith("shop-1 at 2"))
        report(start("shop-2", ["./missing"], directory="/usr")[1]["message"][:23])
        say("serving")
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await run(engine, expecting: .exitCode(0))
    #expect(
      engine.reports.dropFirst() == [
        "{'code': {'_0': 3}} False ['oops']", "True", "cannot run ./missing: n",
      ])
    #expect(engine.folder.read("shop-1.log")?.hasSuffix("\noops\n") == true)
  }

  @Test func `a stop is a signal to the group, and SIGKILL after the timeout`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        say("serving")
        start("polite-1", ["sh", "-c", "trap 'echo bye; exit 0' INT; echo up; sleep 1000 & wait"])
        start("deaf-1", ["sh", "-c", "trap '' TERM; echo up; sleep 1000; sleep 1000"])
        start("hung-1", ["sleep", "1000"])
        start("left-1", ["sh", "-c", "sleep 1000 & echo $! > %s/grandchild" % FOLDER])
        report(hear("exited")[1]["name"], is_gone(int(open(FOLDER + "/grandchild").read())))
        while not all(os.path.exists(FOLDER + "/" + name + ".log") for name in ["polite-1", "deaf-1"]):
            time.sleep(0.01)
        hung = start("stopped-1", ["sleep", "1000"])[1]["pid"]
        os.kill(hung, signal.SIGSTOP)
        for name, number, patience in [("polite-1", "INT", 10000), ("stopped-1", "TERM", 10000),
                                       ("hung-1", "TERM", 10000), ("deaf-1", "TERM", 100)]:
            say("stop", replica=name, signal=number, timeoutMilliseconds=patience)
            exited = hear("exited")[1]
            report(exited["name"], exited["end"], exited["wasAsked"], exited["lastLines"])
        say("stop", replica="nobody-1", signal="TERM", timeoutMilliseconds=1)
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await run(engine, expecting: .exitCode(0))
    #expect(
      engine.reports.dropFirst() == [
        "left-1 True", "polite-1 {'code': {'_0': 0}} True ['up', 'bye']",
        "stopped-1 {'signal': {'_0': 15}} True []", "hung-1 {'signal': {'_0': 15}} True []",
        "deaf-1 {'signal': {'_0': 9}} True ['up']",
      ])
  }

  @Test func `SIGHUP reaches the engine`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        say("serving")
        to_keeper(signal.SIGHUP)
        report(hear("reload")[0])
        to_keeper(signal.SIGINT)
        report(hear("drain")[1]["timeoutMilliseconds"])
        """#)
    try await run(engine, expecting: .exitCode(0))
    #expect(engine.reports == ["engine 1", "reload", "30000"])
  }

  @Test func `an engine that keeps dying is started at once, then later each time`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        say("serving")
        report(time.monotonic())
        if GENERATION == 5:
            to_keeper(signal.SIGTERM)
            finish()
        os.kill(os.getpid(), signal.SIGSEGV)
        """#)
    try await run(engine, expecting: .exitCode(0))
    let times = engine.reports.compactMap(Double.init)
    try #require(times.count == 5)
    let waits = zip(times.dropFirst(), times).map { $0 - $1 }
    // Each has its own start in it as well, which takes as long as the machine is busy.
    #expect(waits[1] >= 0.1 && waits[2] >= 0.2 && waits[3] >= 0.4)
  }

  @Test func `an engine that does not read is ended, and its successor is told everything`()
    async throws
  {
    let engine = try StandInEngine(
      scenario: #"""
        held = greet()
        if GENERATION == 1:
            say("serving")
            for number in range(3000):
                say("listen", name="web", address="unix:" + FOLDER + "/web.sock", sockets=200)
            time.sleep(1000)
        report(held["welcome"][0][0]["lastEnd"], len(held["listening"][0][1]))
        say("serving")
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await run(engine, expecting: .exitCode(0))
    #expect(engine.reports.last == "killed by SIGKILL 200")
  }

  @Test func `one that asks for a notice hears SIGALRM before SIGKILL`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        say("serving")
        def begin(name, alarm):
            script = "trap '%s' ALRM; trap '' TERM; echo up; while :; do sleep 1000 & wait; done" % alarm
            start(name, ["sh", "-c", script], killNoticeMilliseconds=300)
            while not os.path.exists(FOLDER + "/" + name + ".log"):
                time.sleep(0.01)
        begin("lets-1", "echo lets go; exit 7")
        begin("hasty-1", "echo lets go; exit 8")
        begin("deaf-1", "echo no")
        say("stop", replica="lets-1", signal="TERM", timeoutMilliseconds=50)
        exited = hear("exited")[1]
        report(exited["name"], exited["end"], exited["lastLines"])
        for name in ["hasty-1", "deaf-1"]:
            say("stop", replica=name, signal="KILL", timeoutMilliseconds=0)
            exited = hear("exited")[1]
            report(exited["name"], exited["end"], exited["lastLines"])
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await run(engine, expecting: .exitCode(0))
    #expect(
      engine.reports.dropFirst() == [
        "lets-1 {'code': {'_0': 7}} ['up', 'lets go']",
        "hasty-1 {'code': {'_0': 8}} ['up', 'lets go']",
        "deaf-1 {'signal': {'_0': 9}} ['up', 'no']",
      ])
  }

  @Test func `what an engine says wrongly does no harm`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        say("serving")
        for data in [b"{", b"[]", b"null", b"{\"start\":{}}", b"\xff" * 1000, b" " * 200000]:
            LINK.send(data)
        say("keepConfiguration")
        say("keepConfiguration", [0, 1])
        say("stop", replica="nobody", signal="TERM", timeoutMilliseconds=-1)
        say("unlisten", name="nothing")
        report(start("a-1", [])[1]["message"])
        report(start("a-1", ["sleep", "1000"], stopTimeoutMilliseconds=-(1 << 62))[0])
        report(start("a-1", ["sleep", "1000"])[1]["message"])
        report(start("c-1", ["sleep", "1000"], cpu=-1e308)[0])
        report(start("../" * 100, ["sleep", "1000"])[1]["message"])
        report(start("b-1", ["sleep", "1000"], environment=[dict(name="A", value="x" * 195000)])[0])
        say("listen", name="w", address="127.0.0.1:0", sockets=-3)
        report(hear()[1]["message"])
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await run(engine, expecting: .exitCode(0))
    #expect(
      engine.reports.dropFirst() == [
        "no command", "started", "a-1 runs already", "started",
        "a replica's name has 1 to 200 bytes", "startFailed",
        "127.0.0.1:0: -3 sockets; 1 to 253 are possible",
      ])
  }

  @Test func `systemd is told of readiness, reload and stop`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        say("serving")
        to_keeper(signal.SIGHUP)
        hear("reload")
        say("serving")
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    let path = "\(engine.folder.path)/notify"
    let manager = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(manager) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let bound = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(manager, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    let engineFile = engine.path
    await #expect(processExitsWith: .exitCode(0)) {
      [path = path as String, engineFile = engineFile as String] in
      unsafe setenv("NOTIFY_SOCKET", path, 1)
      StandInEngine.keep(engineFile)
    }
    var heard: [String] = []
    var bytes = [UInt8](repeating: 0, count: 256)
    while isReadable(manager, seconds: 0) {
      let count = unsafe read(manager, &bytes, 256)
      heard.append(String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self))
    }
    #expect(heard == ["READY=1", "RELOADING=1", "READY=1", "STOPPING=1"])
  }

  @Test func `a second SIGTERM stops at once`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        replica = start("deaf-1", ["sh", "-c", "trap '' TERM; sleep 1000; sleep 1000"])[1]
        report(replica["pid"])
        say("serving")
        to_keeper(signal.SIGTERM)
        hear("drain")
        to_keeper(signal.SIGTERM)
        time.sleep(1000)
        """#)
    try await run(engine, expecting: .exitCode(1))
    #expect(isGone(engine.reports[1][...]))
  }

  @Test func `nobody outlives a killed keeper`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        replica = start("shop-1", ["sleep", "1000"])[1]
        report(replica["pid"])
        report(os.getpid())
        say("serving")
        to_keeper(signal.SIGKILL)
        time.sleep(1000)
        """#)
    try await run(engine, expecting: .signal(SIGKILL))
    for pid in engine.reports.dropFirst() { #expect(isGone(pid[...])) }
  }

  @Test func `a listener moves, grows and is renamed without a gap, a port in use is told`()
    async throws
  {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        say("serving")
        other = socket.create_server(("127.0.0.1", 0))
        taken = "127.0.0.1:%d" % other.getsockname()[1]
        def listen(name, address, sockets):
            say("listen", name=name, address=address, sockets=sockets)
            return hear()
        def inodes(descriptors):
            return [os.fstat(number).st_ino for number in descriptors]
        path = "unix:" + FOLDER + "/run/web.sock"
        first = listen("web", path, 1)
        report(first[0], len(first[2]))
        more = listen("web", path, 3)
        report(more[0], inodes(more[2]) == inodes(first[2]) * 3)
        renamed = listen("front", path, 3)
        report(renamed[0], inodes(renamed[2]) == inodes(more[2]))
        say("unlisten", name="web")
        report(listen("front", taken, 1)[1]["message"].replace(taken, "it"), os.getpid())
        client = socket.socket(socket.AF_UNIX)
        client.connect(path[5:])
        moved = listen("front", "127.0.0.1:0", 2)
        report(moved[0], len(moved[2]), os.path.exists(path[5:]))
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await run(engine, expecting: .exitCode(0))
    let lines = engine.reports
    #expect(lines.count == 6)
    #expect(lines.prefix(4).dropFirst() == ["listening 1", "listening True", "listening True"])
    let words = lines[4].split(separator: " ")
    #expect(lines[4].hasPrefix("it is in use by python3 (pid \(words.last ?? "")) "))
    #expect(lines[5] == "listening 2 False")
  }

  private func run(
    _ engine: StandInEngine, expecting condition: ExitTest.Condition,
    location: SourceLocation = #_sourceLocation
  ) async throws {
    try await engine.run(expecting: condition, location: location)
  }

  /// Whether a process has ended, at the latest within the deadline.
  private func isGone(_ pid: Substring) -> Bool {
    guard let number = Int32(pid) else { return false }
    for _ in 0..<5_000 {
      // An orphan that nobody has waited for is a zombie: ended as well.
      guard let status = contents(of: "/proc/\(number)/stat") else { return true }
      if status.contains(") Z ") { return true }
      usleep(1_000)
    }
    return false
  }
}
