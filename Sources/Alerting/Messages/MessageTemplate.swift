/// A text with `${…}` in it, taken apart: a channel's own words.
public struct MessageTemplate: Sendable, Equatable {
  /// What the text is for decides what it can say.
  public enum Use: Sendable, CaseIterable {
    /// Of a whole message: `state` (FIRING, RESOLVED), `count`, `severity`, `subject`, `rules`.
    case title
    /// Of one alert: `mark`, `state`, `name`, `severity`, `summary`, `service`, `server`, `since`, `ended`,
    /// `id`.
    case line

    public var names: [String] {
      switch self {
      case .title: ["state", "count", "severity", "subject", "rules"]
      case .line:
        [
          "mark", "state", "name", "severity", "summary", "service", "server", "since", "ended",
          "id",
        ]
      }
    }
  }

  /// Why a text is no template.
  public enum Problem: Error, Equatable {
    case length
    /// `${` without `}`.
    case open
    case unknown(String)
  }

  /// Bytes.
  public static let longestText = 1_000
  private static let labelPrefix = "label:"

  private enum Segment: Equatable {
    case text(String)
    case name(String)
    case label(String)
  }

  private var segments: [Segment] = []

  /// `${summary}`, `${label:certificate}`; `$${` stands for `${` itself.
  public init(_ text: String, for use: Use) throws(Problem) {
    guard !text.isEmpty, text.utf8.count <= Self.longestText else { throw .length }
    var rest = text[...]
    var plain = ""
    while let dollar = rest.firstIndex(of: "$") {
      plain += rest[..<dollar]
      rest = rest[dollar...]
      if rest.hasPrefix("$${") {
        plain += "${"
        rest = rest.dropFirst(3)
      } else if rest.hasPrefix("${") {
        guard let close = rest.firstIndex(of: "}") else { throw .open }
        if !plain.isEmpty { segments.append(.text(plain)) }
        plain = ""
        let name = String(rest[..<close].dropFirst(2))
        if name.hasPrefix(Self.labelPrefix) {
          segments.append(.label(String(name.dropFirst(Self.labelPrefix.count))))
        } else if use.names.contains(name) {
          segments.append(.name(name))
        } else {
          throw .unknown(name)
        }
        rest = rest[close...].dropFirst()
      } else {
        plain += "$"
        rest = rest.dropFirst()
      }
    }
    plain += rest
    if !plain.isEmpty { segments.append(.text(plain)) }
  }

  /// What is put in has one line, whatever it is.
  func text(_ values: [String: String], labels: [String: String]) -> String {
    segments.map { segment in
      switch segment {
      case .text(let text): text
      case .name(let name): MessageText.oneLine(values[name] ?? "")
      case .label(let name): MessageText.oneLine(labels[name] ?? "")
      }
    }.joined()
  }
}

/// The words of a channel; those that hold for every channel where it has none.
public struct MessageWording: Sendable, Equatable {
  public var title: MessageTemplate?
  public var line: MessageTemplate?

  public init(title: MessageTemplate? = nil, line: MessageTemplate? = nil) {
    self.title = title
    self.line = line
  }
}
