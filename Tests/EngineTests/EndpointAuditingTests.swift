import Testing

@testable import Engine

struct EndpointAuditingTests {
  /// They change nothing; whoever adds one here says so.
  private static let harmless: Set<Endpoint> = [
    .plan, .explain, .compareAudit, .beginRestore, .restorePiece, .dropRestore,
  ]

  @Test(arguments: Endpoint.allCases)
  func `a call that changes something is recorded, and one that looks is not`(
    _ endpoint: Endpoint
  ) {
    let looks = endpoint.description.method == "GET" && endpoint != .backup
    let isRecorded = !looks && !Self.harmless.contains(endpoint)
    #expect((endpoint.auditedAs != nil) == isRecorded)
  }

  @Test func `no two calls are recorded under the same name`() {
    let names = Endpoint.allCases.compactMap(\.auditedAs)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "." || $0 == "-" } })
  }
}
