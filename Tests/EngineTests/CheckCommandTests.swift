import Configuration
import HealthChecking
import Primitives
import Supervision
import Testing

@testable import Engine

struct CheckCommandTests {
  private func settings(_ arguments: String...) -> CommandSettings {
    CommandSettings(arguments: arguments, directory: "/srv")
  }

  @Test(arguments: [
    ("${SERVER}:${PORT}", "a:80"), ("$SERVER ${NOBODY} $", "$SERVER ${NOBODY} $"),
    ("${SERVER", "${SERVER"), ("$${SERVER}", "$a"), ("", ""),
  ])
  func `variables are replaced where they stand`(_ text: String, _ expected: String) {
    let variables = [(name: "SERVER", value: "a"), (name: "PORT", value: "80")]
    #expect(CommandRunner.replacing(variables, in: text) == expected)
  }

  @Test func `a value that looks like a variable stays what it is`() {
    let variables = [(name: "A", value: "${B}"), (name: "B", value: "${A}")]
    #expect(CommandRunner.replacing(variables, in: "${A}${B}") == "${B}${A}")
  }

  @Test func `checks wait for their turn, hooks do not`() {
    let runner = CommandRunner()
    var (sent, ended): ([CommandSpec], [UInt64]) = ([], [])
    runner.send = { sent.append($0) }
    for _ in 0...CommandRunner.mostChecks {
      runner.run(settings("check"), [("PORT", "80")], within: .seconds(1), as: .check) {
        ended.append($0.id)
      }
    }
    #expect(sent.count == CommandRunner.mostChecks)
    runner.run(settings("hook"), [], within: .seconds(30), as: .hook) { ended.append($0.id) }
    #expect(sent.last?.command == ["hook"] && sent.last?.timeoutMilliseconds == 30_000)
    #expect(sent.first?.environment == [.init(name: "PORT", value: "80")])
    let hook = sent[sent.count - 1].id
    runner.ended(CommandOutcome(id: hook, end: .exited(.code(0))))
    #expect(sent.count == CommandRunner.mostChecks + 1)
    runner.ended(CommandOutcome(id: sent[0].id, end: .timedOut))
    #expect(sent.count == CommandRunner.mostChecks + 2)
    runner.ended(CommandOutcome(id: sent[0].id, end: .timedOut))
    #expect(ended == [hook, sent[0].id])
  }

  @Test func `what was forgotten is not told, and what cannot be sent is told at once`() {
    let runner = CommandRunner()
    var (sent, told): ([CommandSpec], [CommandOutcome]) = ([], [])
    runner.send = { sent.append($0) }
    let number = runner.run(settings("a"), [], within: .zero, as: .check) { told.append($0) }
    runner.forget(number)
    runner.ended(CommandOutcome(id: number, end: .exited(.code(0))))
    #expect(told.isEmpty && sent.first?.timeoutMilliseconds == 1)
    runner.send = { _ throws(LinkError) in throw .tooLarge(bytes: 1) }
    runner.run(settings("b"), [], within: .zero, as: .hook) { told.append($0) }
    #expect(told.count == 1 && told.first?.succeeded == false)
  }

  @Test(arguments: [1, 3, 1_000])
  func `an agent's answer is its first line`(_ piece: Int) {
    func read(_ text: String) -> CheckResult {
      var answer = AgentAnswer()
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        if let result = answer.take(rest.prefix(piece)) { return result }
        rest = rest.dropFirst(piece)
      }
      return answer.finish()
    }
    #expect(read("up 75%\nmore") == .passed(detail: "up 75%"))
    #expect(read("down") == .passed(detail: "down"))
    #expect(read("up\0\0") == .passed(detail: "up"))
    #expect(read("") == .failed(detail: "closed without an answer"))
    #expect(!read(String(repeating: "x", count: 5_000)).passed)
  }
}
