import Primitives
import Testing

@testable import Configuration

struct ReleaseSettingsTests {
  private func run(_ keys: String) -> RunSettings? {
    load(
      serviceFile("run: { command: [ ./shop ], \(keys) }"),
      files: ["/srv/shop/a.conf": "level = 3\n"]
    ).settings?.services.first?.run
  }

  private func messages(_ keys: String) -> [String] {
    load(serviceFile("run: { command: [ ./shop, \"${SECRETS}/a\", \"${RELEASE}\" ], \(keys) }"))
      .messages
  }

  @Test func `each version has a folder, where its replicas run unless a directory is named`()
    throws
  {
    let prepared = try #require(
      run(
        "prepare: [ ./build.sh, \"${VERSION}\", \"${RELEASE}\" ], prepareTimeout: 1m, keepReleases: 2"
      ))
    #expect(
      prepared.release
        == ReleaseSettings(
          prepare: ["/srv/shop/build.sh", "${VERSION}", "${RELEASE}"], timeout: .minutes(1),
          keep: 2,
          source: "/srv/shop"))
    #expect(prepared.directory == "${RELEASE}")
    #expect(run("prepare: [ make ], directory: ./x")?.directory == "/srv/shop/x")
    #expect(run("prepare: [ make ]")?.release?.prepare == ["make"])
    #expect(run("replicas: 1")?.release == nil)
  }

  @Test func `files have a text or a file's, and permissions`() throws {
    let files = run("files: { a: !file a.conf, b: { text: x, mode: \"0755\" } }")?.release?.files
    #expect(
      files == [
        .init(name: "a", text: "level = 3"), .init(name: "b", text: "x", mode: 0o755),
      ])
    #expect(run("files: { a: x }")?.directory == "/srv/shop", "files alone move nobody")
  }

  @Test func `secrets are places, as files or as variables`() {
    let secrets = run(
      "secrets: { db: { file: ./db }, TOKEN: { environment: SHOP_TOKEN, as: variable } }")?.secrets
    #expect(
      secrets == [
        SecretSettings(name: "db", source: .file("/srv/shop/db")),
        SecretSettings(name: "TOKEN", source: .environment("SHOP_TOKEN"), isVariable: true),
      ])
  }

  @Test(arguments: [
    ("prepare: [ a ], secrets: { a: { file: x } }", nil),
    ("secrets: { a: { file: x } }", "'${RELEASE}' is no folder without 'prepare' or 'files'"),
    ("files: { x: y }", "'${SECRETS}' is no folder without 'secrets' that are files"),
    ("files: { .x: y }, secrets: { a: { file: x } }", "'.x' begins with a dot"),
    ("files: { ..: y }, secrets: { a: { file: x } }", "'..' begins with a dot"),
    ("files: { a/b: y }, secrets: { a: { file: x } }", "'a/b' is not a name"),
    ("prepare: [ \"\" ], secrets: { a: { file: x } }", "the program's name is empty"),
    ("prepare: [ a ], secrets: { a: {} , b: { file: x } }", "the secret 'a' is nowhere"),
    ("prepare: [ a ], secrets: { a-b: { file: x, as: variable }, b: { file: x } }", "'a-b' is not"),
    ("prepare: [ a ], secrets: { b: { file: x, environment: Y } }", "a secret has 'file'"),
  ])
  func `what cannot be is refused`(_ keys: String, _ message: String?) {
    let found = messages(keys)
    if let message {
      #expect(found.contains { $0.hasPrefix(message) }, "\(found)")
    } else {
      #expect(found.isEmpty)
    }
  }

  @Test func `files are bounded together`() {
    let text = String(repeating: "x", count: 40 << 10)
    let found = load(
      serviceFile("run: { command: [ a ], files: { a: \"\(text)\", b: \"\(text)\" } }")
    ).messages
    #expect(found == ["the files have 81920 bytes together; the most is 65536"])
  }

  @Test func `times without a release are of no use`() {
    #expect(
      load(serviceFile("run: { command: [ a ], prepareTimeout: 1m }")).messages == [
        "'prepareTimeout' is of no use without 'prepare' or 'files'"
      ])
  }
}
