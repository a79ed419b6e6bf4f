import Testing

@testable import Messaging

@Suite struct NATSSessionTests {
  private static let greeting =
    #"INFO {"server_id":"X","max_payload":1000,"headers":true,"jetstream":true}"# + "\r\n"

  private func options(_ change: (inout NATSOptions) -> Void = { _ in }) -> NATSOptions {
    var options = NATSOptions(subject: "ops")
    change(&options)
    return options
  }

  private func open(_ options: NATSOptions) -> NATSSession {
    var session = NATSSession(options, secret: "s")
    session.receive(Self.greeting)
    session.receive("PONG\r\n")
    session.output = []
    return session
  }

  private func acknowledgement(_ number: Int, _ json: String) -> String {
    "MSG _INBOX.s.\(number) 1 \(json.utf8.count)\r\n\(json)\r\n"
  }

  @Test func `it greets, says who it is, and takes messages after the pong`() {
    var session = NATSSession(
      options {
        $0.username = "u\"x"
        $0.password = "p\\"
        $0.version = "1"
      }, secret: "s")
    #expect(session.takeOutput() == "" && session.progress == .waiting)
    session.receive(Self.greeting)
    let sent = session.takeOutput()
    #expect(
      sent.contains(#""user":"u\"x","pass":"p\\""#) && sent.contains(#""tls_required":false"#))
    #expect(sent.hasSuffix("}\r\nSUB _INBOX.s.* 1\r\nPING\r\n"))
    #expect(session.progress == .waiting)
    session.receive("+OK\r\nPING\r\nPONG\r\n")
    #expect(session.takeOutput() == "PONG\r\n" && session.progress == .ready)
  }

  @Test func `each message waits for the acknowledgement of the one before`() {
    var session = open(options())
    session.send([message(1), message(2, "{\"a\":1}")])
    let header = "NATS/1.0\r\nNats-Msg-Id: i.1\r\n\r\n"
    #expect(
      session.takeOutput()
        == "HPUB ops.event.started _INBOX.s.1 \(header.utf8.count) \(header.utf8.count + 2)\r\n"
        + "\(header){}\r\n")
    session.receive(acknowledgement(1, #"{"stream":"E","seq":1}"#))
    #expect(session.acknowledged == 1 && session.progress == .waiting)
    #expect(session.takeOutput().contains("i.2"))
    // One that comes late or twice is none of the next.
    session.receive(acknowledgement(1, #"{"stream":"E","seq":1}"#))
    #expect(session.acknowledged == 1)
    session.receive(acknowledgement(2, #"{"stream":"E", "seq":2, "duplicate": true}"#))
    #expect(session.acknowledged == 2 && session.progress == .ready && session.refusal == nil)
  }

  @Test func `a subject that no stream takes is told, and the connection stays`() {
    var session = open(options())
    session.send([message(1), message(2)])
    session.output = []
    session.receive("HMSG _INBOX.s.1 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n")
    #expect(session.progress == .ready && session.acknowledged == 0)
    #expect(
      session.refusal == .later("no stream of JetStream takes the subject ops.event.started"))
    #expect(session.takeOutput() == "")
    session.send([message(1)])
    session.receive(acknowledgement(2, #"{"stream":"E","seq":1}"#))
    #expect(session.acknowledged == 1 && session.refusal == nil)
  }

  @Test func `an error of the stream is told, one of size for ever`() {
    var session = open(options())
    session.send([message(1)])
    session.receive(
      acknowledgement(
        1, #"{"error":{"code":503,"err_code":10077,"description":"maximum messages"}}"#))
    #expect(session.refusal == .later("maximum messages"))
    session.send([message(1)])
    session.receive(
      acknowledgement(2, #"{"error":{"code":400,"err_code":10054,"description":"message size"}}"#))
    #expect(session.refusal == .tooLarge("message size"))
    session.send([message(1)])
    session.receive(acknowledgement(3, "hello"))
    #expect(
      session.refusal == .later("what answered for the subject ops.event.started is no JetStream"))
    session.send([message(2, String(repeating: "x", count: 1000))])
    #expect(session.refusal == .tooLarge("the server takes no message of more than 1000 bytes"))
    #expect(session.progress == .ready)
  }

  @Test func `without JetStream a pong acknowledges all before it`() {
    var session = open(options { $0.isJetStream = false })
    session.send([message(1), message(2)])
    let sent = session.takeOutput()
    #expect(!sent.contains("_INBOX") && sent.hasSuffix("PING\r\n"))
    session.receive("PONG\r\n")
    #expect(session.acknowledged == 2 && session.progress == .ready)
    session.send([message(3)])
    session.receive("-ERR 'Permissions Violation for Publish to \"ops.event.started\"'\r\nPONG\r\n")
    #expect(session.acknowledged == 0 && session.progress == .ready)
    #expect(
      session.refusal == .later("Permissions Violation for Publish to \"ops.event.started\""))
    session.send([message(4), message(5, String(repeating: "x", count: 1000)), message(6)])
    #expect(!session.takeOutput().contains("i.6"))
    session.receive("PONG\r\n")
    #expect(session.acknowledged == 1)
    #expect(session.refusal == .tooLarge("the server takes no message of more than 1000 bytes"))
  }

  @Test func `TLS comes before anything is told, and is never left out`() {
    var session = NATSSession(options { $0.usesTLS = true }, secret: "s")
    session.receive(#"INFO {"headers":true,"tls_required":true}"# + "\r\n")
    #expect(session.progress == .wantsTLS && session.output.isEmpty)
    session.secured()
    #expect(session.takeOutput().contains(#""tls_required":true"#))
    var plain = NATSSession(options { $0.usesTLS = true }, secret: "s")
    plain.receive(Self.greeting)
    #expect(plain.progress.failure == "the server offers no TLS" && plain.output.isEmpty)
    var early = NATSSession(options { $0.usesTLS = true }, secret: "s")
    early.receive(#"INFO {"headers":true,"tls_available":true}"# + "\r\nPONG\r\n")
    #expect(early.progress.failure?.contains("between its greeting and TLS") == true)
    var asked = NATSSession(options(), secret: "s")
    asked.receive(#"INFO {"headers":true,"tls_required":true}"# + "\r\n")
    #expect(asked.progress.failure?.contains("asks for TLS") == true && asked.output.isEmpty)
  }

  @Test(arguments: [
    ("HTTP/1.1 400 Bad Request\r\n", "speaks no NATS"), ("INFO []\r\n", "greeting cannot be read"),
    ("INFO {\"headers\":false}\r\n", "no message headers"),
    ("-ERR 'Authorization Violation'\r\n", "the server refuses: Authorization Violation"),
    ("MSG a 1 -1\r\n", "cannot be read"), ("MSG a 1 999999999\r\n", "too large"),
    ("MSG a 1\r\n", "cannot be read"), ("HMSG a 1 9 2\r\nxx\r\n", "headers cannot be read"),
    ("MSG a 1 2\r\nxxxx\r\n", "longer than it says"),
    (String(repeating: "x", count: NATSReader.longestLine), "a line of more than"),
  ])
  func `what is no NATS ends the connection with a reason`(bytes: String, reason: String) {
    var session = NATSSession(options(), secret: "s")
    session.receive(bytes)
    #expect(session.progress.failure?.contains(reason) == true, "\(session.progress)")
  }

  @Test func `whatever a server sends, in whatever pieces, nothing traps`() {
    let pieces = [
      Self.greeting, "PING\r\n", "PONG\r\n", "+OK\r\n", "-ERR 'x'\r\n",
      "HMSG _INBOX.s.1 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n",
      acknowledgement(1, #"{"stream":"E","seq":1}"#), acknowledgement(2, #"{"error":{"a":[{}]}}"#),
      "MSG a 1 2\r\nxx\r\n", #"INFO {"max_payload":9223372036854775807,"headers":true}"#, "\r\n",
    ]
    for seed in UInt64(0)..<3_000 {
      var session = seed % 2 == 0 ? open(options()) : NATSSession(options(), secret: "s")
      if session.progress == .ready { session.send([message(1), message(2)]) }
      let bytes = noise(pieces, seed: seed)
      let cut = Int(seed % UInt64(bytes.count + 1))
      session.receive(bytes[..<cut])
      session.receive(bytes[cut...])
      #expect((0...2).contains(session.acknowledged))
    }
  }
}
