import Audit
import Primitives
import Testing

struct AuditPaceTests {
  private let at = WallTime(milliseconds: 0)

  private func instant(_ seconds: Double) -> Instant {
    Instant.zero + .milliseconds(Int64(seconds * 1_000))
  }

  @Test func `a burst is told one by one, and what is beyond it in one entry`() {
    var pace = AuditPace()
    for _ in 0..<Int(AuditPace.burst) {
      #expect(pace.take("server.eject", at: at, now: instant(1)) == [])
    }
    for _ in 0..<70 { #expect(pace.take("server.eject", at: at, now: instant(1)) == nil) }
    #expect(pace.take("server.readmit", at: at, now: instant(1)) == nil)
    let summary = pace.take("service.scale", at: at, now: instant(1.6))
    #expect(summary?.map(\.action) == ["audit.summary"])
    #expect(summary?.first?.after == #"{"server.eject":70,"server.readmit":1}"#)
    #expect(summary?.first?.detail?.hasPrefix("71 more") == true)
  }

  @Test func `with time it tells one by one again`() {
    var pace = AuditPace()
    for _ in 0..<1_000 { _ = pace.take("server.eject", at: at, now: instant(1)) }
    #expect(pace.take("server.eject", at: at, now: instant(100))?.count == 1)
    #expect(pace.take("server.eject", at: at, now: instant(100)) == [])
  }

  @Test func `names without end are counted together`() {
    var pace = AuditPace()
    for _ in 0..<Int(AuditPace.burst) { _ = pace.take("a", at: at, now: instant(1)) }
    for number in 0..<200 { _ = pace.take("action-\(number)", at: at, now: instant(1)) }
    let summary = pace.take("a", at: at, now: instant(10))
    #expect(summary?.first?.after?.contains("\"other\":150") == true)
  }
}
