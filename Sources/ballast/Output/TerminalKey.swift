/// What somebody pressed.
enum TerminalKey: Equatable {
  case character(Character)
  case up, down
  /// Control and C.
  case interrupt

  /// Of the bytes that a terminal sends; what it means by others is left out.
  static func read(_ bytes: some Sequence<UInt8>) -> [TerminalKey] {
    var keys: [TerminalKey] = []
    var rest = Array(bytes)[...]
    while let byte = rest.popFirst() {
      switch byte {
      case 3: keys.append(.interrupt)
      case 27:
        // ESC [ A, or ESC O A in application mode (ECMA-48, section 8.3.22).
        guard let next = rest.first, next == UInt8(ascii: "[") || next == UInt8(ascii: "O") else {
          continue
        }
        rest.removeFirst()
        while let next = rest.first, (0x20...0x3F).contains(next) { rest.removeFirst() }
        switch rest.popFirst() {
        case UInt8(ascii: "A"): keys.append(.up)
        case UInt8(ascii: "B"): keys.append(.down)
        default: break
        }
      case 32...126: keys.append(.character(Character(UnicodeScalar(byte))))
      default: break
      }
    }
    return keys
  }
}
