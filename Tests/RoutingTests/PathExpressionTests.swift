import Testing

@testable import Routing

@Suite struct PathExpressionTests {
  private func takes(_ expression: String, _ path: String) throws -> Bool {
    let bytes = Array(path.utf8)
    return try PathExpression(expression).matches(bytes.span, bytes.indices)
  }

  @Test(arguments: [
    ("/a", "/a", true), ("/a", "/ab", false), ("/a", "/", false), ("/a*", "/", true),
    ("/a*", "/aaa", true), ("/a+", "/", false), ("/a?b", "/b", true), ("/a?b", "/aab", false),
    ("/v[0-9]+/.*", "/v12/x/y", true), ("/v[0-9]+/.*", "/v/x", false),
    ("/[^/]+/x", "/abc/x", true), ("/[^/]+/x", "/a/b/x", false), ("/(a|bc)+", "/abcbca", true),
    ("/(a|bc)+", "/abcb", false), ("/a{2,3}", "/aa", true), ("/a{2,3}", "/aaaa", false),
    ("/a{2}", "/aa", true), ("/a{2,}", "/aaaaa", true), ("/a{2,}", "/a", false),
    ("^/a$", "/a", true), (#"/\d+\.\w*"#, "/12.ab_3", true), (#"/\d+\.\w*"#, "/12xab", false),
    (#"/[\w.-]+"#, "/a.b-c", true), ("/[]a]+", "/]a]", true), ("/[a-c-]+", "/a-c", true),
    ("/(?:x|y)(?<n>z)?", "/xz", true), ("/|/a", "/a", true), ("/()", "/", true),
    ("/(a*)*b", "/aaab", true), (".*[.]php", "/x/y.php", true), (".*[.]php", "/x.phpx", false),
    (#"/\S+"#, "/a", true), ("/(?P<year>[0-9]{4})", "/2026", true),
  ])
  func `an expression matches the whole path`(
    expression: String, path: String, isTaken: Bool
  ) throws {
    #expect(try takes(expression, path) == isTaken)
  }

  @Test(arguments: [
    ("/a(b", 2, "has a '(' without its ')'"), ("/a)b", 2, "has a ')' without its '('"),
    ("/a[b", 2, "has a '[' without its ']'"), ("/a**", 3, "repeats what is repeated already"),
    ("*a", 0, "has a '*' with nothing to repeat"), ("/a{3,2}", 2, "has a '{' that is no count"),
    ("/a{x}", 2, "has a '{' that is no count"), (#"/\1"#, 1, "has an escape that there is not"),
    (#"/a\"#, 2, #"ends with a '\'"#), ("/a^b", 2, "has an anchor in its middle"),
    ("/a$b", 2, "has an anchor in its middle"),
    ("/[z-a]", 2, "has a range that ends before it begins"),
    ("/(?=a)", 1, "has a kind of group that takes more than linear time, or that there is not"),
    ("/(?<1>a)", 4, "has a group without a good name"),
    ("/ä", 1, "has a character that a path cannot have"),
    ("/a{2000}", 2, "repeats more than 1000 times"),
    ("abc", 0, "takes no path: paths begin with '/'"),
    ("/((a{100}){100}){100}", 0, "becomes too large"), ("/.*a.{12}", 0, "becomes too large"),
    ("/(?<n>a)(?<n>b)", 11, "has two groups of that name"),
    ("/(?:){9}{9}", 8, "repeats what is repeated already"),
  ])
  func `a mistake is told with its place`(
    expression: String, offset: Int, message: String
  ) throws {
    let problem = #expect(throws: PathExpression.Problem.self) { try PathExpression(expression) }
    #expect(problem?.offset == offset)
    #expect(problem?.message == message)
  }

  @Test func `counts of nothing end`() throws {
    let nested = (0..<20).reduce("") { inner, _ in "(?:\(inner)){1000}" }
    #expect(try takes("/" + nested, "/"))
  }

  @Test func `what every path begins with is known`() throws {
    #expect(try PathExpression("/api/v[0-9]/x").literalFolder == Array("/api/".utf8))
    #expect(try PathExpression("/api/x/").literalFolder == Array("/api/x/".utf8))
    #expect(try PathExpression("/(a|b)/x").literalFolder == Array("/".utf8))
    #expect(try PathExpression(".*").literalFolder == [])
    #expect(try PathExpression("/a/(b/)?").literalFolder == Array("/a/".utf8))
  }
}
