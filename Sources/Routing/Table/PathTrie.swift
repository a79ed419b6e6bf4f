/// The paths of all hosts as one forest, a tree for each host. Edges are segments, found in one
/// table by their parent and bytes.
struct PathTrie: Sendable {
  /// No node.
  static let none = -1

  struct Node: Sendable {
    /// The least rank of this node and of all below it.
    var least = Int.max
    /// The child that takes any segment which isn't empty.
    var named = PathTrie.none
    /// Rules for this path, and for it and what is below it: ranges of `candidates`, by rank.
    var here = 0..<0
    var below = 0..<0
  }

  struct Candidate: Sendable {
    var rank: Int
    /// Whether the way to the node says all about the path; if not, it is an expression's.
    var isPlainPath: Bool
    /// The same, and there are no conditions.
    var isPlain: Bool
  }

  private(set) var nodes: [Node]
  private(set) var candidates: [Candidate]
  private var edges: KeyTable

  init(nodes: [Node], candidates: [Candidate], edges: KeyTable) {
    self.nodes = nodes
    self.candidates = candidates
    self.edges = edges
  }

  /// The node behind a segment, or `none`.
  func child(of node: Int, _ hash: UInt64, _ bytes: Span<UInt8>, _ segment: Range<Int>) -> Int {
    edges.find(space: node, hash, bytes, segment, isFolded: false) ?? Self.none
  }
}
