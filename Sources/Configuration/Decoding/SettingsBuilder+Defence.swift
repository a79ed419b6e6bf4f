import Primitives

extension SettingsBuilder {
  func defend(_ listener: inout ListenerSettings, _ object: DecodedObject) {
    listener.trustedProxies = object.blocks("trustedProxies")
    if let limits = object.object("limits") {
      listener.limits.connections = limits.integer("connections") ?? listener.limits.connections
      listener.limits.connectionsPerAddress =
        limits.integer("connectionsPerAddress") ?? listener.limits.connectionsPerAddress
      listener.limits.head = limits.size("head") ?? listener.limits.head
      listener.limits.fields = limits.integer("fields") ?? listener.limits.fields
      listener.limits.body = limits.size("body") ?? listener.limits.body
    }
    if let timeouts = object.object("timeouts") {
      listener.timeouts.head = timeouts.duration("head") ?? listener.timeouts.head
      listener.timeouts.idle = timeouts.duration("idle") ?? listener.timeouts.idle
    }
    if let rate = object.object("leastRate") {
      listener.leastRate.body = rate.size("body") ?? listener.leastRate.body
      listener.leastRate.answer = rate.size("answer") ?? listener.leastRate.answer
      listener.leastRate.grace = rate.duration("grace") ?? listener.leastRate.grace
    }
    listener.rateLimits = rateLimits(object)
  }

  func rateLimits(_ object: DecodedObject) -> [RateLimitSettings] {
    (object.list("rateLimit") ?? []).compactMap { item in
      guard case .object(let limit) = item.content,
        let rate = limit.text("rate").flatMap(RateLimitSettings.rate)
      else { return nil }
      return RateLimitSettings(
        key: limit.text("key").flatMap(RateLimitSettings.Key.init) ?? .clientIP,
        count: rate.count, per: rate.span, burst: limit.integer("burst") ?? rate.count)
    }
  }
}

extension DecodedObject {
  /// Those of a list that could be read.
  func blocks(_ key: String) -> [AddressBlock] {
    (texts(key) ?? []).compactMap { try? AddressBlock($0) }
  }
}

extension RateLimitSettings {
  static let rateForms = "write a rate such as 100/s, 10/m or 5/h, with 1 to 1000000"
  static let keyForms = "client-ip, header:NAME, cookie:NAME or all"

  /// `100/s`: requests, and the span that they are for.
  static func rate(_ text: String) -> (count: Int, span: TimeSpan)? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let count = ScalarText.integer(String(parts[0])),
      (1...1_000_000).contains(count)
    else { return nil }
    switch parts[1] {
    case "s": return (count, .seconds(1))
    case "m": return (count, .minutes(1))
    case "h": return (count, .hours(1))
    default: return nil
    }
  }
}

extension RateLimitSettings.Key {
  init?(_ text: String) {
    switch text {
    case "client-ip": self = .clientIP
    case "all": self = .all
    default:
      guard let key = try? RequestKeySettings(text) else { return nil }
      switch key {
      case .header(let name): self = .header(name)
      case .cookie(let name): self = .cookie(name)
      default: return nil
      }
    }
  }

  /// As it is written in a file.
  public var text: String {
    switch self {
    case .all: "all"
    case .clientIP: "client-ip"
    case .header(let name): "header:\(name)"
    case .cookie(let name): "cookie:\(name)"
    }
  }
}
