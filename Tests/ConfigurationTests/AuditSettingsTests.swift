import Primitives
import Testing

@testable import Configuration

@Suite struct AuditSettingsTests {
  private func audit(_ body: String) -> LoadOutcome {
    load(Golden.smallest + "audit: { \(body) }\n")
  }

  @Test func `nothing is kept elsewhere unless it is asked for`() {
    let settings = load(Golden.smallest).settings?.audit
    #expect(settings == AuditSettings())
    #expect(settings?.keep == 100_000 && settings?.head.file == nil)
  }

  @Test func `all of it is read, and the file is in the configuration's folder`() {
    let settings = audit(
      """
      keep: 500, head: { file: heads, every: 10s, webhook: { url: "https://a.example/x", \
      authorization: Bearer t } }
      """
    ).settings?.audit
    #expect(settings?.keep == 500)
    #expect(settings?.head.every == .seconds(10))
    #expect(settings?.head.file?.hasSuffix("/heads") == true)
    #expect(
      settings?.head.webhook == .init(url: "https://a.example/x", authorization: "Bearer t"))
  }

  @Test func `a webhook that can't be sent to is refused, and so is a log of nothing`() {
    #expect(audit("head: { webhook: { url: ftp://a } }").brief.first?.contains("no URL") == true)
    #expect(audit("keep: 1").settings == nil)
  }
}
