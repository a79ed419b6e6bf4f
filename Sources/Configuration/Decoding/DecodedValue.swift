import Primitives

/// A value that fits its shape, with its place.
struct DecodedValue {
  enum Content {
    /// It did not fit; the log says why.
    case invalid
    case text(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case duration(TimeSpan)
    case size(Int64)
    case share(Double)
    case address(SocketAddress, written: String)
    case statusRange(ClosedRange<Int>)
    case list([DecodedValue])
    case table([DecodedEntry])
    case object(DecodedObject)
  }

  var content: Content
  var place: SourceRange
}

struct DecodedEntry {
  var key: String
  var keyPlace: SourceRange
  var value: DecodedValue
}

/// A map with known keys, those that were written.
struct DecodedObject {
  let description: ObjectDescription
  let place: SourceRange
  fileprivate var entries: [String: DecodedEntry] = [:]
  /// Keys that a refused one was probably meant for; that they are missing is no second mistake.
  var suspected: Set<String> = []

  init(_ description: ObjectDescription, place: SourceRange) {
    self.description = description
    self.place = place
  }

  mutating func insert(_ entry: DecodedEntry) { entries[entry.key] = entry }

  /// The value of a key; nil when it isn't written. Asking for a key that isn't described is our
  /// own bug.
  subscript(key: String) -> DecodedValue? {
    precondition(description[key] != nil, "\(description.title) has no key \(key)")
    return entries[key]?.value
  }

  /// Whether a key is written, or was meant to be.
  func isIntended(_ key: String) -> Bool { self[key] != nil || suspected.contains(key) }

  func keyPlace(_ key: String) -> SourceRange? { entries[key]?.keyPlace }

  func text(_ key: String) -> String? {
    if case .text(let text)? = self[key]?.content { text } else { nil }
  }

  func integer(_ key: String) -> Int? {
    if case .integer(let number)? = self[key]?.content { number } else { nil }
  }

  func number(_ key: String) -> Double? {
    if case .number(let number)? = self[key]?.content { number } else { nil }
  }

  func boolean(_ key: String) -> Bool? {
    if case .boolean(let value)? = self[key]?.content { value } else { nil }
  }

  func duration(_ key: String) -> TimeSpan? {
    if case .duration(let span)? = self[key]?.content { span } else { nil }
  }

  func size(_ key: String) -> Int64? {
    if case .size(let bytes)? = self[key]?.content { bytes } else { nil }
  }

  func share(_ key: String) -> Double? {
    if case .share(let share)? = self[key]?.content { share } else { nil }
  }

  func address(_ key: String) -> (address: SocketAddress, written: String)? {
    if case .address(let address, let written)? = self[key]?.content {
      (address, written)
    } else {
      nil
    }
  }

  func object(_ key: String) -> DecodedObject? {
    if case .object(let object)? = self[key]?.content { object } else { nil }
  }

  func list(_ key: String) -> [DecodedValue]? {
    if case .list(let items)? = self[key]?.content { items } else { nil }
  }

  func table(_ key: String) -> [DecodedEntry] {
    if case .table(let entries)? = self[key]?.content { entries } else { [] }
  }

  /// The texts of a list; items that did not fit are left out.
  func texts(_ key: String) -> [String]? {
    list(key)?.compactMap { item in
      if case .text(let text) = item.content { text } else { nil }
    }
  }

  /// A choice's value in its type.
  func choice<Choice: RawRepresentable<String>>(_ key: String, _ type: Choice.Type) -> Choice? {
    text(key).flatMap(Choice.init(rawValue:))
  }
}
