/// The program as a deterministic automaton, all of it made beforehand: a path costs one step a byte,
/// whatever the expression.
struct ExpressionTable: Hashable {
  /// Beyond it the expression is refused; a table then has some 100 KB at most.
  static let mostStates = 512
  /// Instructions looked at while it is made, some milliseconds.
  static let mostWork = 1_000_000

  /// The state that nothing leads out of.
  private static let dead: UInt16 = 0
  private static let start: UInt16 = 1

  /// Bytes that no set of the program tells apart are one class.
  private var classes = [UInt8](repeating: 0, count: 256)
  private var classCount = 1
  /// By state and class.
  private var next: [UInt16] = []
  private var accepts: [Bool] = []

  /// Nil when it would have too many states, or take too long to make.
  init?(_ program: ExpressionProgram) {
    classify(program)
    var states: [[Int]: UInt16] = [:]
    var pending: [[Int]] = []
    func state(_ members: [Int]) -> UInt16 {
      if let known = states[members] { return known }
      let number = UInt16(truncatingIfNeeded: states.count)
      states[members] = number
      pending.append(members)
      return number
    }
    _ = state([])
    _ = state(Self.closure(program, of: [0]))
    let samples = (0..<classCount).map { kind in
      classes.firstIndex(of: UInt8(truncatingIfNeeded: kind)) ?? 0
    }
    var (index, work) = (0, 0)
    while index < pending.count {
      guard pending.count <= Self.mostStates, work <= Self.mostWork else { return nil }
      let members = pending[index]
      accepts.append(members.contains { program.code[$0] == .match })
      for sample in samples {
        let byte = UInt8(truncatingIfNeeded: sample)
        let reached = members.compactMap { place -> Int? in
          if case .bytes(let set) = program.code[place], set.contains(byte) {
            place + 1
          } else {
            nil
          }
        }
        work += members.count + 10 * reached.count
        next.append(reached.isEmpty ? Self.dead : state(Self.closure(program, of: reached)))
      }
      index += 1
    }
  }

  private mutating func classify(_ program: ExpressionProgram) {
    var sets: Set<ByteSet> = []
    for case .bytes(let set) in program.code where sets.insert(set).inserted {
      var numbers: [Int: UInt8] = [:]
      for byte in 0..<256 {
        let member = set.contains(UInt8(truncatingIfNeeded: byte))
        let key = Int(classes[byte]) * 2 + (member ? 1 : 0)
        // At most 256, as many as there are bytes.
        let number = numbers[key] ?? UInt8(truncatingIfNeeded: numbers.count)
        numbers[key] = number
        classes[byte] = number
      }
      classCount = numbers.count
    }
  }

  /// The instructions that wait for a byte, or for the end, reached without one; sorted.
  private static func closure(_ program: ExpressionProgram, of places: [Int]) -> [Int] {
    var seen: Set<Int> = []
    var waiting: [Int] = []
    var open = places
    while let place = open.popLast() {
      guard seen.insert(place).inserted else { continue }
      switch program.code[place] {
      case .bytes, .match: waiting.append(place)
      case .split(let first, let second): open += [first, second]
      case .jump(let target): open.append(target)
      case .save: open.append(place + 1)
      }
    }
    return waiting.sorted()
  }

  func matches(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    var state = Self.start
    for index in range {
      state = next[Int(state) * classCount + Int(classes[Int(bytes[index])])]
      if state == Self.dead { return false }
    }
    return accepts[Int(state)]
  }

  /// What every path that it takes begins with.
  var literalPrefix: [UInt8] {
    var prefix: [UInt8] = []
    var state = Self.start
    while prefix.count < ExpressionSyntax.longest, !accepts[Int(state)] {
      let row = Int(state) * classCount
      let alive = (0..<classCount).filter { next[row + $0] != Self.dead }
      guard alive.count == 1,
        let byte = classes.firstIndex(of: UInt8(truncatingIfNeeded: alive[0])),
        classes.lastIndex(of: classes[byte]) == byte
      else { break }
      prefix.append(UInt8(truncatingIfNeeded: byte))
      state = next[row + alive[0]]
    }
    return prefix
  }

  /// Whether it takes anything that begins with a byte.
  func mayBegin(with byte: UInt8) -> Bool {
    next[Int(Self.start) * classCount + Int(classes[Int(byte)])] != Self.dead
  }
}
