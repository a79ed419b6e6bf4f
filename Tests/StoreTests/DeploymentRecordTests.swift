import Primitives
import Testing

@testable import Store

@Suite struct DeploymentRecordTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func record(_ number: Int64, _ service: String) -> DeploymentRecord {
    var record = DeploymentRecord(
      number: number, service: service, revision: "r\(number)", version: "\(number).0",
      former: "r\(number - 1)", formerVersion: "\(number - 1).0", kind: "deploy",
      strategy: "canary", state: "rolled-back", author: "eva",
      began: WallTime(milliseconds: 1_000 * number), program: "{}")
    record.reason = "it failed"
    record.lines = ["one", "two"]
    record.ended = WallTime(milliseconds: 2_000 * number)
    return record
  }

  @Test func `what was kept is there after a reopening, oldest first`() async throws {
    let store = folder.open().store
    for number in 1...3 { try await store.save(record(Int64(number), "shop")) }
    var changed = record(2, "shop")
    changed.state = "succeeded"
    changed.ended = nil
    try await store.save(changed)
    await store.close()
    let again = folder.open().store
    #expect(try await again.deployments() == [record(1, "shop"), changed, record(3, "shop")])
  }

  @Test func `the oldest of a service go, and of all services together`() async throws {
    let retention = Retention(deployments: 2, allDeployments: 3)
    let store = folder.open(retention: retention).store
    for number in 1...4 { try await store.save(record(Int64(number), "shop")) }
    #expect(try await store.deployments().map(\.number) == [3, 4])
    try await store.save(record(5, "orders"))
    #expect(try await store.deployments().map(\.number) == [3, 4, 5])
    try await store.save(record(6, "catalog"))
    #expect(try await store.deployments().map(\.number) == [4, 5, 6])
  }
}
