import Testing
import Topology

@testable import Configuration

@Suite struct CompressionSettingsTests {
  private func compression(_ value: String) -> LoadOutcome {
    load(Golden.smallest + "compression: \(value)\n")
  }

  @Test func `true is all defaults, and false is said too`() {
    #expect(compression("true").settings?.compression == CompressionSettings())
    #expect(compression("{}").settings?.compression == CompressionSettings())
    #expect(compression("false").settings?.compression?.isOn == false)
    #expect(load(Golden.smallest).settings?.compression == nil)
  }

  @Test func `the long form arrives`() {
    let outcome = compression(
      "{ encodings: [ gzip, br ], types: [ text/html, \"*+xml\" ], minSize: 2KiB, levels: { gzip: 1, br: 0, zstd: 6 } }"
    )
    #expect(outcome.brief == [])
    #expect(
      outcome.settings?.compression
        == CompressionSettings(
          encodings: [.gzip, .br], types: ["text/html", "*+xml"], minimumSize: 2_048, gzipLevel: 1,
          brotliLevel: 0, zstdLevel: 6))
    let policy = CompressionPolicy(outcome.settings?.compression)
    #expect(policy?.codings == [.gzip, .brotli])
    #expect(policy?.levels == [1, 0, 6])
    #expect(policy?.types == [.exact(Array("text/html".utf8)), .suffix(Array("+xml".utf8))])
  }

  @Test func `routes and services say their own`() {
    let text = """
      listeners: { web: { address: ":8080" } }
      routes:
        - { service: shop, compression: false }
      services:
        shop: { servers: [ "10.0.0.11:8080" ], compression: { encodings: [ zstd ] } }
      """
    let settings = load(text).settings
    #expect(settings?.routes.first?.compression?.isOn == false)
    #expect(settings?.services.first?.compression?.encodings == [.zstd])
  }

  @Test(arguments: [
    ("{ encodings: [ deflate ] }", "cannot be 'deflate'"),
    ("{ encodings: [ gzip, gzip ] }", "named twice"),
    ("{ types: [ text ] }", "is not a media type"),
    ("{ types: [ \"*\" ] }", "is not a media type"),
    ("{ types: [ \"a*/b\" ] }", "is not a media type"),
    ("{ levels: { br: 11 } }", "an integer from 0 to 6"),
    ("{ minSize: 1MB }", "must be a size"), ("fast", "must be true or false"),
  ])
  func `what can't be is refused`(value: String, message: String) {
    let outcome = compression(value)
    #expect(outcome.settings == nil)
    #expect(outcome.messages.count == 1)
    #expect(outcome.messages.first?.contains(message) == true, "\(outcome.messages)")
  }
}
