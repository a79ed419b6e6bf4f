import Primitives

/// E-mail: a plain text in UTF-8 (RFC 5322, 2045 to 2047), in base64, so that no line is too long.
public struct EmailChannel: Sendable, Equatable {
  public enum Security: String, Sendable, CaseIterable {
    /// STARTTLS, and nothing without it.
    case starttls
    /// TLS from the first byte on.
    case tls
    case none
  }

  static let limitBytes = 256 * 1_024

  /// `smtp.example.com:587`
  public var server: String
  public var from: String
  public var to: [String]
  public var username: String?
  public var password: String?
  public var security: Security
  /// A file of certificates to trust instead of the system's.
  public var authorities: String?

  public init(
    server: String, from: String, to: [String], username: String? = nil, password: String? = nil,
    security: Security = .starttls, authorities: String? = nil
  ) {
    self.server = server
    self.from = from
    self.to = to
    self.username = username
    self.password = password
    self.security = security
    self.authorities = authorities
  }

  func request(_ message: AlertMessage, nonce: String) -> AlertRequest {
    let title = MessageText.cut(MessageText.oneLine(message.title), bytes: 500)
    let text =
      title + "\n\n"
      + MessageText.lines(of: message, style: .plain, limit: Self.limitBytes - 600) + "\n"
    // Replies and repetitions stand in one thread by the group's key.
    let thread = Alert.identify(["key": message.parts.first?.key ?? ""])
    let host = from.split(separator: "@").last.map(String.init) ?? "localhost"
    var lines = [
      "From: \(Self.field(from))", "To: \(to.map(Self.field).joined(separator: ",\r\n "))",
      "Subject: \(Self.words(title))", "Date: \(Self.date(message.at))",
      "Message-ID: <\(thread).\(nonce)@\(Self.field(host))>",
      "References: <\(thread)@\(Self.field(host))>", "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
      "Auto-Submitted: auto-generated",
    ]
    if message.severity == .critical, message.isFiring { lines.append("X-Priority: 1") }
    lines.append("")
    lines += Self.wrapped(Base64Text.encode(text.utf8))
    let body = lines.joined(separator: "\r\n") + "\r\n"
    return AlertRequest(kind: .mail(from: from, to: to), body: Array(body.utf8))
  }

  /// Of one line, whatever the configuration has.
  private static func field(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value > 31 }))
  }

  /// Encoded words of at most 75 characters (RFC 2047, section 2).
  static func words(_ text: String) -> String {
    if text.utf8.allSatisfy({ (32...126).contains($0) }), text.utf8.count <= 60 { return text }
    var words: [String] = []
    var current: [UInt8] = []
    for character in text {
      let bytes = Array(String(character).utf8)
      if current.count + bytes.count > 42 {
        words.append("=?utf-8?B?\(Base64Text.encode(current))?=")
        current = []
      }
      current += bytes
    }
    if !current.isEmpty { words.append("=?utf-8?B?\(Base64Text.encode(current))?=") }
    return words.joined(separator: "\r\n ")
  }

  private static func wrapped(_ text: String) -> [String] {
    var lines: [String] = []
    var rest = text[...]
    while !rest.isEmpty {
      lines.append(String(rest.prefix(76)))
      rest = rest.dropFirst(76)
    }
    return lines
  }

  /// `Fri, 20 Nov 2026 20:07:45 +0000`.
  static func date(_ time: WallTime) -> String {
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let text = time.description
    let number = time.milliseconds / 86_400_000 - (time.milliseconds < 0 ? 1 : 0)
    let weekday = days[Int((number % 7 + 7) % 7)]
    let month = Int(text.dropFirst(5).prefix(2)).map { months[min(max($0, 1), 12) - 1] } ?? "Jan"
    return "\(weekday), \(text.dropFirst(8).prefix(2)) \(month) \(text.prefix(4)) "
      + "\(text.dropFirst(11).prefix(8)) +0000"
  }
}
