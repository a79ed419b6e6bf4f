import Glibc
import Testing

@testable import Supervision

struct CommandOutcomeTests {
  @Test func `a command's last line that says something is its word`() {
    var outcome = CommandOutcome(id: 1, end: .exited(.code(3)), output: "one\ntwo\r\n \n\n")
    #expect(outcome.lastLine == "two")
    #expect(outcome.summary == "exited with code 3: two")
    #expect(!outcome.succeeded)
    outcome = CommandOutcome(id: 1, end: .exited(.code(0)))
    #expect(outcome.lastLine == nil && outcome.succeeded)
    #expect(
      CommandOutcome(id: 1, end: .timedOut, output: "so far").summary == "took too long: so far")
  }

  @Test func `of a long output the last bytes are kept, whole characters only`() throws {
    var (output, writing) = try CommandOutput.open()
    var written: [UInt8] = []
    for number in 0..<3_000 { written += Array("ü\(number)".utf8) }
    for start in stride(from: 0, to: written.count, by: 1_001) {
      let piece = Array(written[start..<min(start + 1_001, written.count)])
      try Descriptor.write(piece.span, to: writing)
      output.take()
    }
    Descriptor.close(writing)
    output.finish()
    #expect(output.pipe == -1)
    let text = output.text
    #expect(text.hasSuffix("ü2998ü2999"))
    #expect(!text.contains("\u{FFFD}"))
    #expect((CommandLimits.outputBytes - 3...CommandLimits.outputBytes).contains(text.utf8.count))
  }
}
