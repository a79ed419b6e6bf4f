import Testing
import Wire

/// The protocol that a request may switch to (RFC 9110 section 7.8); empty for none.
private func asked(_ lines: String, start: String = "GET / HTTP/1.1") -> String {
  let text = "\(start)\r\nHost: a\r\n\(lines)\r\n"
  let (outcome, head) = RequestHead.reading(text)
  #expect(outcome == .complete, "\(text)")
  return part(text, head.upgradeRange)
}

private func granted(_ lines: String, status: String = "HTTP/1.1 101 Switching Protocols")
  -> String
{
  let text = "\(status)\r\n\(lines)\r\n"
  var head = ResponseHead()
  #expect(head.outcome(Array(text.utf8)) == .complete, "\(text)")
  return part(text, head.upgradeRange)
}

@Suite struct UpgradeTests {
  @Test(arguments: [
    ("websocket", "websocket"), (" WebSocket ", "WebSocket"), ("x/1.1", "x/1.1"),
    (", tcp ,", "tcp"), ("h2c-not", "h2c-not"), ("t", "t"),
  ])
  func `one protocol can be asked for`(value: String, name: String) {
    #expect(asked("Connection: upgrade\r\nUpgrade: \(value)\r\n") == name)
    #expect(
      asked("Upgrade:\(value)\r\nConnection: x, UPGRADE\r\n", start: "OPTIONS * HTTP/1.1") == name)
    #expect(granted("Connection: Upgrade\r\nUpgrade: \(value)\r\n") == name)
  }

  @Test(arguments: [
    "", ",", "h2c", "H2C", "h2", "HTTP/2.0", "http", "TLS/1.0, HTTP/1.1", "tls/1.3",
    "websocket, h2c",
    "h2c, websocket", "websocket, websocket", "a/", "/1", "a/b/c", "a b", "a\tb", "\"websocket\"",
    "websocket;q=1", "a/ 1", "é",
  ])
  func `several protocols, those that carry HTTP, and what is no protocol are not switched to`(
    value: String
  ) {
    #expect(asked("Connection: upgrade\r\nUpgrade: \(value)\r\n") == "")
    #expect(granted("Connection: upgrade\r\nUpgrade: \(value)\r\n") == "")
  }

  @Test func `two fields are a list`() {
    #expect(asked("Connection: upgrade\r\nUpgrade: a\r\nUpgrade: b\r\n") == "")
    #expect(asked("Connection: upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n") == "")
    #expect(granted("Connection: upgrade\r\nUpgrade: a\r\nUpgrade: a\r\n") == "")
  }

  @Test func `a field that Connection does not name asks for nothing`() {
    #expect(asked("Upgrade: websocket\r\n") == "")
    #expect(asked("Connection: close, x\r\nUpgrade: websocket\r\n") == "")
    #expect(asked("Connection: upgrade\r\n") == "")
    #expect(granted("Upgrade: websocket\r\n") == "")
  }

  @Test func `HTTP 1.0 knows no other protocol`() {
    let lines = "Connection: upgrade\r\nUpgrade: websocket\r\n"
    #expect(asked(lines, start: "GET / HTTP/1.0") == "")
    #expect(granted(lines, status: "HTTP/1.0 101 Switching Protocols") == "")
  }

  @Test func `a request with a body asks for nothing`() {
    let lines = "Connection: upgrade\r\nUpgrade: websocket\r\n"
    #expect(asked(lines + "Content-Length: 1\r\n", start: "POST / HTTP/1.1") == "")
    #expect(asked(lines + "Transfer-Encoding: chunked\r\n", start: "POST / HTTP/1.1") == "")
    #expect(asked(lines + "Content-Length: 0\r\n", start: "POST / HTTP/1.1") == "websocket")
  }

  @Test func `only a 101 switches`() {
    let lines = "Connection: upgrade\r\nUpgrade: websocket\r\n"
    for status in ["100 Continue", "200 OK", "426 Upgrade Required"] {
      #expect(granted(lines, status: "HTTP/1.1 \(status)") == "")
    }
  }

  @Test func `nothing of one head stays for the next`() {
    var head = RequestHead()
    let first = Array(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n".utf8)
    #expect(head.outcome(first) == .complete && !head.upgradeRange.isEmpty)
    #expect(head.outcome(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)) == .complete)
    #expect(head.upgradeRange.isEmpty)
  }
}
