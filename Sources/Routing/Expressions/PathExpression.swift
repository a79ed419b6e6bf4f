/// A regular expression that a whole path has to match, in time linear in the path.
public struct PathExpression: Sendable, Hashable {
  /// What is wrong with an expression.
  public struct Problem: Error, Sendable, Equatable {
    /// Bytes before the place.
    public var offset: Int
    /// A predicate, such as `ends with a '\'`.
    public var message: String
    public var help: String

    init(_ offset: Int, _ message: String, _ help: String) {
      self.offset = offset
      self.message = message
      self.help = help
    }
  }

  public let text: String
  /// Names of the groups, or their numbers from 1, in the order of their opening parentheses.
  public let groups: [String]
  /// What every path that it takes begins with, up to its last slash.
  let literalFolder: [UInt8]
  private let table: ExpressionTable
  let program: ExpressionProgram

  public init(_ text: String) throws(Problem) {
    let (node, groups) = try ExpressionSyntax.parse(text)
    let program = ExpressionProgram(node)
    guard !program.isTooLong, program.code.count <= ExpressionProgram.longest,
      let table = ExpressionTable(program)
    else {
      throw Problem(0, "becomes too large", "count less, or split it into several routes")
    }
    guard table.mayBegin(with: UInt8(ascii: "/")) else {
      throw Problem(0, "takes no path: paths begin with '/'", "begin it with '/'")
    }
    self.text = text
    self.groups = groups
    self.program = program
    self.table = table
    let prefix = table.literalPrefix
    let slash = prefix.lastIndex(of: UInt8(ascii: "/"))
    literalFolder = slash.map { Array(prefix[...$0]) } ?? []
  }

  public static func == (left: PathExpression, right: PathExpression) -> Bool {
    left.text == right.text
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(text) }

  func matches(_ bytes: Span<UInt8>, _ path: Range<Int>) -> Bool {
    if path.isEmpty { return table.matches(Self.root.span, 0..<1) }
    return table.matches(bytes, path)
  }

  private static let root = [UInt8(ascii: "/")]
}
