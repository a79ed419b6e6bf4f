import Testing

@testable import Messaging

@Suite struct RedisSessionTests {
  private func options(_ change: (inout RedisOptions) -> Void = { _ in }) -> RedisOptions {
    var options = RedisOptions(stream: "s", maxLength: 10)
    change(&options)
    return options
  }

  private func open(_ options: RedisOptions) -> RedisSession {
    var session = RedisSession(options)
    session.receive("+PONG\r\n+OK\r\n+OK\r\n")
    session.output = []
    return session
  }

  private static func command(_ words: String...) -> String {
    "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
  }

  @Test func `it says who it is, chooses the database, and looks whether it may`() {
    var session = RedisSession(
      options {
        $0.username = "u"
        $0.password = "p\r\nq"
        $0.database = 3
      })
    #expect(
      session.takeOutput()
        == Self.command("AUTH", "u", "p\r\nq") + Self.command("SELECT", "3") + Self.command("PING")
        + Self.command("MULTI") + Self.command("DISCARD"))
    session.receive("+OK\r\n+OK\r\n+PO")
    #expect(session.progress == .waiting)
    session.receive("NG\r\n+OK\r\n+OK\r\n")
    #expect(session.progress == .ready)
  }

  @Test func `a batch is one transaction, in its order`() {
    var session = open(options())
    session.send([message(1), message(2, "{\"a\":\"é\"}")])
    let first = Self.command(
      "XADD", "s", "MAXLEN", "~", "10", "*", "id", "i.1", "type", "event.started", "data", "{}")
    let sent = session.takeOutput()
    #expect(sent.hasPrefix(Self.command("MULTI") + first))
    #expect(sent.contains("$10\r\n{\"a\":\"é\"}") && sent.hasSuffix(Self.command("EXEC")))
    session.receive("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$3\r\n1-0\r\n")
    #expect(session.acknowledged == 0 && session.progress == .waiting)
    session.receive("$3\r\n1-1\r\n")
    #expect(session.acknowledged == 2 && session.progress == .ready && session.refusal == nil)
  }

  @Test func `a single message needs no transaction`() {
    var session = open(options { $0.maxLength = nil })
    session.send([message(1)])
    #expect(
      session.takeOutput()
        == Self.command("XADD", "s", "*", "id", "i.1", "type", "event.started", "data", "{}"))
    session.receive("$3\r\n1-0\r\n")
    #expect(session.acknowledged == 1 && session.progress == .ready)
  }

  @Test func `a refused batch is not in the stream, and the first reason is told`() {
    var session = open(options())
    session.send([message(1), message(2)])
    session.receive(
      "+OK\r\n-OOM command not allowed\r\n+QUEUED\r\n-EXECABORT Transaction discarded\r\n")
    #expect(session.acknowledged == 0 && session.progress == .ready)
    #expect(session.refusal == .later("OOM command not allowed"))
    session.send([message(1), message(2)])
    session.receive("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n-WRONGTYPE a\r\n-WRONGTYPE b\r\n")
    #expect(session.acknowledged == 0 && session.refusal == .later("WRONGTYPE a"))
  }

  @Test(arguments: [
    "READONLY You can't write against a read only replica.", "LOADING it", "MOVED 1 a:1",
    "NOAUTH Authentication required.",
  ])
  func `what another server would take ends the connection`(error: String) {
    var session = open(options())
    session.send([message(1)])
    session.receive("-\(error)\r\n")
    #expect(session.progress.failure == "the server refuses: \(error)")
  }

  @Test(arguments: [
    ("-WRONGPASS invalid username-password pair\r\n", "refuses: WRONGPASS"),
    ("-NOPERM no permission\r\n", "refuses: NOPERM"), ("+NO\r\n", "something else"),
    ("hello\r\n", "speaks no Redis"), ("\r\n", "speaks no Redis"), ("+a\n", "speaks no Redis"),
    ("$99999999\r\n", "the number 99999999"), ("*-2\r\n", "the number -2"),
    (":x\r\n", "the number x"), ("$2\r\nxxxx\r\n", "longer than it says"),
    ("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", "lists in lists"), ("*99999999\r\n", "the number 99999999"),
    ("+PONG\r\n+OK\r\n+OK\r\n+OK\r\n", "not asked"),
    ("+" + String(repeating: "x", count: RedisReader.largestReply), "a reply of more than"),
  ])
  func `what is no Redis ends the connection with a reason`(bytes: String, reason: String) {
    var session = RedisSession(options())
    session.receive(bytes)
    #expect(session.progress.failure?.contains(reason) == true, "\(session.progress)")
  }

  @Test func `whatever a server sends, in whatever pieces, nothing traps`() {
    let pieces = [
      "+OK\r\n", "+PONG\r\n", "+QUEUED\r\n", "*2\r\n$3\r\n1-0\r\n$3\r\n1-1\r\n", "$-1\r\n",
      "*-1\r\n", ":9223372036854775807\r\n", "-ERR x\r\n", "*0\r\n", "$0\r\n\r\n", "*1024\r\n",
    ]
    for seed in UInt64(0)..<3_000 {
      var session = seed % 2 == 0 ? open(options()) : RedisSession(options())
      if session.progress == .ready { session.send([message(1), message(2)]) }
      let bytes = noise(pieces, seed: seed)
      let cut = Int(seed % UInt64(bytes.count + 1))
      session.receive(bytes[..<cut])
      session.receive(bytes[cut...])
      #expect((0...2).contains(session.acknowledged))
    }
  }
}
