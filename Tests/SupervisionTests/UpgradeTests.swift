import Glibc
import Primitives
import Testing

/// One engine after another, with real processes and real signals.
@Suite(.timeLimit(.minutes(2))) struct UpgradeTests {
  @Test func `a successor gets the sockets and the replicas, and the former one may drain`()
    async throws
  {
    let engine = try StandInEngine(
      scenario: #"""
        held = greet()
        if GENERATION == 1:
            say("listen", name="web", address="127.0.0.1:0", sockets=2)
            _, listening, sockets = hear("listening")
            report("pid", start("shop-1", ["sleep", "1000"])[1]["pid"])
            say("serving")
            to_keeper(signal.SIGUSR2)
            report(hear("upgrade")[1]["state"])
            hear("retire")
            # Taken by nobody yet: it waits for whoever comes.
            host, port = listening["address"].split(":")
            client = socket.create_connection((host, int(port)))
            file = os.memfd_create("sessions")
            os.write(file, b"who is where")
            say("sessions", [file])
            say("retired", drainMilliseconds=60000)
            hear("handedOver")
            say("start", _0={})
            for number in sockets:
                os.close(number)
            report("late", client.recv(100).decode())
            say("holding", connections=7)
            say("finished")
            sys.exit(0)
        report("replicas before", "running" in held, held["welcome"][0][0]["upgrade"]["formerVersion"])
        (listening, sockets), = held["listening"]
        taken = take_over()
        report("pid", taken["running"][0][0]["pid"])
        report(os.pread(taken["sessions"][0][1][0], 100, 0).decode(), len(taken["takeOver"][0][1]))
        import select
        servers = [socket.socket(fileno=number) for number in sockets]
        ready, _, _ = select.select(servers, [], [], 10)
        ready[0].accept()[0].send(b"but served")
        done = outcome()
        report(done["state"], done["formerVersion"], done["version"], done["pid"] == os.getpid())
        while True:
            left = hear("draining")[1]
            if left and left[0]["connections"]:
                report("draining", left[0]["version"], left[0]["connections"])
            if not left:
                break
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await engine.run(expecting: .exitCode(0))
    let lines = engine.reports
    let pid = try #require(lines.first { $0.hasPrefix("pid") })
    #expect(lines.count { $0 == pid } == 2)
    #expect(
      Set(lines).isSuperset(of: [
        "starting", "replicas before False 1", "who is where 2", "late but served",
        "done 1 2 True", "draining 1 7",
      ]), "\(lines)")
  }

  @Test
  func `a successor that refuses its configuration is dropped with its words and its sockets`()
    async throws
  {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        if GENERATION == 2:
            say("listen", name="new", address="unix:" + FOLDER + "/new.sock", sockets=1)
            report(hear("listening")[0], os.path.exists(FOLDER + "/new.sock"))
            print("ballast.yaml:3: no such thing", file=sys.stderr, flush=True)
            sys.exit(3)
        say("serving")
        to_keeper(signal.SIGUSR2)
        failed = outcome()
        report(failed["state"], failed["reason"], failed["lines"], os.path.exists(FOLDER + "/new.sock"))
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await engine.run(expecting: .exitCode(0))
    #expect(
      engine.reports.suffix(2) == [
        "listening True",
        "failed the new engine exited with code 3 ['ballast.yaml:3: no such thing'] False",
      ])
  }

  @Test func `a successor that hangs is killed at the limit, before and after it took over`()
    async throws
  {
    let engine = try StandInEngine(
      scenario: #"""
        held = greet()
        if GENERATION == 2:
            report("pid", os.getpid())
            time.sleep(1000)
        if GENERATION == 3:
            say("prepared")
            hear("takeOver")
            time.sleep(1000)
        if GENERATION == 4:
            # After the one that took over; the first one takes connections until now.
            report("after", held["upgrade"][-1][0]["reason"])
            say("serving")
            to_keeper(signal.SIGTERM)
            finish()
        say("serving")
        to_keeper(signal.SIGUSR2)
        report(outcome()["reason"])
        to_keeper(signal.SIGUSR2)
        retire()
        hear("handedOver")
        report("handed over")
        finish()
        """#)
    try await engine.run(expecting: .exitCode(0), limit: .seconds(3))
    let lines = engine.reports
    let late = "the new engine did not serve within 3s"
    #expect(lines.contains(late) && lines.contains("after \(late)"), "\(lines)")
    #expect(
      lines.firstIndex(of: "handed over") ?? 0 > lines.firstIndex(of: "after \(late)") ?? .max,
      "\(lines)")
  }

  @Test func `an engine of another version of the link is refused and told why`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        if GENERATION == 2:
            say("hello", version="9", link=dict(oldest=8, newest=9))
            report(hear("incompatible")[1]["message"][:25])
            time.sleep(1000)
        if GENERATION == 3:
            say("hello", version="0")
            report(hear("incompatible")[1]["message"][:25])
            time.sleep(1000)
        greet()
        say("serving")
        for attempt in range(2):
            to_keeper(signal.SIGUSR2)
            failed = outcome()
            report(failed["reason"][:46], failed["version"])
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await engine.run(expecting: .exitCode(0))
    let reason = "the new engine cannot be had: it speaks versio"
    for line in [
      "\(reason) 9", "\(reason) 0", "it speaks versions 8 to 9", "it speaks version 1 of th",
    ] {
      #expect(engine.reports.contains(line), "\(engine.reports)")
    }
  }

  @Test func `an engine that can't hand over now stays in charge`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        if GENERATION == 2:
            say("prepared")
            time.sleep(1000)
        say("serving")
        to_keeper(signal.SIGUSR2)
        hear("retire")
        say("retireRefused", reason="a promotion is under way")
        report(outcome()["reason"])
        report(start("shop-1", ["sleep", "1000"])[0])
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await engine.run(expecting: .exitCode(0))
    #expect(
      engine.reports.suffix(2) == [
        "the engine in charge cannot hand over: a promotion is under way", "started",
      ])
  }

  @Test func `SIGHUP and another SIGUSR2 wait for the end of an upgrade`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        all_kinds = hear
        def hear(wanted=None):
            while True:
                message = all_kinds()
                if message[0] == "reload":
                    report("reload")
                if wanted in (None, message[0]):
                    return message
        greet()
        if GENERATION == 1:
            say("serving")
            to_keeper(signal.SIGUSR2)
            hear("retire")
            for number in (signal.SIGHUP, signal.SIGUSR2, signal.SIGUSR2):
                to_keeper(number)
            say("retired", drainMilliseconds=60000)
            while True:
                kind = hear()[0]
                report("former", kind)
                if kind == "handedOver":
                    say("finished")
                    sys.exit(0)
        take_over()
        if GENERATION == 2:
            report("state", outcome()["state"])
            retire()
            leave()
        report("state", outcome()["state"])
        # Signals of one instant come in any order: it may be told after the second upgrade.
        if "reload" not in open(FOLDER + "/report").read().split():
            hear("reload")
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await engine.run(expecting: .exitCode(0))
    let lines = engine.reports.filter { !$0.hasPrefix("engine") }
    #expect(lines.filter { $0.hasPrefix("former") } == ["former handedOver"])
    #expect(lines.filter { $0.hasPrefix("state") } == ["state done", "state done"], "\(lines)")
    // The one that is retired hears of it as well.
    #expect(lines.contains("reload"), "\(lines)")
  }

  @Test func `SIGTERM during an upgrade ends all`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        if GENERATION == 2:
            report("pid", os.getpid())
            to_keeper(signal.SIGTERM)
            time.sleep(1000)
        report("pid", start("shop-1", ["sleep", "1000"])[1]["pid"])
        say("serving")
        to_keeper(signal.SIGUSR2)
        finish()
        """#)
    try await engine.run(expecting: .exitCode(0))
    let pids = engine.reports.filter { $0.hasPrefix("pid") }
    #expect(pids.count == 2)
  }

  @Test func `SIGTERM lets retired engines finish too, and the replicas stay as long`() async throws
  {
    let engine = try StandInEngine(
      scenario: #"""
        held = greet()
        if GENERATION == 1:
            replica = start("shop-1", ["sleep", "1000"])[1]["pid"]
            say("serving")
            to_keeper(signal.SIGUSR2)
            retire()
            hear("drain")
            # The other one has ended by now, or does at once.
            deadline = time.monotonic() + 10
            while "gone" not in open(FOLDER + "/report").read() and time.monotonic() < deadline:
                time.sleep(0.005)
            report("replica", os.path.exists("/proc/%d" % replica))
            say("finished")
            sys.exit(0)
        take_over()
        outcome()
        to_keeper(signal.SIGTERM)
        hear("drain")
        say("finished")
        report("gone")
        sys.exit(0)
        """#)
    try await engine.run(expecting: .exitCode(0))
    #expect(engine.reports.last == "replica True")
  }

  @Test func `the end of a retired engine costs nobody else anything`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        if GENERATION == 1:
            say("serving")
            to_keeper(signal.SIGUSR2)
            retire()
            hear("handedOver")
            os.kill(os.getpid(), signal.SIGSEGV)
        take_over()
        outcome()
        while hear("draining")[1]:
            pass
        report(start("shop-1", ["sleep", "1000"])[0])
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await engine.run(expecting: .exitCode(0))
    #expect(engine.reports == ["engine 1", "engine 2", "started"])
  }

  @Test func `of many retired engines the oldest is cut`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        if GENERATION == 1:
            say("serving")
        else:
            take_over()
            outcome()
        if GENERATION == 6:
            while len(left := hear("draining")[1]) != 4:
                pass
            report("left", [one["version"] for one in left])
            to_keeper(signal.SIGTERM)
            finish()
        to_keeper(signal.SIGUSR2)
        retire()
        hear("handedOver")
        report("drain", GENERATION, hear("drain")[1]["timeoutMilliseconds"])
        say("finished")
        sys.exit(0)
        """#)
    try await engine.run(expecting: .exitCode(0))
    #expect(engine.reports.contains("drain 1 0"))
    #expect(engine.reports.contains("left ['2', '3', '4', '5']"), "\(engine.reports)")
    for number in 2...5 { #expect(engine.reports.contains("drain \(number) 30000")) }
  }

  @Test func `a crash is followed by the same program, an upgrade by what lies there now`()
    async throws
  {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        program = FOLDER + "/program"
        if GENERATION == 1:
            os.rename(program, program + ".old")
            with open(program, "w") as file:
                file.write("#!/bin/sh\necho other $2 >> %s/report\nexec python3 \"$@\"\n" % FOLDER)
            os.chmod(program, 0o755)
            say("serving")
            os.kill(os.getpid(), signal.SIGKILL)
        if GENERATION == 2:
            report("argument", os.readlink("/proc/self/exe").endswith("program.old"))
            say("serving")
            to_keeper(signal.SIGUSR2)
            retire()
            leave()
        take_over()
        report(outcome()["state"])
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    let python = try #require(
      ["/usr/bin/python3", "/usr/local/bin/python3"].compactMap(resolved).first)
    let program = "\(engine.folder.path)/program"
    try #require(system("cp \(python) \(program)") == 0)
    try await engine.run(expecting: .exitCode(0), program: program)
    #expect(
      engine.reports.filter { !$0.hasPrefix("engine") } == ["argument True", "other", "done"],
      "\(engine.reports)")
  }

  private func resolved(_ path: String) -> String? {
    guard let real = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }

  private func system(_ command: String) -> Int32 { unsafe Glibc.system(command) }
}
