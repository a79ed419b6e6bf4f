/// An answer's head as offsets into its bytes (RFC 9112 section 4). Reused.
public struct ResponseHead: Sendable {
  public internal(set) var status = 0
  /// The reason phrase; may be empty.
  public internal(set) var reasonRange = 0..<0
  public internal(set) var isOldVersion = false
  public internal(set) var framing = MessageFraming.none
  public internal(set) var connection = ConnectionOptions()
  /// The protocol that a 101 switches to (RFC 9110 section 15.2.2); empty where it names none.
  public internal(set) var upgradeRange = 0..<0
  public internal(set) var fields = FieldTable()
  /// How long the server says that it keeps the connection idle: `Keep-Alive: timeout=5` (RFC 2068
  /// section 19.7.1.1), in seconds.
  public internal(set) var keepAliveSeconds: Int?
  public internal(set) var count = 0

  public init() {}

  /// Whether the server keeps the connection, if the body's end can be told without its end.
  public var keepsAlive: Bool {
    if framing == .untilClose { return false }
    return isOldVersion ? connection.keepAlive && !connection.close : !connection.close
  }

  /// An interim answer that another follows (RFC 9110 section 15.2); 101 ends HTTP instead.
  public var isInterim: Bool { status < 200 && status != 101 }
}

extension ResponseHead {
  /// Reads one head from the start of `bytes`.
  /// - Parameter isHead: the request was HEAD: no body, whatever the fields say.
  /// - Returns: whether it is complete; if not, call again with more bytes.
  public mutating func read(_ bytes: Span<UInt8>, isHead: Bool) throws(HeadError) -> Bool {
    connection = ConnectionOptions()
    keepAliveSeconds = nil
    upgradeRange = 0..<0
    guard let fieldsStart = try readStatusLine(bytes),
      let end = try fields.read(bytes, from: fieldsStart)
    else {
      if bytes.count >= HeadLimits.bytes { throw .headTooLarge }
      return false
    }
    guard end <= HeadLimits.bytes else { throw .headTooLarge }
    count = end
    var framingFields = FramingFields()
    var upgrade = UpgradeFields()
    for index in 0..<fields.count {
      let field = fields[index]
      switch field.name {
      case .contentLength: try framingFields.addLength(bytes, field.valueRange)
      case .transferEncoding: try framingFields.addEncoding(bytes, field.valueRange)
      case .connection: try connection.add(bytes, field.valueRange)
      case .upgrade: upgrade.add(bytes, field.valueRange)
      case .keepAlive: keepAliveSeconds = KeepAliveField.seconds(bytes, field.valueRange)
      default: continue
      }
    }
    let stated = try framingFields.framing(isOldVersion: isOldVersion)
    let isBodiless = isHead || status < 200 || status == 204 || status == 304
    framing = isBodiless ? .none : stated ?? .untilClose
    if status == 101, connection.upgrade, !isOldVersion { upgradeRange = upgrade.protocolRange }
    return true
  }

  /// `HTTP/1.x SP 3DIGIT [ SP reason ] CRLF`.
  private mutating func readStatusLine(_ bytes: Span<UInt8>) throws(HeadError) -> Int? {
    guard bytes.agrees(with: "HTTP/1.", from: 0) else { throw .badStatusLine }
    guard bytes.count >= 14 else { return nil }
    guard bytes[7] == 48 || bytes[7] == 49, bytes[8] == Octets.space else { throw .badStatusLine }
    isOldVersion = bytes[7] == 48
    let (hundreds, tens, ones) = (bytes[9], bytes[10], bytes[11])
    guard hundreds &- 49 < 5, Octets.isDigit(tens), Octets.isDigit(ones) else {
      throw .badStatusLine
    }
    status = Int(hundreds &- 48) * 100 + Int(tens &- 48) * 10 + Int(ones &- 48)
    var offset = 12
    if bytes[offset] == Octets.space { offset += 1 }
    let start = offset
    while offset < bytes.count, bytes[offset] >= 32 || bytes[offset] == Octets.tab,
      bytes[offset] != 127
    {
      offset += 1
    }
    guard offset + 1 < bytes.count else { return nil }
    guard bytes[offset] == Octets.carriageReturn, bytes[offset + 1] == Octets.lineFeed else {
      throw .badStatusLine
    }
    guard start > 12 || offset == 12 else { throw .badStatusLine }
    reasonRange = start..<offset
    return offset + 2
  }
}
