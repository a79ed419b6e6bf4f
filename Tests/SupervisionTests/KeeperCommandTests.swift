import Glibc
import Keeper
import Testing

/// Commands that the keeper runs for an engine, with real programs.
@Suite(.timeLimit(.minutes(2))) struct KeeperCommandTests {
  @Test func `a command's end and its last words come back`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        say("serving")
        run(1, ["sh", "-c", "echo $COLOUR; echo oops >&2; pwd"], COLOUR="blue")
        report(ended())
        run(2, ["sh", "-c", "exit 3"])
        run(3, ["sh", "-c", "kill -SEGV $$"])
        run(4, ["./missing"])
        run(5, [])
        for outcome in sorted([ended() for _ in range(4)]):
            report(outcome)
        run(6, ["sh", "-c", "yes | head -c 300000; echo; echo last"])
        number, end, output = ended()
        report(number, end, len(output), output.endswith("\nlast\n"))
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await run(engine, expecting: .exitCode(0))
    let folder = engine.folder.path
    #expect(
      engine.reports.dropFirst() == [
        "(1, 'exited with code 0', 'blue\\noops\\n\(folder)\\n')",
        "(2, 'exited with code 3', '')", "(3, 'killed by 11', '')",
        "(4, 'cannot run ./missing: no such file in \(folder), or the interpreter that its first"
          + " line names is missing', '')",
        "(5, 'no command', '')", "6 exited with code 0 2048 True",
      ])
  }

  @Test func `a command that takes too long is killed with all that it began`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        say("serving")
        run(1, ["sh", "-c", "trap '' TERM; echo up; sleep 1000 & echo $! > grandchild; wait"], 500)
        report(ended())
        report(is_gone(int(open(FOLDER + "/grandchild").read())))
        run(2, ["sh", "-c", "sleep 1000 & echo $! > grandchild; exit 0"])
        report(ended())
        report(is_gone(int(open(FOLDER + "/grandchild").read())))
        run(3, ["sleep", "1000"], -5)
        report(ended())
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await run(engine, expecting: .exitCode(0))
    #expect(
      engine.reports.dropFirst() == [
        "(1, 'took too long', 'up\\n')", "True", "(2, 'exited with code 0', '')", "True",
        "(3, 'took too long', '')",
      ])
  }

  @Test func `no more run at once than there are places`() async throws {
    let engine = try StandInEngine(
      scenario: #"""
        greet()
        say("serving")
        for number in range(33):
            run(number, ["sh", "-c", "while [ ! -e go ]; do sleep 0.01; done; echo went"])
        report(ended())
        open(FOLDER + "/go", "w").close()
        report(len({ended()[0] for _ in range(32)}))
        run(40, ["true"])
        report(ended())
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await run(engine, expecting: .exitCode(0))
    #expect(
      engine.reports.dropFirst() == [
        "(32, '32 commands run already', '')", "32", "(40, 'exited with code 0', '')",
      ])
  }

  @Test func `a command ends with its engine, and the next engine hears nothing of it`()
    async throws
  {
    let engine = try StandInEngine(
      scenario: #"""
        held = greet()
        say("serving")
        if GENERATION == 1:
            run(1, ["sh", "-c", "echo $$ > running; sleep 1000; sleep 1000"])
            while not os.path.exists(FOLDER + "/running"):
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGKILL)
        report(is_gone(int(open(FOLDER + "/running").read())))
        report("ran" in held)
        run(1, ["echo", "mine"])
        report(ended())
        run(2, ["sleep", "1000"])
        to_keeper(signal.SIGTERM)
        finish()
        """#)
    try await run(engine, expecting: .exitCode(0))
    #expect(
      engine.reports.dropFirst(2) == ["True", "False", "(1, 'exited with code 0', 'mine\\n')"])
  }

  private func run(
    _ engine: StandInEngine, expecting condition: ExitTest.Condition,
    location: SourceLocation = #_sourceLocation
  ) async throws {
    let path = engine.path
    await #expect(processExitsWith: condition, sourceLocation: location) {
      [path = path as String] in
      StandInEngine.keep(path)
    }
  }
}
