/// JSON values as YAML 1.1 and 1.2 block text that reads back as the same values.
enum YAMLText {
  static func text(_ value: JSONValue) -> String {
    var lines: [String] = []
    write(value, indent: 0, first: "", into: &lines)
    return lines.joined(separator: "\n") + "\n"
  }

  /// `first` is what stands before the value on its first line: `name: ` or `- `.
  private static func write(
    _ value: JSONValue, indent: Int, first: String, into lines: inout [String]
  ) {
    let pad = String(repeating: " ", count: indent)
    switch value {
    case .object(let members) where !members.isEmpty:
      var lead = first
      if lead.hasSuffix(": ") {
        lines.append(pad + lead.dropLast())
        for member in members {
          write(member.value, indent: indent + 2, first: scalar(member.key) + ": ", into: &lines)
        }
        return
      }
      // The first key stands on the line of its dash.
      for member in members {
        let key = scalar(member.key) + ": "
        if lead.isEmpty {
          write(member.value, indent: indent + first.count, first: key, into: &lines)
        } else {
          var inner: [String] = []
          write(member.value, indent: indent + first.count, first: key, into: &inner)
          inner[0] = pad + lead + inner[0].dropFirst(indent + first.count)
          lines += inner
          lead = ""
        }
      }
    case .array(let elements) where !elements.isEmpty:
      let nested = !first.isEmpty
      if nested { lines.append(pad + (first.hasSuffix(": ") ? String(first.dropLast()) : "-")) }
      for element in elements {
        write(element, indent: nested ? indent + 2 : indent, first: "- ", into: &lines)
      }
    default: lines.append(pad + first + leaf(value))
    }
  }

  private static func leaf(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let bool): bool ? "true" : "false"
    case .number(let digits): digits
    case .string(let string): scalar(string)
    case .array: "[]"
    case .object: "{}"
    }
  }

  /// Plain when no reader could take it for anything but this string, else in double quotes.
  private static func scalar(_ string: String) -> String {
    guard !isPlain(string) else { return string }
    var quoted = ""
    JSONValue.writeString(string, into: &quoted)
    return quoted
  }

  private static func isPlain(_ string: String) -> Bool {
    let bytes = Array(string.utf8)
    guard let first = bytes.first, let last = bytes.last, bytes.count <= 256 else { return false }
    func isLetter(_ byte: UInt8) -> Bool {
      (65...90).contains(byte) || (97...122).contains(byte)
    }
    guard isLetter(first) || first == UInt8(ascii: "/"), last != UInt8(ascii: ":"),
      last != UInt8(ascii: " ")
    else { return false }
    let marks = Array(" _-./+*,()@=%$".utf8)
    for (index, byte) in bytes.enumerated() {
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0
      let colon = byte == UInt8(ascii: ":") && next != UInt8(ascii: " ")
      guard isLetter(byte) || (48...57).contains(byte) || marks.contains(byte) || colon else {
        return false
      }
    }
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
    return !words.contains(string.lowercased())
  }
}
