import Configuration
import Primitives
import Testing

@testable import Engine

struct LogMessageFormTests {
  private let time = WallTime(milliseconds: 1_795_860_083_855)

  private func message(
    _ line: String, _ service: LogMessageForm.Service, _ log: LogMessageForm.Log, most: Int = 1_000
  ) -> String {
    let bytes = Array(line.utf8)
    let form = LogMessageForm(service: service, log: log)
    let message = form.message(of: bytes[...], at: time, most: most)
    #expect(message.count <= most)
    return String(decoding: message, as: UTF8.self)
  }

  private let syslog = LogMessageForm.Service.syslog(
    identifier: "edge", facility: 19, hostName: "one")

  @Test func `a line is a message of RFC 5424`() {
    let process = LogMessageForm(service: syslog, log: .access).processID
    #expect(
      message("{\"a\":1}", syslog, .access)
        == "<158>1 2026-11-28T10:01:23.855Z one edge \(process) access - {\"a\":1}")
    #expect(
      message("<3>it broke", syslog, .program)
        == "<155>1 2026-11-28T10:01:23.855Z one edge \(process) log - it broke")
    // What a template has at its beginning is text.
    #expect(message("<3>text", syslog, .access).hasSuffix(" access - <3>text"))
    for text in ["", "<", "<9>", "<33>x"] {
      #expect(message(text, syslog, .program).hasSuffix(" log - \(text)"))
    }
  }

  @Test func `a line is an entry of the journal`() {
    let service = LogMessageForm.Service.journal(identifier: "edge")
    let process = LogMessageForm(service: service, log: .access).processID
    #expect(
      message("<4>MESSAGE=a", service, .program)
        == """
        PRIORITY=4
        SYSLOG_IDENTIFIER=edge
        SYSLOG_PID=\(process)
        BALLAST_LOG=log
        MESSAGE=MESSAGE=a

        """)
  }

  @Test(arguments: [60, 70, 80, 81, 82, 83, 84, 120, 1_000])
  func `a long line is cut between two characters`(_ most: Int) {
    for service in [syslog, .journal(identifier: "edge")] {
      let made = message(
        String(repeating: "Ж€", count: 300), service, .access, most: max(most, 110))
      #expect(!made.unicodeScalars.contains("\u{FFFD}"))
      #expect(made.contains("..."))
    }
  }

  @Test func `this machine has a name that a message may have`() {
    #expect(!LogMessageForm.hostName.isEmpty && !LogMessageForm.hostName.contains(" "))
  }
}
