import AdminAPI
import Primitives
import Testing

@testable import ballast

@Suite struct UpgradeLineTests {
  private var status: UpgradeStatus {
    var status = UpgradeStatus(state: .starting)
    (status.formerVersion, status.formerPid, status.pid) = ("1.0", 7, 8)
    return status
  }

  @Test func `each state is a line, and a version is told once it is known`() {
    var status = status
    #expect(UpgradeCommand.line(status) == "starting: engine pid 8")
    status.version = "1.1"
    #expect(UpgradeCommand.line(status) == "starting: ballast 1.1 (pid 8)")
    status.state = .handingOver
    #expect(
      UpgradeCommand.line(status)
        == "handing over: ballast 1.1 (pid 8) takes what ballast 1.0 (pid 7) knows")
    status.state = .done
    #expect(UpgradeCommand.line(status) == "upgraded: ballast 1.1 (pid 8) serves")
  }

  @Test func `what the former engine still has is counted, what others have is not`() {
    var status = status
    (status.state, status.version) = (.done, "1.1")
    let time = WallTime(milliseconds: 0)
    func left(_ pid: Int, _ connections: Int) -> DrainingStatus {
      DrainingStatus(pid: pid, version: "1.0", since: time, until: time, connections: connections)
    }
    status.draining = [left(3, 50), left(7, 1)]
    #expect(
      UpgradeCommand.line(status)
        == "upgraded: ballast 1.1 (pid 8) serves; ballast 1.0 (pid 7) finishes 1 connection")
  }

  @Test func `a failure says why, without control characters`() {
    var status = status
    (status.state, status.reason) = (.failed, "it\u{1B}[2J died")
    #expect(!UpgradeCommand.line(status).contains("\u{1B}"))
    #expect(UpgradeCommand.line(status).hasPrefix("failed: it"))
  }
}
