/// Chunked decoding as one would write it with the whole input at hand, to compare with.
struct PlainChunkedDecoder {
  enum Result: Equatable {
    case complete([UInt8], taken: Int)
    case incomplete, bad
  }

  private enum Stop: Error { case incomplete, bad }

  private var rest: ArraySlice<UInt8>

  static func decode(_ input: [UInt8]) -> Result {
    var decoder = PlainChunkedDecoder(rest: input[...])
    do throws(Stop) {
      let content = try decoder.chunks()
      while try decoder.trailer() {}
      return .complete(content, taken: input.count - decoder.rest.count)
    } catch { return error == .bad ? .bad : .incomplete }
  }

  private mutating func take() throws(Stop) -> UInt8 {
    guard let byte = rest.popFirst() else { throw .incomplete }
    return byte
  }

  private mutating func expect(_ text: String) throws(Stop) {
    for expected in text.utf8 where try take() != expected { throw .bad }
  }

  private mutating func chunks() throws(Stop) -> [UInt8] {
    var content: [UInt8] = []
    while true {
      let size = try size()
      if size == 0 { return content }
      guard rest.count >= size else { throw .incomplete }
      content += rest.prefix(size)
      rest = rest.dropFirst(size)
      try expect("\r\n")
    }
  }

  private mutating func size() throws(Stop) -> Int {
    var digits = ""
    var byte = try take()
    while byte < 128, Character(UnicodeScalar(byte)).isHexDigit {
      digits.append(Character(UnicodeScalar(byte)))
      if digits.count > 15 { throw .bad }
      byte = try take()
    }
    guard let size = Int(digits, radix: 16) else { throw .bad }
    if byte == UInt8(ascii: ";") {
      try skipExtensions()
    } else if byte != 13 {
      throw .bad
    }
    try expect("\n")
    return size
  }

  /// Up to the carriage return, which can't stand in a quoted string.
  private mutating func skipExtensions() throws(Stop) {
    var (isQuoted, isEscaped) = (false, false)
    while true {
      let byte = try take()
      if byte == 13, !isQuoted { return }
      guard Self.isText(byte) else { throw .bad }
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = isQuoted
      }
    }
  }

  /// - Returns: whether there was one; false at the empty line.
  private mutating func trailer() throws(Stop) -> Bool {
    var byte = try take()
    if byte == 13 {
      try expect("\n")
      return false
    }
    if byte == UInt8(ascii: ":") { throw .bad }
    while byte != UInt8(ascii: ":") {
      guard Self.isToken(byte) else { throw .bad }
      byte = try take()
    }
    byte = try take()
    while byte != 13 {
      guard Self.isText(byte) else { throw .bad }
      byte = try take()
    }
    try expect("\n")
    return true
  }

  private static func isText(_ byte: UInt8) -> Bool { byte >= 32 && byte != 127 || byte == 9 }

  private static func isToken(_ byte: UInt8) -> Bool {
    let character = Character(UnicodeScalar(byte))
    if byte < 128, character.isLetter || character.isNumber { return true }
    return "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }
}
