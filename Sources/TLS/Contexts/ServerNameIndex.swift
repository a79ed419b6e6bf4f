/// Which certificates are for a server's name (RFC 6066 section 3).
struct ServerNameIndex: Sendable {
  /// Places of identities that stand side by side, one for each kind of key; the first set is for
  /// names that nothing else is for.
  private(set) var sets: [[Int]] = []
  private var exact: [[UInt8]: Int] = [:]
  /// By what is behind the `*`: `.example.com`.
  private var wildcards: [[UInt8]: Int] = [:]

  /// - Parameter identities: at least one.
  init(_ identities: [TLSIdentity]) {
    var named: [[UInt8]: [Int]] = [:]
    var below: [[UInt8]: [Int]] = [:]
    for (place, identity) in identities.enumerated() {
      for name in identity.names {
        let bytes = Array(name.utf8)
        if bytes.starts(with: [UInt8(ascii: "*"), UInt8(ascii: ".")]) {
          below[Array(bytes.dropFirst()), default: []].append(place)
        } else {
          named[bytes, default: []].append(place)
        }
      }
    }
    var numbers: [[Int]: Int] = [:]
    func number(_ places: [Int]) -> Int {
      let set = Self.oneOfEachKind(places, identities)
      if let known = numbers[set] { return known }
      numbers[set] = sets.count
      sets.append(set)
      return sets.count - 1
    }
    let first = identities.first?.names.first.map { Array($0.utf8) }
    let others = first.flatMap { named[$0] ?? below[Array($0.dropFirst())] } ?? []
    _ = number([0] + others)
    for (name, places) in named {
      // A wildcard may add the other kind of key.
      let wider = name.firstIndex(of: UInt8(ascii: ".")).flatMap { below[Array(name[$0...])] }
      exact[name] = number(places + (wider ?? []))
    }
    for (name, places) in below { wildcards[name] = number(places) }
  }

  /// The set for a name in lower case. A wildcard stands for one label (RFC 9525 section 6.3).
  func place(of name: [UInt8]) -> Int {
    if let place = exact[name] { return place }
    guard let dot = name.firstIndex(of: UInt8(ascii: ".")), dot > 0 else { return 0 }
    return wildcards[Array(name[dot...])] ?? 0
  }

  private static func oneOfEachKind(_ places: [Int], _ identities: [TLSIdentity]) -> [Int] {
    var kinds: Set<Int> = []
    return places.filter { place in
      let kind =
        switch identities[place].keyKind {
        case .rsa: 0
        case .ellipticCurve: 1
        case .edwards: 2
        }
      return kinds.insert(kind).inserted
    }
  }
}
