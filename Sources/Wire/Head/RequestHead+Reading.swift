extension RequestHead {
  /// Reads one head from the start of `bytes`.
  /// - Returns: whether it is complete; if not, call again with more bytes.
  public mutating func read(_ bytes: Span<UInt8>) throws(HeadError) -> Bool {
    framing = .none
    expectsContinue = false
    acceptsTrailers = false
    connection = ConnectionOptions()
    hostRange = 0..<0
    upgradeRange = 0..<0
    fields.removeAll()
    guard let fieldsStart = try readRequestLine(bytes) else { return try incomplete(bytes) }
    guard let end = try fields.read(bytes, from: fieldsStart, within: allowance) else {
      return try incomplete(bytes)
    }
    guard end <= allowance.bytes else { throw .headTooLarge }
    count = end
    try readMeaning(bytes)
    return true
  }

  private func incomplete(_ bytes: Span<UInt8>) throws(HeadError) -> Bool {
    if bytes.count >= allowance.bytes { throw .headTooLarge }
    return false
  }

  /// `METHOD SP target SP HTTP/1.x CRLF`, one empty line before it allowed (RFC 9112 section 2.2).
  private mutating func readRequestLine(_ bytes: Span<UInt8>) throws(HeadError) -> Int? {
    var start = 0
    if bytes.count > 0, bytes[0] == Octets.carriageReturn {
      guard bytes.count > 1 else { return nil }
      guard bytes[1] == Octets.lineFeed else { throw .badRequestLine }
      start = 2
    }
    var offset = start
    while offset < bytes.count, Octets.isToken(bytes[offset]) { offset += 1 }
    guard offset < bytes.count else { return nil }
    guard bytes[offset] == Octets.space, offset > start else { throw .badRequestLine }
    methodRange = start..<offset
    method = Method.identify(bytes, start, offset)
    let targetStart = offset + 1
    offset = targetStart
    var query = -1
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == Octets.space { break }
      guard byte > 32, byte < 127, byte != 35 else { throw .badTarget }
      if byte == Octets.questionMark, query < 0 { query = offset }
      offset += 1
      if offset - targetStart > HeadLimits.targetBytes { throw .targetTooLong }
    }
    guard offset < bytes.count else { return nil }
    guard offset > targetStart else { throw .badTarget }
    targetRange = targetStart..<offset
    pathRange = targetStart..<(query < 0 ? offset : query)
    guard let end = try readVersion(bytes, from: offset + 1) else { return nil }
    try readTarget(bytes)
    return end
  }

  private mutating func readVersion(
    _ bytes: Span<UInt8>, from start: Int
  ) throws(HeadError) -> Int? {
    guard bytes.agrees(with: "HTTP/", from: start) else { throw .badVersion }
    guard bytes.count - start >= 10 else { return nil }
    let (major, dot, minor) = (bytes[start + 5], bytes[start + 6], bytes[start + 7])
    guard Octets.isDigit(major), dot == 46, Octets.isDigit(minor) else { throw .badVersion }
    guard bytes[start + 8] == Octets.carriageReturn, bytes[start + 9] == Octets.lineFeed else {
      throw Octets.isDigit(bytes[start + 8]) ? .badVersion : .badLineEnd
    }
    guard major == 49, minor == 48 || minor == 49 else { throw .unsupportedVersion }
    isOldVersion = minor == 48
    return start + 10
  }

  /// Origin-form, absolute-form, or `*` with OPTIONS (RFC 9112 section 3.2).
  private mutating func readTarget(_ bytes: Span<UInt8>) throws(HeadError) {
    let isTrace = bytes.equalsIgnoringCase("trace", in: methodRange)
    if isTrace { throw .traceRefused }
    if bytes.equalsIgnoringCase("connect", in: methodRange) { throw .connectRefused }
    let first = bytes[targetRange.lowerBound]
    if first == Octets.slash { return }
    if first == 42 {
      guard targetRange.count == 1, method == .options else { throw .badTarget }
      return
    }
    let scheme = targetRange.lowerBound..<(targetRange.lowerBound + 7)
    guard targetRange.count > 7, bytes.equalsIgnoringCase("http://", in: scheme) else {
      throw .badTarget
    }
    var end = scheme.upperBound
    while end < pathRange.upperBound, bytes[end] != Octets.slash { end += 1 }
    hostRange = scheme.upperBound..<end
    guard HostSyntax.isValid(bytes, hostRange) else { throw .badTarget }
    pathRange = end..<pathRange.upperBound
    targetRange = end..<targetRange.upperBound
  }

  private mutating func readMeaning(_ bytes: Span<UInt8>) throws(HeadError) {
    var framingFields = FramingFields()
    var upgrade = UpgradeFields()
    var sawHost = false
    for index in 0..<fields.count {
      let field = fields[index]
      switch field.name {
      case .other: continue
      case .host:
        if sawHost { throw .severalHosts }
        sawHost = true
        guard HostSyntax.isValid(bytes, field.valueRange) else { throw .badHost }
        if hostRange.isEmpty { hostRange = field.valueRange }
      case .contentLength: try framingFields.addLength(bytes, field.valueRange)
      case .transferEncoding: try framingFields.addEncoding(bytes, field.valueRange)
      case .connection: try connection.add(bytes, field.valueRange)
      case .upgrade: upgrade.add(bytes, field.valueRange)
      case .te:
        var codings = ListReader(field.valueRange)
        while let coding = codings.next(bytes) {
          if bytes.equalsIgnoringCase("trailers", in: coding) { acceptsTrailers = true }
        }
      case .expect:
        guard bytes.equalsIgnoringCase("100-continue", in: field.valueRange) else {
          throw .unsupportedExpectation
        }
        expectsContinue = !isOldVersion
      default: continue
      }
    }
    if !sawHost, !isOldVersion { throw .missingHost }
    framing = try framingFields.framing(isOldVersion: isOldVersion) ?? .none
    if connection.upgrade, !isOldVersion, framing == .none || framing == .length(0) {
      upgradeRange = upgrade.protocolRange
    }
  }
}
