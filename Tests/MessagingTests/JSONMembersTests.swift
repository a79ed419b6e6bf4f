import Testing

@testable import Messaging

@Suite struct JSONMembersTests {
  @Test func `members are found by their names, and inner ones when they are asked for`() throws {
    let json = #" { "a" : "x\"\\\/\n\u00e9", "b":-12, "c":true,"d":{"e":"}"}, "f":[1,{"g":"]"}] } "#
    let members = try #require(JSONMembers(Array(json.utf8)))
    #expect(members.text("a") == "x\"\\/\né" && members.integer("b") == -12)
    #expect(members.isTrue("c") && !members.isTrue("b") && members.text("b") == nil)
    #expect(members.object("d")?.text("e") == "}" && members.object("f") == nil)
    #expect(JSONMembers(Array("{}".utf8))?.text("a") == nil)
  }

  @Test(arguments: [
    "", "[]", "{", #"{"a"}"#, #"{"a":}"#, #"{"a":1"#, #"{"a":1,}"#, #"{"a":"x}"#, #"{"a":"\x"}"#,
    #"{"a":"\u12"}"#, #"{"a":{"#, "{\"a\":\"\n\"}",
  ])
  func `what is no object is none`(json: String) {
    #expect(JSONMembers(Array(json.utf8)) == nil)
  }

  @Test func `depth and number are bounded`() {
    let deep =
      "{\"a\":" + String(repeating: "[", count: 100) + String(repeating: "]", count: 100) + "}"
    #expect(JSONMembers(Array(deep.utf8)) == nil)
    let many = "{" + (0...200).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
    #expect(JSONMembers(Array(many.utf8)) == nil)
  }
}
