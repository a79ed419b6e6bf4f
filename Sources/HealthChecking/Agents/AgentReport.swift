/// One answer of an agent: a program beside a server that says how it is. What an answer leaves out
/// stays as it was.
public struct AgentReport: Sendable, Equatable {
  /// False: the server shall count as unhealthy.
  public var isUp: Bool?
  /// True: no new work.
  public var isDraining: Bool?
  /// Percent of the configured weight, 0 … 100.
  public var weight: Int?
  /// Shares of what the server may use, 0 … 1.
  public var cpu: Double?
  public var memory: Double?
  /// For people.
  public var reason: String?

  /// Of an answer, in bytes; more is not read.
  public static let limit = 1_024
  /// Of a reason, in characters.
  static let reasonLimit = 200

  public init(
    isUp: Bool? = nil, isDraining: Bool? = nil, weight: Int? = nil, cpu: Double? = nil,
    memory: Double? = nil, reason: String? = nil
  ) {
    self.isUp = isUp
    self.isDraining = isDraining
    self.weight = weight
    self.cpu = cpu
    self.memory = memory
    self.reason = reason
  }
}

/// Why an answer says nothing.
public struct AgentReportError: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String

  init(_ description: String) { self.description = description }
}

extension AgentReport {
  /// One line, without its line end: HAProxy's agent text, or one JSON object.
  ///
  /// Text is made of words between spaces, tabs or commas, in any case: `up` and `down` (also
  /// `failed`, `stopped`) tell the health, `ready`, `drain` and `maint` whether new work may come,
  /// `75%` is the weight; `maxconn:30` is understood and has no effect; `#` begins a reason. In
  /// text, `up` ends a `down`, and `ready` a `drain` or `maint`.
  ///
  /// JSON: `{"state":"up","weight":50,"cpu":0.4,"memory":0.5,"reason":"…"}`. `state` is one of the
  /// words above; `up` and `ready` both end all of `down`, `drain` and `maint`. `weight` is percent,
  /// `cpu` and `memory` are shares, 0 … 1. Other keys are passed over.
  public init(line: [UInt8]) throws(AgentReportError) {
    self.init()
    let text = String(decoding: line, as: UTF8.self).trimming()
    guard !text.isEmpty else { throw AgentReportError("an empty answer") }
    if text.first == "{" {
      try take(object: Array(text.utf8))
    } else {
      try take(words: text)
    }
  }

  private mutating func take(words text: Substring) throws(AgentReportError) {
    let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count > 1 { reason = Self.readable(parts[1]) }
    for word in parts[0].split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "," }) {
      let lowered = word.lowercased()
      if lowered.hasSuffix("%"), let percent = Self.count(lowered.dropLast()) {
        weight = min(percent, 100)
      } else if lowered.hasPrefix("maxconn:"), Self.count(lowered.dropFirst(8)) != nil {
        continue
      } else {
        try take(state: lowered)
      }
    }
  }

  private mutating func take(state: String) throws(AgentReportError) {
    switch state {
    case "up": isUp = true
    case "down", "failed", "stopped": isUp = false
    case "ready": isDraining = false
    case "drain", "maint": isDraining = true
    default: throw AgentReportError("\"\(Self.readable(state))\" is no word of an agent")
    }
  }

  private mutating func take(object bytes: [UInt8]) throws(AgentReportError) {
    var reader = AgentJSON(bytes)
    for (key, value) in try reader.members() {
      switch (key, value) {
      case ("state", .text(let state)):
        let lowered = state.lowercased()
        try take(state: lowered)
        if lowered == "up" || lowered == "ready" { (isUp, isDraining) = (true, false) }
      case ("reason", .text(let text)): reason = Self.readable(text)
      case ("weight", .number(let percent)): weight = Int(try Self.bounded(percent, to: 100, key))
      case ("cpu", .number(let share)): cpu = try Self.bounded(share, to: 1, key)
      case ("memory", .number(let share)): memory = try Self.bounded(share, to: 1, key)
      case ("state", _), ("reason", _): throw AgentReportError("\"\(key)\" is no text")
      case ("weight", _), ("cpu", _), ("memory", _):
        throw AgentReportError("\"\(key)\" is no number")
      default: continue
      }
    }
  }

  private static func bounded(
    _ number: Double, to most: Double, _ key: String
  ) throws(AgentReportError) -> Double {
    guard number >= 0, number.isFinite else {
      throw AgentReportError("\"\(key)\" is no number of 0 or more")
    }
    return min(number, most)
  }

  /// Digits alone, at most nine.
  private static func count(_ text: Substring) -> Int? {
    guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else {
      return nil
    }
    return Int(text)
  }

  /// Fit for a line of a log or a terminal.
  private static func readable(_ text: some StringProtocol) -> String {
    let visible = text.unicodeScalars.filter { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: false
      default: true
      }
    }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: visible.prefix(reasonLimit))
    return String(String(view).trimming())
  }
}

extension String {
  fileprivate func trimming() -> Substring {
    let isBlank = { (character: Character) in character.isWhitespace || character == "\0" }
    var rest = drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }
}

extension AgentReport {
  /// For people: `up, 75%, cpu 40%: reason`.
  public var summary: String {
    var words: [String] = []
    if let isUp { words.append(isUp ? "up" : "down") }
    if let isDraining { words.append(isDraining ? "drain" : "ready") }
    if let weight { words.append("weight \(weight)%") }
    if let cpu { words.append("cpu \(Int((cpu * 100).rounded()))%") }
    if let memory { words.append("memory \(Int((memory * 100).rounded()))%") }
    let said = words.isEmpty ? "answers" : words.joined(separator: ", ")
    guard let reason, !reason.isEmpty else { return said }
    return "\(said): \(reason)"
  }
}
