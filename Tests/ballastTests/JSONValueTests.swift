import Testing

@testable import ballast

@Suite struct JSONValueTests {
  private func parse(_ text: String) -> JSONValue? { JSONValue(parsing: Array(text.utf8)) }

  @Test func `keys keep their order and numbers their digits`() throws {
    let text = #"{"b":1.50,"a":[true,null,-2e3],"é\n":"\"\\ü"}"#
    #expect(
      try #require(parse(text)).compactText == #"{"b":1.50,"a":[true,null,-2e3],"é\n":"\"\\ü"}"#)
  }

  @Test func `escapes are read, halves of pairs replaced`() {
    #expect(parse(#""\u0041\ud83d\ude00\/\b""#) == .string("A😀/\u{8}"))
    #expect(parse(#""\ud83dx""#) == .string("\u{FFFD}x"))
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":}", "{a:1}", "tru", "+1", ".5", "1 2", "\"\u{1}\"", "\"\\x\"",
    "\"\\u12\"",
    "\"\\u+123\"", "\"open", "[1 2]", "--1", "nan", "inf",
  ])
  func `what is not JSON is refused`(text: String) {
    #expect(parse(text) == nil)
  }

  @Test func `nesting has a limit`() {
    let depth = 100_000
    #expect(
      parse(String(repeating: "[", count: depth) + String(repeating: "]", count: depth)) == nil)
    #expect(parse(String(repeating: "[", count: 60) + String(repeating: "]", count: 60)) != nil)
  }

  @Test func `indented text of lists and objects`() throws {
    let value = try #require(parse(#"{"a":[],"b":{},"c":[1,{"d":2}]}"#))
    #expect(
      value.text == """
        {
          "a": [],
          "b": {},
          "c": [
            1,
            {
              "d": 2
            }
          ]
        }
        """)
  }

  @Test func `YAML of lists in objects in lists`() throws {
    let value = try #require(
      parse(#"[{"name":"a","list":[1,[2,[]],{"x":{"in":"z"}}],"none":null},[],{}]"#))
    #expect(
      YAMLText.text(value) == """
        - name: a
          list:
            - 1
            -
              - 2
              - []
            - x:
                in: z
          none: null
        - []
        - {}

        """)
  }

  @Test(arguments: [
    "", "yes", "No", "null", "~", "1", "1.5", "-", "- a", "a: b", "a #b", "#a", "a:", "*a", "&a",
    "!a",
    "%a", "@a", "'a", "\"a", "{a", "[a", " a", "a ", "a\nb", "2026-01-02", "0x1f", "=", "<<", "é",
    "1:30",
  ])
  func `strings that YAML would take for something else are quoted`(text: String) {
    #expect(YAMLText.text(.string(text)).hasPrefix("\""))
  }

  @Test(arguments: [
    "shop", "shop-1", "/api/*", "least-connections", "killed by signal 9", "a.b:80",
  ])
  func `plain words stay plain`(text: String) {
    #expect(YAMLText.text(.string(text)) == text + "\n")
  }
}
