import Alerting
import Primitives
import Testing

@testable import Store

@Suite struct AlertStoreTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func entry(_ number: Int64, alert: String?) -> AlertLogEntry {
    AlertLogEntry(
      at: WallTime(milliseconds: number), kind: .fired, alert: alert, group: "0/service=shop",
      channel: "mail", message: "entry \(number)")
  }

  @Test func `states and the log are there after a reopening`() async throws {
    let store = folder.open().store
    try await store.saveAlerts(
      [("alert/a", "1"), ("group/b", "2"), ("alert/c", "3")],
      log: [entry(1, alert: "a"), entry(2, alert: nil)])
    try await store.saveAlerts([("alert/a", nil), ("group/b", "4")], log: [entry(3, alert: "a")])
    await store.close()
    let again = folder.open().store
    #expect(try await again.alertStates() == ["3", "4"])
    #expect(try await again.alertLog().map(\.message) == ["entry 1", "entry 2", "entry 3"])
    #expect(try await again.alertLog(of: "a") == [entry(1, alert: "a"), entry(3, alert: "a")])
    #expect(try await again.alertLog(limit: 1) == [entry(3, alert: "a")])
  }

  @Test func `the log keeps its newest entries`() async throws {
    let store = folder.open(retention: Retention(alertLog: 3)).store
    for number in Int64(1)...5 { try await store.saveAlerts([], log: [entry(number, alert: nil)]) }
    #expect(try await store.alertLog().map(\.at.milliseconds) == [3, 4, 5])
  }
}
