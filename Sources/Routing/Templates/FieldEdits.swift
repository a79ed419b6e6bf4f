/// What a route changes in the fields of a head.
public struct FieldEdits: Sendable, Hashable {
  public struct Field: Sendable, Hashable {
    /// As it is written to the wire.
    public let name: [UInt8]
    /// In lower case.
    let folded: [UInt8]
    public let value: TextTemplate

    public init(name: String, value: TextTemplate) {
      self.name = Array(name.utf8)
      folded = Array(name.lowercased().utf8)
      self.value = value
    }
  }

  /// Takes the place of all fields of its name.
  public var set: [Field]
  /// Comes behind those that are there.
  public var add: [Field]
  /// Names in lower case.
  public var remove: [[UInt8]]

  public init(set: [Field] = [], add: [Field] = [], remove: [[UInt8]] = []) {
    self.set = set
    self.add = add
    self.remove = remove
  }

  public var isEmpty: Bool { self.set.isEmpty && add.isEmpty && remove.isEmpty }

  /// Whether a field that came is left out.
  public func drops(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
    for folded in remove where folded.count == name.count {
      if bytes.folded(name.lowerBound, equals: folded) { return true }
    }
    for field in set where field.folded.count == name.count {
      if bytes.folded(name.lowerBound, equals: field.folded) { return true }
    }
    return false
  }

  /// The same for a name of ours, in lower case.
  public func drops(_ name: StaticString) -> Bool {
    name.withUTF8Buffer { buffer in
      let bytes = unsafe Span<UInt8>(_unsafeElements: buffer)
      return drops(bytes, 0..<bytes.count)
    }
  }

  /// Whether filling it in takes the request's own line.
  public var needsRequest: Bool { (set + add).contains { $0.value.needsRequest } }

  /// In words.
  public var texts: [String] {
    func text(_ verb: String, _ field: Field) -> String {
      "\(verb) \(String(decoding: field.name, as: UTF8.self)): \(field.value.text)"
    }
    return set.map { text("set", $0) } + add.map { text("add", $0) }
      + remove.map { "remove \(String(decoding: $0, as: UTF8.self))" }
  }
}
