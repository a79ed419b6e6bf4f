/// What values of an array and values by themselves have in common.
protocol AnswerPlace {
  var level: AnswerLevel { get }
  /// Writes what comes before the value.
  func precede()
}

extension AnswerPlace {
  var codingPath: [any CodingKey] { [] }

  private func write(_ number: some BinaryInteger) {
    precede()
    level.output.write(number: number)
  }

  func encodeNil() throws {
    precede()
    level.output.write(raw: "null")
  }
  func encode(_ value: Bool) throws {
    precede()
    level.output.write(value)
  }
  func encode(_ value: String) throws {
    precede()
    level.output.write(value)
  }
  func encode(_ value: Double) throws {
    precede()
    try level.output.write(real: value)
  }
  func encode(_ value: Float) throws {
    precede()
    try level.output.write(real: value)
  }
  func encode(_ value: Int) throws { write(value) }
  func encode(_ value: Int8) throws { write(value) }
  func encode(_ value: Int16) throws { write(value) }
  func encode(_ value: Int32) throws { write(value) }
  func encode(_ value: Int64) throws { write(value) }
  func encode(_ value: UInt) throws { write(value) }
  func encode(_ value: UInt8) throws { write(value) }
  func encode(_ value: UInt16) throws { write(value) }
  func encode(_ value: UInt32) throws { write(value) }
  func encode(_ value: UInt64) throws { write(value) }
}

/// A value that is neither object nor array.
struct AnswerScalar: SingleValueEncodingContainer, AnswerPlace {
  let level: AnswerLevel

  func precede() {}

  func encode(_ value: some Encodable) throws {
    if try level.output.writeScalar(value) { return }
    // It may become one of those after all.
    try value.encode(to: level)
  }
}

/// The elements of an array.
struct AnswerElements: UnkeyedEncodingContainer, AnswerPlace {
  let level: AnswerLevel

  var count: Int { level.count }

  func precede() { level.element() }

  func encode(_ value: some Encodable) throws {
    level.element()
    try level.output.write(value: value)
  }

  func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    level.element()
    return level.open().container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    level.element()
    return level.open().unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    level.element()
    return level.open()
  }
}

/// The members of an object.
struct AnswerMembers<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let level: AnswerLevel

  var codingPath: [any CodingKey] { [] }

  func encodeNil(forKey key: Key) throws {
    level.member(key.stringValue)
    level.output.write(raw: "null")
  }

  func encode(_ value: String, forKey key: Key) throws {
    level.member(key.stringValue)
    level.output.write(value)
  }

  func encode(_ value: Bool, forKey key: Key) throws {
    level.member(key.stringValue)
    level.output.write(value)
  }

  func encode(_ value: Int, forKey key: Key) throws {
    level.member(key.stringValue)
    level.output.write(number: value)
  }

  func encode(_ value: Double, forKey key: Key) throws {
    level.member(key.stringValue)
    try level.output.write(real: value)
  }

  func encode(_ value: some Encodable, forKey key: Key) throws {
    level.member(key.stringValue)
    try level.output.write(value: value)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    level.member(key.stringValue)
    return level.open().container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    level.member(key.stringValue)
    return level.open().unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    level.member("super")
    return level.open()
  }

  func superEncoder(forKey key: Key) -> any Encoder {
    level.member(key.stringValue)
    return level.open()
  }
}
