import Configuration
import FoundationEssentials
import Testing

/// What people copy must be right.
struct ExamplesTests {
  private static let root =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Examples"

  /// Files with listeners are configurations; other YAML belongs to other commands.
  private static let configurations: [String] = {
    let folders = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return folders.sorted().map { "\(root)/\($0)/ballast.yaml" }
      .filter { FileManager.default.fileExists(atPath: $0) }
  }()

  @Test func `there are examples`() { #expect(Self.configurations.count >= 2) }

  @Test(arguments: configurations)
  func `an example has neither mistakes nor warnings`(_ path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let loader = ConfigurationLoader(environment: [:], folder: Self.root) { path in
      try String(contentsOfFile: path, encoding: .utf8)
    }
    let outcome = loader.load([ConfigurationSource(path: path, text: text)])
    #expect(outcome.settings != nil)
    #expect(outcome.diagnostics.map(\.description) == [])
  }
}
