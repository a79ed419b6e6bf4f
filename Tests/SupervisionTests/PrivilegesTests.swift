import Glibc
import Supervision
import Testing

@Suite(.timeLimit(.minutes(1))) struct PrivilegesTests {
  @Test func `an engine keeps no capability but the one over file modes`() async {
    await #expect(processExitsWith: .exitCode(0)) {
      try EnginePrivileges.drop()
      // This thread's status, as capabilities are a thread's.
      let status = contents(of: "/proc/thread-self/status") ?? ""
      let lines = status.split(separator: "\n")
      let isRoot = geteuid() == 0
      let wanted: [(name: String, value: String)] = [
        ("NoNewPrivs", "1"), ("CapInh", "0000000000000000"), ("CapAmb", "0000000000000000"),
        ("CapPrm", isRoot ? "0000000000000002" : "0000000000000000"),
        ("CapEff", isRoot ? "0000000000000002" : "0000000000000000"),
      ]
      for (name, value) in wanted where !lines.contains("\(name):\t\(value)") { exit(3) }
      if isRoot, !lines.contains("CapBnd:\t0000000000000002") { exit(4) }
      // And a program that it starts has no more.
      let process = ChildProcess(
        command: ["/bin/sh", "-c", "chown 1:1 /proc/self/fd/0 2>/dev/null && exit 1; exit 0"],
        environment: [])
      exit(waitForEnd(of: try process.start()))
    }
  }
}
