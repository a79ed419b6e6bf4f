/// Which service takes a TLS client, by the name that it asks for (its SNI) and the protocols that it
/// speaks (its ALPN). The look-up takes as long as the name has labels, however many rules there are.
public struct ServerNameTable: Sendable {
  public enum Name: Sendable, Equatable {
    case any
    /// In lower case, without a final dot.
    case exact([UInt8])
    /// `*.example.com`, kept as `example.com`: any name with at least one label more.
    case below([UInt8])
  }

  public struct Rule: Sendable {
    public var name: Name
    /// One of these has to be spoken; empty means any.
    public var protocols: [[UInt8]]
    public var priority: Int
    /// An index into `TopologySnapshot.services`.
    public var service: Int

    public init(name: Name, protocols: [[UInt8]] = [], priority: Int = 0, service: Int) {
      self.name = name
      self.protocols = protocols
      self.priority = priority
      self.service = service
    }
  }

  /// The first that fits is the one: by priority, then the more exact name, then one that asks for a
  /// protocol, then the order in which they were given.
  private let rules: [Rule]
  /// Places in `rules`, ascending.
  private var exact: [[UInt8]: [Int]] = [:]
  private var below: [[UInt8]: [Int]] = [:]
  private var any: [Int] = []

  public init(_ unordered: [Rule]) {
    rules = unordered.enumerated().sorted { left, right in
      let (first, second) = (Self.rank(left.element), Self.rank(right.element))
      return first == second ? left.offset < right.offset : first > second
    }.map(\.element)
    for (place, rule) in rules.enumerated() {
      switch rule.name {
      case .exact(let name): exact[name, default: []].append(place)
      case .below(let name): below[name, default: []].append(place)
      case .any: any.append(place)
      }
    }
  }

  private static func rank(_ rule: Rule) -> (Int, Int, Int, Int) {
    let protocols = rule.protocols.isEmpty ? 0 : 1
    return switch rule.name {
    case .exact: (rule.priority, 2, 0, protocols)
    case .below(let name): (rule.priority, 1, name.count, protocols)
    case .any: (rule.priority, 0, 0, protocols)
    }
  }

  /// - Parameters:
  ///   - name: in lower case, without a final dot; empty when none was asked for.
  ///   - speaks: whether the client speaks a protocol.
  /// - Returns: the service's index; nil when no rule takes the client.
  public func service(_ name: [UInt8], speaks: ([UInt8]) -> Bool) -> Int? {
    var best = Int.max
    func look(_ places: [Int]?) {
      for place in places ?? [] where place < best {
        let wanted = rules[place].protocols
        guard wanted.isEmpty || wanted.contains(where: speaks) else { continue }
        best = place
        return
      }
    }
    look(exact[name])
    if !below.isEmpty {
      for index in name.indices where name[index] == UInt8(ascii: ".") && index > 0 {
        look(below[Array(name[(index + 1)...])])
      }
    }
    look(any)
    return best < rules.count ? rules[best].service : nil
  }
}
