public import Primitives
public import Wire

/// What a request must be like beside its host and path; all of it holds at once.
public struct RequestConditions: Sendable, Hashable {
  /// A field or a parameter, and what its value has to be.
  public struct Field: Sendable, Hashable {
    /// Of a header in lower case.
    public var name: [UInt8]
    public var value: ValuePattern

    public init(name: [UInt8], value: ValuePattern) {
      self.name = name
      self.value = value
    }
  }

  /// Methods are case-sensitive; empty takes all.
  public var methods: [String]
  public var headers: [Field]
  /// Names and values are compared percent-decoded, `+` being a space.
  public var query: [Field]
  /// Empty takes all clients.
  public var clients: [AddressBlock]
  /// Of the client's certificate, one of them; empty takes clients without one as well.
  public var subjects: [ValuePattern]

  public init(
    methods: [String] = [], headers: [Field] = [], query: [Field] = [],
    clients: [AddressBlock] = [], subjects: [ValuePattern] = []
  ) {
    self.methods = methods
    self.headers = headers
    self.query = query
    self.clients = clients
    self.subjects = subjects
  }

  /// What keeps a request from being taken.
  public enum Mismatch: Sendable, Equatable {
    case method
    /// The header's name, or the parameter's.
    case header([UInt8])
    case query([UInt8])
    case client
    case subject
  }

  /// How many there are: the more, the more specific.
  public var count: Int {
    (methods.isEmpty ? 0 : 1) + headers.count + query.count + (clients.isEmpty ? 0 : 1)
      + (subjects.isEmpty ? 0 : 1)
  }

  public var isEmpty: Bool { count == 0 }

  /// Nil when all hold.
  /// - Parameter subject: of the client's certificate, which was verified; empty without one.
  public func mismatch(
    _ head: RequestHead, _ bytes: Span<UInt8>, client: ClientAddress, subject: [UInt8] = []
  ) -> Mismatch? {
    if !methods.isEmpty, !takesMethod(head, bytes) { return .method }
    if !clients.isEmpty, !clients.contains(where: client.isIn) { return .client }
    if !subjects.isEmpty, !takesSubject(subject) { return .subject }
    for field in headers where !Self.hasHeader(field, head, bytes) { return .header(field.name) }
    for field in query where !Self.hasParameter(field, head, bytes) { return .query(field.name) }
    return nil
  }

  private func takesSubject(_ subject: [UInt8]) -> Bool {
    !subject.isEmpty && subjects.contains { $0.takes(subject.span, 0..<subject.count) }
  }

  private func takesMethod(_ head: RequestHead, _ bytes: Span<UInt8>) -> Bool {
    let range = head.methodRange
    return methods.contains { name in
      let utf8 = name.utf8
      guard utf8.count == range.count else { return false }
      var offset = range.lowerBound
      for byte in utf8 {
        if bytes[offset] != byte { return false }
        offset += 1
      }
      return true
    }
  }

  /// Every line of that name is looked at, as a whole and as the list that it may be (RFC 9110
  /// section 5.3): whoever sends a field twice must not get around a rule.
  private static func hasHeader(
    _ field: Field, _ head: RequestHead, _ bytes: Span<UInt8>
  ) -> Bool {
    var next = head.fields.firstIndex(named: field.name, bytes)
    while let index = next {
      let value = head.fields[index].valueRange
      if field.value.takes(bytes, value) { return true }
      var list = ListReader(value)
      while let element = list.next(bytes) {
        if field.value.takes(bytes, element) { return true }
      }
      next = head.fields.firstIndex(named: field.name, bytes, from: index + 1)
    }
    return false
  }

  private static func hasParameter(
    _ field: Field, _ head: RequestHead, _ bytes: Span<UInt8>
  ) -> Bool {
    var offset = head.pathRange.upperBound + 1
    let end = head.targetRange.upperBound
    while offset < end {
      let stop = bytes.index(of: UInt8(ascii: "&"), in: offset..<end)
      let equals = bytes.index(of: UInt8(ascii: "="), in: offset..<stop)
      if DecodedBytes.equal(bytes, offset..<equals, field.name, isPrefix: false),
        field.value.takesDecoded(bytes, min(equals + 1, stop)..<stop)
      {
        return true
      }
      offset = stop + 1
    }
    return false
  }

  /// Whether every request for which `other` holds fulfils these as well, as far as can be told.
  public func follow(from other: RequestConditions) -> Bool {
    func follows(_ field: Field, from others: [Field]) -> Bool {
      others.contains { $0.name == field.name && field.value.covers($0.value) }
    }
    if !methods.isEmpty {
      guard !other.methods.isEmpty, Set(other.methods).isSubset(of: methods) else { return false }
    }
    if !clients.isEmpty {
      guard !other.clients.isEmpty, Set(other.clients).isSubset(of: clients) else { return false }
    }
    if !subjects.isEmpty {
      guard !other.subjects.isEmpty,
        other.subjects.allSatisfy({ subject in subjects.contains { $0.covers(subject) } })
      else { return false }
    }
    return headers.allSatisfy { follows($0, from: other.headers) }
      && query.allSatisfy { follows($0, from: other.query) }
  }
}
