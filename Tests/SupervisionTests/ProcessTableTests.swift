import Glibc
import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1))) struct ProcessTableTests {
  @Test func `a line of stat is read behind a name of any kind`() throws {
    let line = "12 (a) b) (c) S 1 12 12 0 -1 4194560 1 0 0 0 100 50 20 30 20 0 1 0 5 8192 7 0 0\n"
    let (session, usage) = try #require(ProcessTable.parse(line))
    #expect(session == 12)
    #expect(usage.residentBytes == 7 * Int64(sysconf(Int32(_SC_PAGESIZE))))
    #expect(usage.cpuSeconds == 200 / Double(sysconf(Int32(_SC_CLK_TCK))))
    for broken in ["", "12 (a", "12 (a) S 1", "12 (a) " + String(repeating: "x ", count: 40)] {
      #expect(ProcessTable.parse(broken) == nil)
    }
  }

  @Test func `a session's use is that of all its processes`() throws {
    // The shell and two loops of it, which use the CPU.
    let process = ChildProcess(
      command: ["sh", "-c", "while :; do :; done & while :; do :; done & wait"],
      environment: [("PATH", "/usr/bin:/bin")])
    let pid = try process.start()
    defer {
      kill(-pid, SIGKILL)
      _ = waitForEnd(of: pid)
    }
    var seen = ProcessTable.Usage()
    for _ in 0..<10_000 where seen.cpuSeconds < 0.1 {
      seen = ProcessTable.usage(ofSessions: [pid])[pid] ?? seen
      usleep(1_000)
    }
    #expect(seen.cpuSeconds >= 0.1 && seen.residentBytes > 0)
    #expect(ProcessTable.usage(ofSessions: [pid, -1]).count == 1)
    #expect(ProcessTable.cores >= 1 && ProcessTable.memoryBytes > seen.residentBytes)
  }
}
