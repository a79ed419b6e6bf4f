/// Takes a text with `${name}` in it apart; `$${` stands for `${` itself. What the names mean, the
/// caller knows.
public struct TemplateScanner: Sequence, IteratorProtocol {
  public enum Part: Equatable {
    /// As it is to be written; never empty.
    case text(String)
    case name(String)
    /// `${` without `}`: the last part.
    case open
  }

  private var rest: Substring
  /// A part that was found behind the text before it.
  private var found: Part?

  public init(_ text: String) { rest = text[...] }

  public mutating func next() -> Part? {
    if let found {
      self.found = nil
      return found
    }
    var plain = ""
    while let dollar = rest.firstIndex(of: "$") {
      plain += rest[..<dollar]
      rest = rest[dollar...]
      if rest.hasPrefix("$${") {
        plain += "${"
        rest = rest.dropFirst(3)
      } else if rest.hasPrefix("${") {
        let part = takeName()
        if plain.isEmpty { return part }
        found = part
        return .text(plain)
      } else {
        plain += "$"
        rest = rest.dropFirst()
      }
    }
    plain += rest
    rest = ""
    return plain.isEmpty ? nil : .text(plain)
  }

  /// What begins with `${`.
  private mutating func takeName() -> Part {
    guard let close = rest.firstIndex(of: "}") else {
      rest = ""
      return .open
    }
    let name = String(rest[..<close].dropFirst(2))
    rest = rest[close...].dropFirst()
    return .name(name)
  }
}
