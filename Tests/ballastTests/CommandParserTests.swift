import Testing

@testable import ballast

@Suite struct CommandParserTests {
  private let parser = CommandParser(commands: CommandTable.all, environment: [:])

  private func run(_ words: String...) throws -> (Command, Invocation) {
    guard case .run(let command, let invocation) = try parser.parse(words, console: Console())
    else { throw CommandFailure.failed("no command to run") }
    return (command, invocation)
  }

  private func failure(_ words: String...) -> CommandFailure? {
    #expect(throws: CommandFailure.self) { try parser.parse(words, console: Console()) }
  }

  @Test func `options stand before, between and after the words`() throws {
    let lines = [
      ["--socket", "/s", "get", "-w", "services", "shop", "-o", "json"],
      ["get", "services", "--output=json", "shop", "--socket=/s", "--watch"],
      ["get", "-wojson", "services", "--socket", "/s", "shop"],
    ]
    for line in lines {
      guard case .run(let command, let invocation) = try parser.parse(line, console: Console())
      else {
        Issue.record("\(line) runs nothing")
        continue
      }
      #expect(command.name == "get")
      #expect(invocation.arguments == ["services", "shop"])
      #expect(invocation.values == ["socket": "/s", "watch": "", "output": "json"])
    }
  }

  @Test func `two words name one command, and the first alone may be another`() throws {
    #expect(try run("config", "set", "a.b", "1").0.name == "config set")
    #expect(try run("faults", "resolve", "3", "--cause", "x").0.name == "faults resolve")
    let (command, invocation) = try run("faults", "shop")
    #expect(command.name == "faults")
    #expect(invocation.arguments == ["shop"])
  }

  @Test func `words after two dashes are no options`() throws {
    let (_, invocation) = try run("config", "set", "--", "a.b", "-1")
    #expect(invocation.arguments == ["a.b", "-1"])
  }

  @Test func `a short option takes its value with or without a space`() throws {
    #expect(try run("logs", "shop", "-fn", "20").1.values == ["follow": "", "lines": "20"])
    #expect(try run("logs", "shop", "-n20").1.values == ["lines": "20"])
  }

  @Test func `help is asked for anywhere, also where words are missing`() throws {
    for line in [["--help"], ["get", "-h"], ["-h", "get"], ["scale", "--help"]] {
      guard case .help = try parser.parse(line, console: Console()) else {
        Issue.record("\(line) shows no help")
        continue
      }
    }
  }

  @Test func `every mistake is wrong usage`() {
    let lines = [
      ["gett"], ["get", "services", "--colour"], ["get", "services", "-x"],
      ["get", "services", "-o"], ["get", "services", "-o", "xml"], ["drain"],
      ["drain", "a/b", "c"], ["version", "--quiet=1"], ["--", "get"], ["--lines", "3", "get"],
      ["config", "sett", "a", "b"],
    ]
    for line in lines {
      let error = #expect(throws: CommandFailure.self) {
        try parser.parse(line, console: Console())
      }
      #expect(error?.status == .wrongUsage, "\(line)")
    }
  }

  @Test func `the message names the nearest command and option`() {
    #expect(failure("drian", "a/b")?.details.first == "did you mean 'drain'?")
    #expect(failure("logs", "shop", "--folow")?.details.first == "did you mean '--follow'?")
    #expect(failure("logs", "shop", "--rep", "x")?.details.first == "did you mean '--replica'?")
  }

  @Test func `numbers outside their range are wrong usage`() throws {
    for text in ["0", "-1", "1e3", "", "9999999999999999999999"] {
      let (_, invocation) = try run("logs", "shop", "--lines=\(text)")
      let error = #expect(throws: CommandFailure.self) {
        try invocation.number("lines", default: 5, in: 1...9)
      }
      #expect(error?.status == .wrongUsage)
    }
    #expect(try run("logs", "shop").1.number("lines", default: 5, in: 1...9) == 5)
  }
}
