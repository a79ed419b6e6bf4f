package import Primitives

/// A value that fits its shape, with its place.
package struct DecodedValue {
  package enum Content {
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
    case file(path: String, text: String)
    case list([DecodedValue])
    case table([DecodedEntry])
    case object(DecodedObject)
  }

  package var content: Content
  package var place: SourceRange
}

package struct DecodedEntry {
  package var key: String
  package var keyPlace: SourceRange
  package var value: DecodedValue
}

/// A map with known keys, those that were written.
package struct DecodedObject {
  package let description: ObjectDescription
  package let place: SourceRange
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
  package subscript(key: String) -> DecodedValue? {
    precondition(description[key] != nil, "\(description.title) has no key \(key)")
    return entries[key]?.value
  }

  /// Whether a key is written, or was meant to be.
  package func isIntended(_ key: String) -> Bool { self[key] != nil || suspected.contains(key) }

  package func keyPlace(_ key: String) -> SourceRange? { entries[key]?.keyPlace }

  package func text(_ key: String) -> String? {
    if case .text(let text)? = self[key]?.content { text } else { nil }
  }

  package func integer(_ key: String) -> Int? {
    if case .integer(let number)? = self[key]?.content { number } else { nil }
  }

  package func number(_ key: String) -> Double? {
    if case .number(let number)? = self[key]?.content { number } else { nil }
  }

  package func boolean(_ key: String) -> Bool? {
    if case .boolean(let value)? = self[key]?.content { value } else { nil }
  }

  package func duration(_ key: String) -> TimeSpan? {
    if case .duration(let span)? = self[key]?.content { span } else { nil }
  }

  package func size(_ key: String) -> Int64? {
    if case .size(let bytes)? = self[key]?.content { bytes } else { nil }
  }

  package func share(_ key: String) -> Double? {
    if case .share(let share)? = self[key]?.content { share } else { nil }
  }

  package func address(_ key: String) -> (address: SocketAddress, written: String)? {
    if case .address(let address, let written)? = self[key]?.content {
      (address, written)
    } else {
      nil
    }
  }

  package func object(_ key: String) -> DecodedObject? {
    if case .object(let object)? = self[key]?.content { object } else { nil }
  }

  package func list(_ key: String) -> [DecodedValue]? {
    if case .list(let items)? = self[key]?.content { items } else { nil }
  }

  package func table(_ key: String) -> [DecodedEntry] {
    if case .table(let entries)? = self[key]?.content { entries } else { [] }
  }

  /// The texts of a list; items that did not fit are left out.
  package func texts(_ key: String) -> [String]? {
    list(key)?.compactMap { item in
      if case .text(let text) = item.content { text } else { nil }
    }
  }

  /// A choice's value in its type.
  package func choice<Choice: RawRepresentable<String>>(_ key: String, _ type: Choice.Type)
    -> Choice?
  {
    text(key).flatMap(Choice.init(rawValue:))
  }
}
