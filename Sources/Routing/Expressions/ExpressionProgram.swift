/// An expression as the instructions of a nondeterministic automaton (Thompson, "Regular Expression
/// Search Algorithm", 1968).
struct ExpressionProgram: Hashable {
  enum Instruction: Hashable {
    case bytes(ByteSet)
    /// Goes on at both; the first is preferred.
    case split(Int, Int)
    case jump(Int)
    /// Notes the place in a slot: 2n where group n begins, 2n + 1 where it ends.
    case save(Int)
    case match
  }

  /// Instructions; counts are written out, so that `(a{100}){100}` is too much.
  static let longest = 1000

  private(set) var code: [Instruction] = []
  private(set) var isTooLong = false

  init(_ node: ExpressionNode) {
    emit(node)
    code.append(.match)
  }

  private mutating func emit(_ node: ExpressionNode) {
    guard code.count < Self.longest else {
      isTooLong = true
      return
    }
    switch node {
    case .empty: break
    case .bytes(let set): code.append(.bytes(set))
    case .sequence(let nodes): for node in nodes { emit(node) }
    case .choice(let nodes): emit(choice: nodes[...])
    case .group(let node, let index):
      if let index { code.append(.save(2 * index)) }
      emit(node)
      if let index { code.append(.save(2 * index + 1)) }
    case .repeated(let node, let least, let most):
      for _ in 0..<least where !isTooLong {
        let before = code.count
        emit(node)
        // Nothing, repeated, is nothing; nested counts of it would take for ever.
        if code.count == before { return }
      }
      if let most {
        var splits: [Int] = []
        for _ in least..<max(least, most) where !isTooLong {
          splits.append(code.count)
          code.append(.split(code.count + 1, 0))
          emit(node)
        }
        for place in splits { code[place] = .split(place + 1, code.count) }
      } else {
        let place = code.count
        code.append(.split(place + 1, 0))
        emit(node)
        code.append(.jump(place))
        code[place] = .split(place + 1, code.count)
      }
    }
  }

  private mutating func emit(choice nodes: ArraySlice<ExpressionNode>) {
    var jumps: [Int] = []
    for (index, node) in nodes.enumerated() {
      if index == nodes.count - 1 {
        emit(node)
      } else {
        let place = code.count
        code.append(.split(place + 1, 0))
        emit(node)
        jumps.append(code.count)
        code.append(.jump(0))
        code[place] = .split(place + 1, code.count)
      }
    }
    for place in jumps { code[place] = .jump(code.count) }
  }
}
