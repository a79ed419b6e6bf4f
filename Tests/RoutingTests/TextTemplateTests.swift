import Testing

@testable import Routing

@Suite struct TextTemplateTests {
  private func template(
    _ text: String, for use: TextTemplate.Use = .requestField, path: String = "/*"
  ) throws -> TextTemplate {
    try TextTemplate(text, for: use, path: PathPattern(path))
  }

  @Test func `a template is text and variables`() throws {
    #expect(
      try template("a${host}b$c$${d}${header:X-Y}").parts == [
        .text(Array("a".utf8)), .variable(.host), .text(Array("b$c${d}".utf8)),
        .variable(.header(Array("x-y".utf8))),
      ])
    #expect(try template("").parts.isEmpty)
  }

  @Test func `a final asterisk is the rest, where the path has one`() throws {
    #expect(try template("/a/*", for: .path).parts == [.text(Array("/a".utf8)), .variable(.rest)])
    #expect(try template("/*", for: .redirect).parts == [.variable(.rest)])
    #expect(try template("/a*", for: .path).parts == [.text(Array("/a*".utf8))])
    #expect(try template("/a/*").parts == [.text(Array("/a/*".utf8))])
    #expect(throws: TextTemplate.Problem.self) { try template("/a/*", for: .path, path: "/b") }
  }

  @Test func `names of the path are known by their places`() throws {
    let path = "/{a}/{b}/*"
    #expect(
      try template("/${path.b}/${a}", for: .path, path: path).parts == [
        .text([47]), .variable(.capture(1)), .text([47]), .variable(.capture(0)),
      ])
    #expect(throws: TextTemplate.Problem.self) { try template("${path.c}", path: path) }
  }

  @Test(arguments: [
    ("${hots}", TextTemplate.Use.requestField, 0), ("ab${server}", .requestField, 2),
    ("${query}", .path, 0), ("/${client}", .host, 1), ("${header:X}", .answerField, 0),
    ("${service}", .redirect, 0), ("a${}", .answerField, 1), ("${path.x}", .answerField, 0),
    ("${header:}", .requestField, 0), ("${1}", .requestField, 0),
  ])
  func `what is not known where it stands is a mistake`(
    text: String, use: TextTemplate.Use, offset: Int
  ) {
    let problem = #expect(throws: TextTemplate.Problem.self) { try template(text, for: use) }
    #expect(problem?.offset == offset)
  }

  @Test func `what a template needs is known before it is filled in`() throws {
    #expect(try !template("${server} ${client}", for: .answerField).needsRequest)
    #expect(try template("${server} ${uri}", for: .answerField).needsRequest)
    #expect(
      try !template("/${path.a}/*", for: .path, path: "/{a}/*").isOpen(path: PathPattern("/{a}/*")))
    let expression = PathPattern.expression(try PathExpression("/(.*)"))
    let open = try TextTemplate("/a${1}", for: .path, path: expression)
    #expect(open.isOpen(path: expression))
  }

  @Test(arguments: [
    ("/api/*", "/api/a/b", "/a/b"), ("/api/*", "/api", ""), ("/api/*", "/api/", "/"),
    ("/*", "/x/y", "/x/y"), ("/{a}/*", "/x/y/z", "/y/z"), ("/{a}/*", "/x", ""),
    ("/{a}/*", "/x/", "/"),
  ])
  func `the rest begins with its slash`(pattern: String, path: String, rest: String) {
    let bytes = Array(path.utf8)
    let range = PathPattern(pattern).rest(bytes.span, bytes.indices)
    #expect(String(decoding: bytes[range], as: UTF8.self) == rest)
  }

  @Test(arguments: [
    ("/(a+)(b*)/x", "/aab/x", ["aa", "b"]), ("/(a|ab)(c|bcd)?.*", "/abcd", ["a", "bcd"]),
    ("/(x)?y", "/y", [nil]), ("/((a)|b)+", "/ab", ["b", "a"]),
    ("/(.*)/(.*)", "/a/b/c", ["a/b", "c"]),
    ("/([^/]+)/(?<id>[0-9]{2,3})", "/u/123", ["u", "123"]), ("/(a*)*", "/aa", ["aa"]),
  ])
  func `groups stand for what a backtracking engine would say`(
    expression: String, path: String, groups: [String?]
  ) throws {
    let compiled = try PathExpression(expression)
    let bytes = Array(path.utf8)
    var run = CaptureRun()
    // Twice, as the run is reused.
    for _ in 0..<2 {
      for (index, expected) in groups.enumerated() {
        let range = run.find(index, of: compiled, bytes.span, bytes.indices)
        #expect(range.map { String(decoding: bytes[$0], as: UTF8.self) } == expected)
      }
    }
  }

  @Test func `fields are dropped by their names in any case`() throws {
    let edits = FieldEdits(
      set: [.init(name: "X-Set", value: try template("1"))],
      add: [.init(name: "X-Add", value: try template("1"))], remove: [Array("x-gone".utf8)])
    for (name, isDropped) in [
      ("x-set", true), ("X-GONE", true), ("X-Add", false), ("X-Gon", false),
    ] {
      let bytes = Array(name.utf8)
      let found = edits.drops(bytes.span, bytes.indices)
      #expect(found == isDropped, "\(name)")
    }
    #expect(edits.texts == ["set X-Set: 1", "add X-Add: 1", "remove x-gone"])
  }
}
