import HealthChecking
import Testing

@Suite struct GRPCHealthMessageTests {
  @Test func `a question names the service, or none for the whole server`() {
    #expect(GRPCHealthMessage.request(service: "") == [0, 0, 0, 0, 0])
    #expect(GRPCHealthMessage.request(service: "ab") == [0, 0, 0, 0, 4, 10, 2, 97, 98])
    let long = GRPCHealthMessage.request(service: String(repeating: "a", count: 300))
    #expect(Array(long.prefix(8)) == [0, 0, 0, 1, 47, 10, 0b1010_1100, 2] && long.count == 308)
    let longest = GRPCHealthMessage.request(service: String(repeating: "a", count: 100_000))
    #expect(longest.count == 5 + 3 + GRPCHealthMessage.longestService)
  }

  @Test(
    arguments: [
      ([0, 0, 0, 0, 2, 8, 1], .serving), ([0, 0, 0, 0, 2, 8, 2], .notServing),
      ([0, 0, 0, 0, 2, 8, 3], .serviceUnknown), ([0, 0, 0, 0, 0], .unknown),
      ([0, 0, 0, 0, 2, 8, 9], .unknown),
      // The last of several counts, and what isn't known is passed over.
      ([0, 0, 0, 0, 4, 8, 2, 8, 1], .serving), ([0, 0, 0, 0, 5, 18, 1, 0, 8, 1], .serving),
      ([0, 0, 0, 0, 7, 29, 1, 2, 3, 4, 8, 1], .serving),
    ] as [([UInt8], GRPCHealthMessage.Status)])
  func `an answer says how the service is`(bytes: [UInt8], status: GRPCHealthMessage.Status) {
    #expect(GRPCHealthMessage.status(bytes) == status)
  }

  @Test(
    arguments: [
      [], [0, 0, 0, 0], [1, 0, 0, 0, 2, 8, 1], [0, 0, 0, 0, 3, 8, 1], [0, 0, 0, 0, 1, 8, 1],
      [0, 255, 255, 255, 255], [0, 0, 0, 0, 1, 8], [0, 0, 0, 0, 2, 8, 128], [0, 0, 0, 0, 2, 11, 1],
      [0, 0, 0, 0, 2, 18, 5], [0, 0, 0, 0, 2, 13, 1],
      [0, 0, 0, 0, 12, 18, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0],
      [0, 0, 0, 0, 12, 8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
    ] as [[UInt8]])
  func `what is no answer is none`(bytes: [UInt8]) {
    #expect(GRPCHealthMessage.status(bytes) == nil)
  }
}

@Suite struct GRPCHealthExpectationTests {
  private func verdict(_ status: Int, _ call: UInt8?, _ body: [UInt8]) -> CheckResult {
    GRPCHealthExpectation.verdict(status: status, callStatus: call, callName: "NAME", body: body)
  }

  @Test func `only a server that serves passes`() {
    #expect(verdict(200, 0, [0, 0, 0, 0, 2, 8, 1]) == .passed(detail: "SERVING"))
    #expect(verdict(200, 0, [0, 0, 0, 0, 2, 8, 2]) == .failed(detail: "NOT_SERVING"))
    #expect(verdict(200, 0, [0, 0, 0, 0, 0]) == .failed(detail: "UNKNOWN"))
    #expect(verdict(200, 5, []) == .failed(detail: "NAME"))
    #expect(verdict(404, 0, [0, 0, 0, 0, 2, 8, 1]) == .failed(detail: "status 404, expected 200"))
    #expect(!verdict(200, nil, [0, 0, 0, 0, 2, 8, 1]).passed && !verdict(200, 0, [1]).passed)
  }
}
