/// `$NAME`, `${NAME}`, `${NAME-default}` … of a compose file, as our `${NAME}` and
/// `${NAME:-default}`. There, a variable that is not set is empty; here it would be a mistake, so it
/// gets an empty default.
enum ComposeVariables {
  /// - Returns: the text, and what of it is not as it was.
  static func converted(_ text: String) -> (text: String, problem: String?) {
    guard text.utf8.contains(0x24) else { return (text, nil) }
    var result = ""
    var problem: String?
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      if rest.hasPrefix("$") {
        rest.removeFirst()
        // A dollar for the program, which our `${` must not be taken for.
        result += rest.hasPrefix("{") ? "$$" : "$"
      } else if rest.hasPrefix("{") {
        guard let (inner, after) = braced(rest) else {
          return (result + "$$" + rest, "'${' has no '}'")
        }
        let (reference, trouble) = reference(inner)
        result += reference
        problem = problem ?? trouble
        rest = after
      } else {
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        if name.isEmpty || name.first?.isNumber == true {
          result += "$"
        } else {
          result += "${\(name):-}"
          rest = rest[name.endIndex...]
        }
      }
    }
    return (result + rest, problem)
  }

  /// The parts of a text that is one reference, as we write them, and nothing else.
  static func only(_ text: String) -> (name: Substring, fallback: Substring?)? {
    guard text.hasPrefix("${"), text.hasSuffix("}") else { return nil }
    let inner = text.dropFirst(2).dropLast()
    guard !inner.contains("}"), !inner.contains("{") else { return nil }
    guard let mark = inner.firstRange(of: ":-") else { return (inner, nil) }
    return (inner[..<mark.lowerBound], inner[mark.upperBound...])
  }

  /// Between the braces, which may hold others.
  private static func braced(_ text: Substring) -> (inner: Substring, after: Substring)? {
    var depth = 0
    var index = text.startIndex
    while index < text.endIndex {
      if text[index] == "{" { depth += 1 }
      if text[index] == "}" { depth -= 1 }
      let next = text.index(after: index)
      if depth == 0 { return (text[text.index(after: text.startIndex)..<index], text[next...]) }
      index = next
    }
    return nil
  }

  private static func reference(_ inner: Substring) -> (String, problem: String?) {
    let name = inner.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard !name.isEmpty, name.first?.isNumber == false else {
      return ("$${\(inner)}", "\(Quoted.value("${\(inner)}")) names no variable")
    }
    let rest = inner[name.endIndex...]
    switch rest {
    case "": return ("${\(name):-}", nil)
    case _ where rest.hasPrefix(":?") || rest.hasPrefix("?"): return ("${\(name)}", nil)
    case _ where rest.hasPrefix(":-") || rest.hasPrefix("-"):
      let fallback = rest.drop { $0 == ":" }.dropFirst()
      if fallback.contains("$") || fallback.contains("}") {
        return (
          "${\(name):-}", "the default of \(name) names other variables: it is left empty"
        )
      }
      return ("${\(name):-\(fallback)}", nil)
    default:
      return (
        "${\(name):-}", "\(Quoted.value("${\(inner)}")) becomes the variable alone"
      )
    }
  }
}

/// Words as a shell splits them: quotes and backslashes, nothing else.
enum ShellWords {
  /// - Returns: nil when a quote is not closed.
  static func split(_ text: String) -> [String]? {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in text {
      if isEscaped {
        isEscaped = false
        // In double quotes a backslash stays before what it does not escape.
        if quote != nil, !"\"\\$`\n".contains(character) { word?.append("\\") }
        word = (word ?? "") + String(character)
      } else if let open = quote {
        if character == open {
          quote = nil
        } else if character == "\\", open == "\"" {
          isEscaped = true
        } else {
          word?.append(character)
        }
      } else if character == "\\" {
        isEscaped = true
        word = word ?? ""
      } else if character == "\"" || character == "'" {
        quote = character
        word = word ?? ""
      } else if character.isWhitespace {
        if let done = word { words.append(done) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    guard quote == nil, !isEscaped else { return nil }
    if let done = word { words.append(done) }
    return words
  }
}
