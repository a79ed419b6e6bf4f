import EventLoop
import Primitives
import TLS

/// The keys of session tickets as the keeper holds them for the next engine: in memory only.
struct KeptTickets: Codable {
  /// In hexadecimal, the newest first.
  private var keys: [String]
  /// When the newest was made.
  var turned: WallTime

  init(_ keys: [TLSTicketKey], turned: WallTime) {
    self.keys = keys.map { key in
      key.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
    self.turned = turned
  }

  var ticketKeys: [TLSTicketKey] {
    keys.compactMap { text in
      let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
      guard digits.count == 2 * TLSTicketKey.size else { return nil }
      return TLSTicketKey(
        bytes: (0..<TLSTicketKey.size).map {
          UInt8(truncatingIfNeeded: digits[2 * $0] << 4 | digits[2 * $0 + 1])
        })
    }
  }
}

/// Clients go on with their sessions whichever worker, and whichever engine, they come to.
extension ControlPlane {
  /// How old the newest key gets.
  static let ticketLife = TimeSpan.hours(12)
  /// After randomness was not to be had.
  static let ticketPatience = TimeSpan.minutes(1)

  /// What the engine before this one sealed tickets with, if there was one.
  func recallTickets(_ configuration: String?) {
    if let kept = configuration.flatMap({ KeptConfiguration(text: $0) })?.tickets {
      let keys = kept.ticketKeys
      if !keys.isEmpty {
        tickets?.replace(keys)
        ticketsTurned = kept.turned
      }
    }
    scheduleTickets()
  }

  var keptTickets: KeptTickets? { tickets.map { KeptTickets($0.all, turned: ticketsTurned) } }

  private func scheduleTickets() {
    // A clock that was set back doesn't keep a key for longer than its life.
    let rest = min(Self.ticketLife - (Clock.wallTime - ticketsTurned), Self.ticketLife)
    reactor.schedule(after: max(rest, .milliseconds(1))) { self.turnTickets() }
  }

  private func turnTickets() {
    guard !isRetired, let tickets else { return }
    guard tickets.turn() else {
      reactor.schedule(after: Self.ticketPatience) { self.turnTickets() }
      return log.warning("no new key for session tickets: the system gives no randomness")
    }
    ticketsTurned = Clock.wallTime
    if isServing { keepConfiguration() }
    scheduleTickets()
  }
}
