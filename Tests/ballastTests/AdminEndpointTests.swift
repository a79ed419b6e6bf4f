import Testing

@testable import ballast

@Suite struct AdminEndpointTests {
  @Test func `addresses are read in each of their forms`() throws {
    let forms = [
      "http://127.0.0.1:9900", "http://127.0.0.1:9900/", "127.0.0.1:9900", ":9900",
    ]
    for form in forms {
      #expect(try AdminEndpoint.parse(form, "--admin").base == "http://127.0.0.1:9900")
    }
    #expect(try AdminEndpoint.parse("https://[::1]:1", "--admin").base == "https://[::1]:1")
    let socket = try AdminEndpoint.parse("unix:/run/b.sock", "--admin")
    #expect(socket.unixSocket == "/run/b.sock")
    #expect(socket.description == "unix:/run/b.sock")
  }

  @Test(arguments: [
    "", "ftp://a", "http://", "http://a/b", "http://a b", "http://u@a", "http://a?b", "unix:",
    "unix:/" + String(repeating: "x", count: 108), "http://a\r\nX: y",
  ])
  func `what is no admin address is wrong usage`(text: String) {
    let error = #expect(throws: CommandFailure.self) { try AdminEndpoint.parse(text, "--admin") }
    #expect(error?.status == .wrongUsage)
  }

  @Test func `an option counts before the environment, the environment before the default`() throws
  {
    var invocation = Invocation(console: Console())
    #expect(try AdminEndpoint.find(invocation).base == AdminEndpoint.defaultURL)
    invocation.environment[AdminEndpoint.variable] = "unix:/a"
    #expect(try AdminEndpoint.find(invocation).unixSocket == "/a")
    invocation.values["socket"] = "/b"
    #expect(try AdminEndpoint.find(invocation).unixSocket == "/b")
  }

  @Test func `names cannot change the path they stand in`() {
    #expect(
      AdminPath("services", "a/b ?#%é", "logs").text == "/v1/services/a%2Fb%20%3F%23%25%C3%A9/logs")
    #expect(AdminPath("services", "..").text == "/v1/services/%2E%2E")
    let path = AdminPath("events").query(["service": nil, "after": "3&x=1", "follow": ""])
    #expect(path.text == "/v1/events?after=3%26x%3D1&follow")
  }

  @Test func `server-sent events end with an empty line`() {
    var events = ServerSentEvents()
    let lines = [
      ": comment", "", "event: event", "data: {\"a\":", "data:1}", "id: 4", "", "data: x", "",
    ]
    let found = lines.compactMap { events.take($0) }
    #expect(
      found == [.init(name: "event", data: "{\"a\":\n1}"), .init(name: "message", data: "x")])
  }
}
