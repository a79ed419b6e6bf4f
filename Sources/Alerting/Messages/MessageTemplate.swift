import Primitives

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
    for part in TemplateScanner(text) {
      switch part {
      case .text(let text): segments.append(.text(text))
      case .open: throw .open
      case .name(let name) where name.hasPrefix(Self.labelPrefix):
        segments.append(.label(String(name.dropFirst(Self.labelPrefix.count))))
      case .name(let name):
        guard use.names.contains(name) else { throw .unknown(name) }
        segments.append(.name(name))
      }
    }
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
