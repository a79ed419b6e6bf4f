import Primitives
import Store
import Testing

@testable import Engine

@Suite struct DeploymentHistoryTests {
  private func record(_ service: String) -> DeploymentRecord {
    DeploymentRecord(
      number: 0, service: service, revision: "r", version: nil, former: nil, formerVersion: nil,
      kind: "deploy", strategy: "rolling", state: DeploymentHistory.running, author: "a",
      began: WallTime(milliseconds: 0), program: "")
  }

  @Test func `it keeps the newest of a service, and of all services`() {
    var history = DeploymentHistory()
    for _ in 0..<DeploymentHistory.most + 7 { _ = history.add(record("shop")) }
    #expect(history.records.count == DeploymentHistory.most)
    #expect(history.records.first?.number == 8)
    for number in 0..<DeploymentHistory.mostOfAll + 9 { _ = history.add(record("gone-\(number)")) }
    #expect(history.records.count == DeploymentHistory.mostOfAll)
    #expect(history.records.first?.service == "gone-9")
  }
}
