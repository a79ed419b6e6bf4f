/// One value that is being written: an object, an array or neither, by what is asked of it.
final class AnswerLevel: Encoder {
  private enum Shape { case none, object, array }

  let output: AnswerEncoder
  private var shape = Shape.none
  /// Of an object: where its text begins, and the members with the places of theirs.
  private var start = 0
  private var names: [(name: String, start: Int)] = []
  /// Of an array.
  private(set) var count = 0
  /// A value that is written piece by piece into this one.
  private var child: AnswerLevel?

  init(_ output: AnswerEncoder) { self.output = output }

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    beginObject()
    return KeyedEncodingContainer(AnswerMembers<Key>(level: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    beginArray()
    return AnswerElements(level: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { AnswerScalar(level: self) }

  // MARK: Beginning and end

  func begin() {
    shape = .none
    count = 0
    child = nil
    names.removeAll(keepingCapacity: true)
  }

  private func beginObject() {
    guard shape == .none else { return }
    shape = .object
    output.append(0x7B)
    start = output.bytes.count
  }

  private func beginArray() {
    guard shape == .none else { return }
    shape = .array
    output.append(0x5B)
  }

  /// Writes what comes before the value of a member.
  func member(_ name: String) {
    closeChild()
    if !names.isEmpty { output.append(0x2C) }
    names.append((name, output.bytes.count))
    output.write(name)
    output.append(0x3A)
  }

  /// Writes what comes before an element.
  func element() {
    closeChild()
    if count > 0 { output.append(0x2C) }
    count += 1
  }

  /// Begins a value that is written piece by piece.
  func open() -> AnswerLevel {
    // Where there is no answer, it doesn't matter where this goes.
    guard let level = output.open() else { return AnswerLevel(AnswerEncoder()) }
    child = level
    return level
  }

  private func closeChild() {
    guard let level = child else { return }
    child = nil
    output.leave(level)
  }

  func finish() {
    closeChild()
    switch shape {
    case .none: break
    case .array: output.append(0x5D)
    case .object:
      if !isInOrder { putInOrder() }
      output.append(0x7D)
    }
  }

  private var isInOrder: Bool {
    for place in names.indices.dropFirst() where names[place].name < names[place - 1].name {
      return false
    }
    return true
  }

  private func putInOrder() {
    let end = output.bytes.count
    let members = names.indices.map { place in
      let next = place + 1 < names.count ? names[place + 1].start - 1 : end
      return (names[place].name, names[place].start..<next)
    }
    output.rearrange(members.sorted { $0.0 < $1.0 }.map(\.1), from: start)
  }
}
