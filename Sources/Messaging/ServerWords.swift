import Telemetry

/// What a server said, made safe for a log, and short.
enum ServerWords {
  static let longest = 200

  static func shown(_ bytes: some Sequence<UInt8>) -> String {
    EscapedText(bytes: Array(bytes.prefix(longest + 1)), limit: longest).description
  }

  static func shown(_ text: String) -> String { shown(text.utf8) }
}
