extension ScalingDecision {
  /// For people: `2 → 4: cpu 95 % of a replica, target 60 %`.
  public var sentence: String {
    var text = (from == to ? "stays at \(from)" : "\(from) → \(to)") + ": " + because
    if isSaturated { text += "; \(wanted) are wanted, \(maximum) are the most" }
    return text
  }

  private var because: String {
    switch reason {
    case .cpu, .memory, .inflight, .requestsPerSecond, .p95, .steady:
      leading?.sentence ?? "no signal asks for another number"
    case .schedule: "the schedule"
    case .minimum: "the fewest that there may be"
    case .maximum: "the most that there may be" + (leading.map { "; \($0.sentence)" } ?? "")
    case .idle: "no request for a while"
    case .request: "a request waits"
    case .order: "an operator's order"
    case .window:
      wanted < to
        ? "\(wanted) would do now, but more were needed within the window"
        : "\(wanted) are wanted, but were not over the whole window"
    case .pace: "\(wanted) are wanted, but not all at once"
    case .missingData: "what is not measured takes nothing away (\(missing))"
    }
  }

  private var missing: String {
    votes.filter { $0.ballot == .missing }.map(\.signal.name).joined(separator: ", ")
  }
}

extension ScalingVote {
  /// `cpu 95 % of a replica, target 60 %`.
  public var sentence: String {
    guard let measured else { return "\(signal.name) not measured" }
    let whose = signal == .p95 ? "" : " a replica"
    return "\(signal.name) \(signal.text(measured))\(whose), target \(signal.text(target))"
  }
}

extension ScalingSignal {
  /// As it is written in the configuration.
  public var name: String { self == .requestsPerSecond ? "requestsPerSecond" : rawValue }

  /// A value in its unit.
  public func text(_ value: Double) -> String {
    switch self {
    case .cpu, .memory: "\(Self.rounded(value * 100, to: 1)) %"
    case .inflight, .requestsPerSecond: Self.rounded(value, to: 10)
    case .p95:
      value < 1 ? "\(Self.rounded(value * 1_000, to: 1)) ms" : "\(Self.rounded(value, to: 100)) s"
    }
  }

  /// Without a fraction of zero; what is no number is written as 0.
  private static func rounded(_ value: Double, to parts: Double) -> String {
    let number = (value * parts).rounded() / parts
    guard number.isFinite, abs(number) < 1e15 else { return "0" }
    return number == number.rounded() ? "\(Int(number))" : "\(number)"
  }
}
