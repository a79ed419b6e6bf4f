import Testing

@testable import ballast

@Suite struct CommandTableTests {
  @Test func `names are used once, and every visible command has an example of itself`() {
    let names = CommandTable.all.map(\.name)
    #expect(Set(names).count == names.count)
    for command in CommandTable.visible {
      #expect(!command.examples.isEmpty, "\(command.name)")
      for example in command.examples { #expect(example.line.contains("ballast \(command.name)")) }
    }
  }

  @Test func `every example parses`() throws {
    let parser = CommandParser(commands: CommandTable.all, environment: [:])
    for example in CommandTable.visible.flatMap(\.examples) {
      let line =
        example.line.split { "|<>".contains($0) }
        .first { $0.contains("ballast ") } ?? ""
      // Between quotation marks, spaces part no words.
      let pieces = line.split(separator: "\"", omittingEmptySubsequences: false)
      let words = pieces.enumerated().flatMap { index, piece in
        index % 2 == 1 ? [String(piece)] : piece.split { " ()".contains($0) }.map(String.init)
      }.filter { $0 != "source" }
      _ = try parser.parse(Array(words.dropFirst()), console: Console())
    }
  }

  @Test func `options of one command differ in their names and letters`() {
    for command in CommandTable.all {
      let names = command.allOptions.map(\.name)
      let letters = command.allOptions.compactMap(\.short)
      #expect(Set(names).count == names.count, "\(command.name)")
      #expect(Set(letters).count == letters.count, "\(command.name)")
    }
  }

  @Test func `an argument that may be absent stands last`() {
    for command in CommandTable.all {
      let firstOptional = command.arguments.firstIndex { $0.count != .one }
      let lastRequired = command.arguments.lastIndex { $0.count == .one }
      if let firstOptional, let lastRequired { #expect(lastRequired < firstOptional) }
    }
  }

  @Test func `the hidden engine is in no help, completion or reference`() {
    let texts = [
      HelpText.overview(CommandTable.groups), ReferenceText.markdown(CommandTable.groups),
    ]
    for text in texts { #expect(!text.contains("ballast engine")) }
    #expect(!CompletionWords.firstWords(CommandTable.visible).contains("engine"))
  }
}
