import FoundationEssentials
import Testing

@testable import ballast

@Suite struct ReferenceTextTests {
  /// When this fails: `ballast help --markdown > docs/reference/commands.md`.
  @Test func `the reference of the commands is what the table says`() throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    let path = root.joined(separator: "/") + "/docs/reference/commands.md"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text == ReferenceText.markdown(CommandTable.groups))
  }
}
