public import Topology

extension TopologySnapshot {
  /// The first route of a listener that takes the request: an index into `routes`.
  /// - Parameters:
  ///   - listener: an index into `listeners`.
  ///   - host: the host's bytes in any case, without port; empty when there is none.
  ///   - path: the path's bytes, without the query.
  public func route(
    listener: Int, _ bytes: Span<UInt8>, host: Range<Int>, path: Range<Int>
  ) -> Int? {
    for index in listeners[listener].routes where routes[index].takes(bytes, host: host, path: path)
    {
      return index
    }
    return nil
  }
}

extension Route {
  /// What keeps a route from taking a request.
  public enum Mismatch: Sendable, Equatable {
    case host, path
  }

  /// Nil when the route takes the request; arguments as for `TopologySnapshot.route`.
  public func mismatch(
    _ bytes: Span<UInt8>, host: Range<Int>, path: Range<Int>
  ) -> Mismatch? {
    if let expected = self.host, !Self.equals(bytes, host, expected, ignoringCase: true) {
      return .host
    }
    return takesPath(bytes, path) ? nil : .path
  }

  func takes(_ bytes: Span<UInt8>, host: Range<Int>, path: Range<Int>) -> Bool {
    mismatch(bytes, host: host, path: path) == nil
  }

  private func takesPath(_ bytes: Span<UInt8>, _ path: Range<Int>) -> Bool {
    switch self.path {
    case .any: return true
    case .exact(let expected): return Self.equals(bytes, path, expected, ignoringCase: false)
    case .prefix(let prefix):
      if path.count >= prefix.count {
        let front = path.lowerBound..<(path.lowerBound + prefix.count)
        return Self.equals(bytes, front, prefix, ignoringCase: false)
      }
      // `/api/` also takes `/api`.
      guard path.count == prefix.count - 1 else { return false }
      return Self.agrees(bytes, path, prefix)
    }
  }

  private static func equals(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ expected: [UInt8], ignoringCase: Bool
  ) -> Bool {
    guard range.count == expected.count else { return false }
    guard ignoringCase else { return agrees(bytes, range, expected) }
    for index in expected.indices {
      let byte = bytes[range.lowerBound + index]
      let folded = byte &- 65 < 26 ? byte | 0x20 : byte
      if folded != expected[index] { return false }
    }
    return true
  }

  /// Whether `expected` begins with the bytes of `range`.
  private static func agrees(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ expected: [UInt8]
  ) -> Bool {
    for index in 0..<range.count where bytes[range.lowerBound + index] != expected[index] {
      return false
    }
    return true
  }
}
