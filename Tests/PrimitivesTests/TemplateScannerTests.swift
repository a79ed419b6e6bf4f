import Primitives
import Testing

@Suite struct TemplateScannerTests {
  private func parts(_ text: String) -> [TemplateScanner.Part] { Array(TemplateScanner(text)) }

  @Test func `names and the text between them come in their order`() {
    #expect(parts("a ${b}${c} d") == [.text("a "), .name("b"), .name("c"), .text(" d")])
    #expect(parts("${}") == [.name("")])
    #expect(parts("") == [])
    #expect(parts("東${京}!") == [.text("東"), .name("京"), .text("!")])
  }

  @Test func `a dollar by itself is text, and two before a brace stand for one`() {
    #expect(parts("5 $ $x $") == [.text("5 $ $x $")])
    #expect(parts("$${a} ${a}") == [.text("${a} "), .name("a")])
    #expect(parts("$$${a}") == [.text("$${a}")])
    #expect(parts("$$") == [.text("$$")])
  }

  @Test func `a brace that stays open is the last part`() {
    #expect(parts("a ${b") == [.text("a "), .open])
    #expect(parts("${a}${") == [.name("a"), .open])
    #expect(parts("${a ${b}") == [.name("a ${b")])
  }
}
