/// Puts rules into the trees of their hosts.
struct RouteTableBuilder {
  private struct Edge: Hashable {
    var parent: Int
    var label: [UInt8]
  }

  private struct Place {
    var named = PathTrie.none
    var here: [Int] = []
    var below: [Int] = []
  }

  private var exact: [[UInt8]: Int] = [:]
  private var wildcards: [[UInt8]: Int] = [:]
  private var anyHost: Int?
  private var places: [Place] = []
  private var parents: [Int] = []
  private var edges: [Edge: Int] = [:]

  mutating func add(_ rule: RouteRule, rank: Int) {
    let root = root(of: rule.host)
    switch rule.path {
    case .any: places[root].below.append(rank)
    case .exact(let path):
      let node = descend(from: root, Self.literals(path.dropFirst()))
      places[node].here.append(rank)
    case .prefix(let prefix):
      let node = descend(from: root, Self.literals(prefix.dropFirst().dropLast(), mayBeNone: true))
      places[node].below.append(rank)
    case .template(let template):
      let node = descend(from: root, template.segments)
      if template.isPrefix {
        places[node].below.append(rank)
      } else {
        places[node].here.append(rank)
      }
    case .expression(let expression):
      let folder = expression.literalFolder.dropFirst().dropLast()
      let node = descend(from: root, Self.literals(folder, mayBeNone: true))
      places[node].below.append(rank)
    }
  }

  private static func literals(
    _ bytes: ArraySlice<UInt8>, mayBeNone: Bool = false
  ) -> [PathTemplate.Segment] {
    if mayBeNone, bytes.isEmpty { return [] }
    return bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { .literal(Array($0)) }
  }

  private mutating func root(of host: HostPattern?) -> Int {
    switch host {
    case .exact(let name)?:
      let root = exact[name] ?? newNode(below: PathTrie.none)
      exact[name] = root
      return root
    case .below(let suffix)?:
      let root = wildcards[suffix] ?? newNode(below: PathTrie.none)
      wildcards[suffix] = root
      return root
    case nil:
      let root = anyHost ?? newNode(below: PathTrie.none)
      anyHost = root
      return root
    }
  }

  private mutating func newNode(below parent: Int) -> Int {
    places.append(Place())
    parents.append(parent)
    return places.count - 1
  }

  private mutating func descend(from root: Int, _ segments: [PathTemplate.Segment]) -> Int {
    var node = root
    for segment in segments {
      switch segment {
      case .name:
        if places[node].named == PathTrie.none {
          let child = newNode(below: node)
          places[node].named = child
        }
        node = places[node].named
      case .literal(let label):
        let edge = Edge(parent: node, label: label)
        let child = edges[edge] ?? newNode(below: node)
        edges[edge] = child
        node = child
      }
    }
    return node
  }

  func finish(_ rules: [RouteRule]) -> (HostIndex, PathTrie) {
    var candidates: [PathTrie.Candidate] = []
    func take(_ ranks: [Int]) -> Range<Int> {
      let start = candidates.count
      for rank in ranks {
        let isPlainPath = if case .expression = rules[rank].path { false } else { true }
        candidates.append(
          .init(
            rank: rank, isPlainPath: isPlainPath,
            isPlain: isPlainPath && rules[rank].conditions.isEmpty))
      }
      return start..<candidates.count
    }
    var nodes = places.map { place in
      PathTrie.Node(
        least: min(place.here.first ?? .max, place.below.first ?? .max), named: place.named,
        here: take(place.here), below: take(place.below))
    }
    // A child is made after its parent.
    for node in nodes.indices.reversed() where parents[node] != PathTrie.none {
      nodes[parents[node]].least = min(nodes[parents[node]].least, nodes[node].least)
    }
    let entries = edges.map { edge, child in
      KeyTable.Entry(space: edge.parent, key: edge.label, value: child)
    }
    return (
      HostIndex(exact: exact, wildcards: wildcards, anyHost: anyHost),
      PathTrie(
        nodes: nodes, candidates: candidates, edges: KeyTable(entries.sorted(), isFolded: false))
    )
  }
}
