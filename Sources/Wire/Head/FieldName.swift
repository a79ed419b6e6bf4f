/// The fields that a proxy frames by, sets or strips; every other name is `.other`.
public enum FieldName: UInt8, Sendable {
  case other
  case host, connection, contentLength, transferEncoding, expect, upgrade, te, trailer
  case keepAlive, proxyConnection, xForwardedFor, xForwardedProto, xForwardedHost, via
  case xRequestID, traceparent, tracestate, date, endpointLoadMetrics, cookie, setCookie
  case ballastMirror
  /// What else says who the client is: Forwarded, X-Real-IP, every other X-Forwarded-….
  case forwarding
  /// A name with `_` that a server which takes it for `-`, as CGI does (RFC 3875 section 4.1.18),
  /// takes for one that we set or frame by.
  case underscored

  /// The name in `bytes[start..<end]`, in any case; the bytes are known to be a token.
  static func identify(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> FieldName {
    let first = word(bytes, start, end)
    let second = end - start > 8 ? word(bytes, start + 8, end) : 0
    let name = exact(bytes, start, end, first, second)
    return name == .other ? relative(bytes, start, end, first) : name
  }

  private static func exact(
    _ bytes: Span<UInt8>, _ start: Int, _ end: Int, _ first: UInt64, _ second: UInt64
  ) -> FieldName {
    switch end - start {
    case 2: return first == 0x6574 ? .te : .other
    case 3: return first == 0x616976 ? .via : .other
    case 4:
      if first == 0x7473_6F68 { return .host }
      return first == 0x6574_6164 ? .date : .other
    case 6:
      if first == 0x7463_6570_7865 { return .expect }
      return first == 0x6569_6B6F_6F63 ? .cookie : .other
    case 7:
      if first == 0x65_6461_7267_7075 { return .upgrade }
      return first == 0x72_656C_6961_7274 ? .trailer : .other
    case 9:
      if first == ascii("forwarde"), second == ascii("d") { return .forwarding }
      return first == ascii("x-real-i") && second == ascii("p") ? .forwarding : .other
    case 10:
      if first == ascii("connecti"), second == ascii("on") { return .connection }
      if first == ascii("tracesta"), second == ascii("te") { return .tracestate }
      if first == ascii("set-cook"), second == ascii("ie") { return .setCookie }
      return first == ascii("keep-ali") && second == ascii("ve") ? .keepAlive : .other
    case 11:
      return first == ascii("tracepar") && second == ascii("ent") ? .traceparent : .other
    case 12:
      return first == ascii("x-reques") && second == ascii("t-id") ? .xRequestID : .other
    case 14:
      return first == ascii("content-") && second == ascii("length") ? .contentLength : .other
    case 15:
      return first == ascii("x-forwar") && second == ascii("ded-for") ? .xForwardedFor : .other
    case 16:
      guard first == ascii("x-forwar") else {
        if first == ascii("x-ballas"), second == ascii("t-mirror") { return .ballastMirror }
        return first == ascii("proxy-co") && second == ascii("nnection") ? .proxyConnection : .other
      }
      return second == ascii("ded-host") ? .xForwardedHost : .other
    case 17:
      let last = Octets.lowercased(bytes[end - 1])
      if first == ascii("x-forwar"), second == ascii("ded-prot"), last == UInt8(ascii: "o") {
        return .xForwardedProto
      }
      let isTransferEncoding =
        first == ascii("transfer") && second == ascii("-encodin") && last == UInt8(ascii: "g")
      return isTransferEncoding ? .transferEncoding : .other
    case 21:
      guard first == ascii("endpoint"), second == ascii("-load-me") else { return .other }
      return word(bytes, start + 16, end) == ascii("trics") ? .endpointLoadMetrics : .other
    default: return .other
    }
  }

  /// Names beyond the known ones that begin as one of them does, `_` taken for `-`.
  private static func relative(
    _ bytes: Span<UInt8>, _ start: Int, _ end: Int, _ first: UInt64
  ) -> FieldName {
    // The second byte is the one that may be either.
    switch first & ~0xFF00 {
    case ascii("x\0forwar"):
      guard end - start >= 11, isLike(bytes, start, "x-forwarded"),
        end - start == 11 || bytes[start + 11] == dash || bytes[start + 11] == underscore
      else { return .other }
      return hasUnderscore(bytes, start, end) ? .underscored : .forwarding
    case ascii("x\0reques"):
      return end - start == 12 && isLike(bytes, start, "x-request-id") ? .underscored : .other
    default: break
    }
    switch end - start {
    case 9: return isLike(bytes, start, "x-real-ip") ? .underscored : .other
    case 14: return isLike(bytes, start, "content-length") ? .underscored : .other
    case 16: return isLike(bytes, start, "x-ballast-mirror") ? .underscored : .other
    case 17: return isLike(bytes, start, "transfer-encoding") ? .underscored : .other
    default: return .other
    }
  }

  private static let dash = UInt8(ascii: "-")
  private static let underscore = UInt8(ascii: "_")

  /// Whether the name, which is at least as long, begins with that text: in any case, and with `_`
  /// for `-`.
  private static func isLike(_ bytes: Span<UInt8>, _ start: Int, _ text: StaticString) -> Bool {
    for index in 0..<text.utf8CodeUnitCount {
      let byte = bytes[start + index]
      let plain = byte == underscore ? dash : Octets.lowercased(byte)
      if unsafe text.utf8Start[index] != plain { return false }
    }
    return true
  }

  private static func hasUnderscore(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
    for index in start..<end where bytes[index] == underscore { return true }
    return false
  }

  /// Up to eight bytes as a little-endian word, letters in lower case. Setting bit 5 of a token
  /// byte never turns another byte into a letter or a dash.
  private static func word(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> UInt64 {
    let lowercase: UInt64 = 0x2020_2020_2020_2020
    let count = end - start
    if count <= 0 { return 0 }
    if start + 8 <= bytes.count {
      let loaded = unsafe bytes.bytes.unsafeLoadUnaligned(
        fromByteOffset: start, as: UInt64.self)
      let word = UInt64(littleEndian: loaded) | lowercase
      return count >= 8 ? word : word & (1 << UInt64(8 * count) &- 1)
    }
    var word: UInt64 = 0
    var index = 0
    while index < count && index < 8 {
      word |= UInt64(bytes[start + index] | 0x20) << UInt64(8 * index)
      index += 1
    }
    return word
  }

  @inline(__always)
  private static func ascii(_ text: StaticString) -> UInt64 {
    var word: UInt64 = 0
    for index in 0..<text.utf8CodeUnitCount {
      word |= UInt64(unsafe text.utf8Start[index]) << UInt64(8 * index)
    }
    return word
  }
}
