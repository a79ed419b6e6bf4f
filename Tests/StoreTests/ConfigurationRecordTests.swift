import Primitives
import Testing

@testable import Store

@Suite struct ConfigurationRecordTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func record(_ number: Int64, _ files: String) -> ConfigurationRecord {
    ConfigurationRecord(
      number: number, at: WallTime(milliseconds: 1_000 * number), origin: "apply", author: "eva",
      file: "shop.yaml", files: files)
  }

  @Test func `what was kept is there after a reopening, newest first`() async throws {
    let store = folder.open().store
    try await store.save(record(1, "one"))
    try await store.save(record(2, "two"))
    await store.close()
    let again = folder.open().store
    #expect(try await again.configurations().map(\.number) == [2, 1])
    #expect(try await again.configurations().map(\.files) == ["", ""], "lists have no texts")
    #expect(try await again.configuration() == record(2, "two"))
    #expect(try await again.configuration(number: 1) == record(1, "one"))
    #expect(try await again.configuration(number: 3) == nil)
  }

  @Test func `the same text is kept once, and for as long as an entry has it`() async throws {
    let store = folder.open(retention: Retention(configurations: 2)).store
    for (number, text) in zip(1..., ["one", "two", "one", "three"]) {
      try await store.save(record(Int64(number), text))
    }
    #expect(try await store.configurations().map(\.number) == [4, 3])
    #expect(try await store.configuration(number: 3)?.files == "one")
    #expect(try await store.keptTexts() == 2)
  }

  @Test func `all texts together have a bound, and the newest stays whatever it has`() async throws
  {
    let retention = Retention(configurations: 100, configurationBytes: 1_000)
    let store = folder.open(retention: retention).store
    for number in 1...5 {
      try await store.save(record(Int64(number), String(repeating: "\(number)", count: 400)))
    }
    #expect(try await store.configurations().map(\.number) == [5, 4])
    try await store.save(record(6, String(repeating: "x", count: 5_000)))
    #expect(try await store.configurations().map(\.number) == [6])
  }
}

extension Store {
  fileprivate func keptTexts() throws -> Int64? {
    try database.integer("SELECT count(*) FROM configuration_texts")
  }
}
