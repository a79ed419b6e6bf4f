/// Finds what the groups of an expression stand for, by all threads of the program side by side (Pike's
/// way), in
/// time linear in the path. Reused, so that it allocates for a larger program only.
public struct CaptureRun: Sendable {
  fileprivate struct Threads {
    /// In the order of preference.
    var places: [Int] = []
    var isListed: [Bool] = []
    /// By instruction, `slots` each.
    var saved: [Int] = []
    var count = 0
  }

  private var now = Threads()
  private var then = Threads()
  private var slots = 0
  private var working: [Int] = []
  private var stack: [Step] = []

  private enum Step {
    case visit(Int)
    case restore(slot: Int, value: Int)
  }

  public init() {}

  /// The range of a group, in a path that the expression takes; nil when the group took no part.
  /// - Parameter group: an index into `groups`.
  public mutating func find(
    _ group: Int, of expression: PathExpression, _ bytes: Span<UInt8>, _ path: Range<Int>
  ) -> Range<Int>? {
    let code = expression.program.code
    prepare(code.count, groups: expression.groups.count)
    add(0, at: path.lowerBound, code)
    for index in path {
      swap(&now, &then)
      then.clear()
      for order in 0..<now.count {
        let place = now.places[order]
        guard case .bytes(let set) = code[place], set.contains(bytes[index]) else { continue }
        for slot in 0..<slots { working[slot] = now.saved[place * slots + slot] }
        add(place + 1, at: index + 1, code)
      }
      if then.count == 0 { return nil }
    }
    for order in 0..<then.count where code[then.places[order]] == .match {
      let place = then.places[order]
      let start = then.saved[place * slots + 2 * group]
      let end = then.saved[place * slots + 2 * group + 1]
      return start >= 0 && end >= start ? start..<end : nil
    }
    return nil
  }

  private mutating func prepare(_ count: Int, groups: Int) {
    slots = 2 * groups
    now.prepare(count, slots)
    then.prepare(count, slots)
    if working.count < slots { working = [Int](repeating: -1, count: slots) }
    for slot in 0..<slots { working[slot] = -1 }
  }

  /// Adds a thread and those that it becomes without a byte, the preferred first.
  private mutating func add(
    _ place: Int, at offset: Int, _ code: [ExpressionProgram.Instruction]
  ) {
    stack.append(.visit(place))
    while let step = stack.popLast() {
      guard case .visit(let place) = step else {
        if case .restore(let slot, let value) = step { working[slot] = value }
        continue
      }
      guard !then.isListed[place] else { continue }
      then.isListed[place] = true
      switch code[place] {
      case .jump(let target): stack.append(.visit(target))
      case .split(let first, let second):
        stack.append(.visit(second))
        stack.append(.visit(first))
      case .save(let slot):
        stack.append(.restore(slot: slot, value: working[slot]))
        stack.append(.visit(place + 1))
        working[slot] = offset
      case .bytes, .match:
        then.places[then.count] = place
        then.count += 1
        for slot in 0..<slots { then.saved[place * slots + slot] = working[slot] }
      }
    }
  }
}

extension CaptureRun.Threads {
  mutating func prepare(_ count: Int, _ slots: Int) {
    if places.count < count {
      places = [Int](repeating: 0, count: count)
      isListed = [Bool](repeating: false, count: count)
    }
    if saved.count < count * slots { saved = [Int](repeating: -1, count: count * slots) }
    clear()
  }

  mutating func clear() {
    count = 0
    for index in isListed.indices { isListed[index] = false }
  }
}
