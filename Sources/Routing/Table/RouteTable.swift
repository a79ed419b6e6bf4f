public import Primitives
public import Wire

/// The routes of a listener, compiled: finding one costs a look-up for the host and one for each
/// segment of the path, however many hosts and routes there are, and allocates nothing. Only routes
/// that differ in nothing but their conditions or expressions are asked one by one.
public final class RouteTable: Sendable {
  /// In the order in which they are asked.
  public let rules: [RouteRule]
  let hosts: HostIndex
  let paths: PathTrie

  public static let empty = RouteTable([])

  /// - Parameter rules: as `RouteOrder` sorts them.
  public init(_ rules: [RouteRule]) {
    var builder = RouteTableBuilder()
    for (rank, rule) in rules.enumerated() { builder.add(rule, rank: rank) }
    self.rules = rules
    (hosts, paths) = builder.finish(rules)
  }

  /// What the first rule that takes the request leads to; nil when none does.
  /// - Parameters:
  ///   - head: with its path in canonical form.
  ///   - subject: of the client's certificate, which was verified; empty without one.
  public func route(
    for head: RequestHead, _ bytes: Span<UInt8>, client: ClientAddress, subject: [UInt8] = []
  ) -> Int? {
    rank(for: head, bytes, client: client, subject: subject).map { rules[$0].route }
  }

  /// Whether any rule names a host.
  public var namesHosts: Bool { hosts.namesAny }

  /// Whether a rule names the request's host.
  public func knowsHost(of head: RequestHead, _ bytes: Span<UInt8>) -> Bool {
    let host = HostSyntax.name(bytes, head.hostRange)
    return hosts.exact(bytes, host) != nil
      || (0..<host.count).contains { hosts.wildcard(bytes, host, at: $0) != nil }
  }

  /// The place of that rule in `rules`.
  func rank(
    for head: RequestHead, _ bytes: Span<UInt8>, client: ClientAddress, subject: [UInt8] = []
  ) -> Int? {
    var search = RouteSearch(best: rules.count, subject: subject)
    if hosts.namesAny {
      let host = HostSyntax.name(bytes, head.hostRange)
      if let root = hosts.exact(bytes, host) {
        search.walk(from: root, self, head, bytes, client)
      }
      if hosts.hasWildcards {
        for place in 1..<max(1, host.count) {
          guard let root = hosts.wildcard(bytes, host, at: place) else { continue }
          search.walk(from: root, self, head, bytes, client)
        }
      }
    }
    if let root = hosts.anyHost { search.walk(from: root, self, head, bytes, client) }
    return search.best < rules.count ? search.best : nil
  }
}

/// The best rule found so far, as its rank: the least is asked first.
struct RouteSearch {
  var best: Int
  let subject: [UInt8]

  mutating func walk(
    from root: Int, _ table: RouteTable, _ head: RequestHead, _ bytes: Span<UInt8>,
    _ client: ClientAddress
  ) {
    let path = head.pathRange
    if !path.isEmpty, bytes[path.lowerBound] != UInt8(ascii: "/") {
      walkAsterisk(root, table, head, bytes, client)
      return
    }
    walk(root, from: min(path.lowerBound + 1, path.upperBound), table, head, bytes, client)
  }

  /// `*`, which OPTIONS may ask for, is below no path.
  private mutating func walkAsterisk(
    _ root: Int, _ table: RouteTable, _ head: RequestHead, _ bytes: Span<UInt8>,
    _ client: ClientAddress
  ) {
    let below = table.paths.nodes[root].below
    for index in below {
      let rank = table.paths.candidates[index].rank
      let rule = table.rules[rank]
      if rank < best, rule.path.takes(bytes, head.pathRange),
        rule.conditions.mismatch(head, bytes, client: client, subject: subject) == nil
      {
        best = rank
      }
    }
  }

  /// Goes down from a node whose own segments have been read, to those that begin at `start`. What it
  /// visits is bounded by the trie, which is the configuration's: a node is reached in one way only.
  private mutating func walk(
    _ node: Int, from start: Int, _ table: RouteTable, _ head: RequestHead, _ bytes: Span<UInt8>,
    _ client: ClientAddress
  ) {
    let end = head.pathRange.upperBound
    var (node, start) = (node, start)
    while true {
      let place = table.paths.nodes[node]
      guard place.least < best else { return }
      consider(place.below, table, head, bytes, client)
      let (stop, hash) = SegmentHash.read(bytes, start..<end)
      let literal = table.paths.child(of: node, hash, bytes, start..<stop)
      let named = stop > start ? place.named : PathTrie.none
      if stop == end {
        for child in [literal, named] where child != PathTrie.none {
          arrive(child, table, head, bytes, client)
        }
        return
      }
      start = stop + 1
      if literal == PathTrie.none {
        if named == PathTrie.none { return }
        node = named
      } else {
        if named != PathTrie.none { walk(named, from: start, table, head, bytes, client) }
        node = literal
      }
    }
  }

  /// The path ends at this node.
  private mutating func arrive(
    _ node: Int, _ table: RouteTable, _ head: RequestHead, _ bytes: Span<UInt8>,
    _ client: ClientAddress
  ) {
    let place = table.paths.nodes[node]
    guard place.least < best else { return }
    consider(place.here, table, head, bytes, client)
    consider(place.below, table, head, bytes, client)
  }

  private mutating func consider(
    _ range: Range<Int>, _ table: RouteTable, _ head: RequestHead, _ bytes: Span<UInt8>,
    _ client: ClientAddress
  ) {
    for index in range {
      let candidate = table.paths.candidates[index]
      guard candidate.rank < best else { return }
      if candidate.isPlain || holds(candidate, table, head, bytes, client) {
        best = candidate.rank
        return
      }
    }
  }

  private func holds(
    _ candidate: PathTrie.Candidate, _ table: RouteTable, _ head: RequestHead,
    _ bytes: Span<UInt8>, _ client: ClientAddress
  ) -> Bool {
    if !candidate.isPlainPath, !table.rules[candidate.rank].path.takes(bytes, head.pathRange) {
      return false
    }
    return table.rules[candidate.rank].conditions.mismatch(
      head, bytes, client: client, subject: subject) == nil
  }
}
