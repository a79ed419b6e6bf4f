import AdminAPI
import Wire

/// One request to the admin listener, read whole.
struct AdminRequest: Sendable {
  var method: String
  /// Percent-decoded, without the empty ones: `/v1/services` is `["v1", "services"]`.
  var segments: [String]
  /// In order; a name without `=` has an empty value.
  var query: [(name: String, value: String)] = []
  var host: String?
  var origin: String?
  /// `Sec-Fetch-Site`, which browsers send and pages cannot set.
  var fetchSite: String?
  var accept: String?
  /// `X-Ballast-User`: who says to ask. It is no proof.
  var claimedName: String?
  /// What `Authorization: Bearer` says; empty for one that is too long to be ours.
  var bearer: String?
  /// `Cookie`, as it came.
  var cookies: [String] = []
  /// A proxy says that it asks for somebody else.
  var isForwarded = false
  /// `X-Ballast-CSRF`.
  var csrf: String?
  /// By its `User-Agent` it is the `ballast` program. It is no proof either.
  var isCommand = false
  var body: [UInt8] = []
  var peer = AdminPeer(user: nil)
  /// Who asks, once that is known: before anything is answered.
  var actor = AdminActor.unknown(from: "")
  var credential = AdminCredential.none
  /// What a change has to show by `csrf`; nil where nothing is asked for.
  var csrfExpected: String?

  func first(_ name: String) -> String? { query.first { $0.name == name }?.value }

  func has(_ name: String) -> Bool { query.contains { $0.name == name } }

  var isOverUnixSocket: Bool { peer.isOverUnixSocket }

  /// Who asks, for the histories; nil for one of the machine who doesn't say.
  var author: String? {
    if actor.means == .local { return claimedName }
    return actor.name.isEmpty ? nil : actor.name
  }

  /// The value of the first cookie of that name (RFC 6265 section 4.2).
  func cookie(_ name: String) -> String? {
    for pair in cookies.flatMap({ $0.split(separator: ";") }) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].drop(while: { $0 == " " }) == name[...] else { continue }
      return parts[1].utf8.count <= RandomText.longest ? String(parts[1]) : nil
    }
    return nil
  }

  /// Whether it comes from a page of ours, as far as that is asked for. A cookie goes along with
  /// what any page makes a browser send; what it has to show by itself doesn't.
  var isIntended: Bool {
    guard changesState, let csrfExpected else { return true }
    let (shown, wanted) = (Array((csrf ?? "").utf8), Array(csrfExpected.utf8))
    guard shown.count == wanted.count, !wanted.isEmpty else { return false }
    return zip(shown, wanted).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  var changesState: Bool { !["GET", "HEAD", "OPTIONS"].contains(method) }
}

extension AdminRequest {
  /// Nil for a path or query that is not well-formed percent-encoding of UTF-8.
  init?(_ head: borrowing RequestHead, _ bytes: Span<UInt8>, peer: AdminPeer) {
    func text(_ range: Range<Int>) -> String {
      String(decoding: range.map { bytes[$0] }, as: UTF8.self)
    }
    method = text(head.methodRange)
    let path = text(head.pathRange)
    let target = text(head.targetRange)
    segments = []
    for part in path.split(separator: "/") {
      guard let segment = PercentText.decode(part) else { return nil }
      segments.append(segment)
    }
    if let mark = target.firstIndex(of: "?") {
      for pair in target[target.index(after: mark)...].split(separator: "&") {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = PercentText.decode(parts[0], plusIsSpace: true),
          let value = PercentText.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
        else { return nil }
        query.append((name, value))
      }
    }
    if !head.hostRange.isEmpty { host = text(head.hostRange) }
    for index in 0..<head.fields.count {
      let field = head.fields[index]
      switch text(field.nameRange).lowercased() {
      case "accept": accept = text(field.valueRange)
      case "origin": origin = text(field.valueRange)
      case "sec-fetch-site": fetchSite = text(field.valueRange)
      case "authorization": bearer = Self.bearer(text(field.valueRange))
      case "cookie": cookies.append(text(field.valueRange))
      case "via", "forwarded", "x-forwarded-for", "x-real-ip": isForwarded = true
      case "x-ballast-csrf": csrf = text(field.valueRange)
      case "user-agent": isCommand = text(field.valueRange).hasPrefix("ballast/")
      case "x-ballast-user":
        claimedName = String(text(field.valueRange).prefix(AdminLimits.authorLength))
      default: continue
      }
    }
    self.peer = peer
  }

  /// RFC 6750 section 2.1. Another scheme is none of ours, and lets nobody in.
  private static func bearer(_ value: String) -> String {
    let parts = value.split(separator: " ", omittingEmptySubsequences: true)
    guard parts.count == 2, parts[0].lowercased() == "bearer",
      parts[1].utf8.count <= RandomText.longest
    else { return "" }
    return String(parts[1])
  }
}

/// RFC 3986 section 2.1.
enum PercentText {
  static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
    var decoded: [UInt8] = []
    var bytes = text.utf8.makeIterator()
    while let byte = bytes.next() {
      if byte == UInt8(ascii: "%") {
        guard let high = bytes.next().flatMap(digit), let low = bytes.next().flatMap(digit) else {
          return nil
        }
        decoded.append(high << 4 | low)
      } else {
        decoded.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return String(validating: decoded, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: nil
    }
  }
}
