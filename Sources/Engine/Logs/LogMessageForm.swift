import Configuration
import Glibc
import Primitives

/// How one line becomes a message of a logging service.
struct LogMessageForm: Sendable {
  enum Service: Sendable {
    /// Fields, one a line (systemd.journal-fields(7), "Native Journal Protocol").
    case journal(identifier: String)
    /// RFC 5424.
    case syslog(identifier: String, facility: Int, hostName: String)
  }

  /// Which log of Ballast's it is.
  enum Log: String, Sendable {
    case access
    case program = "log"
  }

  /// Severities of RFC 5424 section 6.2.1, which the journal has too.
  static let informational = 6

  let service: Service
  let log: Log
  let processID = getpid()

  /// - Parameters:
  ///   - line: without its end. One of the program's log begins with its severity, as `<4>`.
  ///   - most: bytes of the message; a longer line is cut, and ends in `...`.
  func message(of line: ArraySlice<UInt8>, at time: WallTime, most: Int) -> [UInt8] {
    let (severity, text) = log == .program ? Self.severity(line) : (Self.informational, line)
    var message: [UInt8]
    switch service {
    case .journal(let identifier):
      message = Array(
        """
        PRIORITY=\(severity)
        SYSLOG_IDENTIFIER=\(identifier)
        SYSLOG_PID=\(processID)
        BALLAST_LOG=\(log.rawValue)
        MESSAGE=
        """.utf8)
      message += Self.cut(text, to: most - message.count - 1)
      message.append(UInt8(ascii: "\n"))
    case .syslog(let identifier, let facility, let hostName):
      message = Array(
        "<\(facility * 8 + severity)>1 \(time) \(hostName) \(identifier) \(processID) \(log.rawValue) - "
          .utf8)
      message += Self.cut(text, to: most - message.count)
    }
    return message
  }

  private static func severity(_ line: ArraySlice<UInt8>) -> (Int, ArraySlice<UInt8>) {
    let start = line.startIndex
    guard line.count >= 3, line[start] == UInt8(ascii: "<"), line[start + 2] == UInt8(ascii: ">"),
      (48...55).contains(line[start + 1])
    else { return (informational, line) }
    return (Int(line[start + 1]) - 48, line[(start + 3)...])
  }

  /// Never amid a character.
  private static func cut(_ text: ArraySlice<UInt8>, to most: Int) -> [UInt8] {
    guard text.count > most else { return Array(text) }
    var end = text.startIndex + max(0, most - 3)
    while end > text.startIndex, text[end] & 0xC0 == 0x80 { end -= 1 }
    return text[..<end] + Array("...".utf8)
  }

  /// As `HOSTNAME` of RFC 5424 has to be; `-` where the machine has no such name.
  static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "-" }
    let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    guard !bytes.isEmpty, bytes.count <= 255, bytes.allSatisfy({ (33...126).contains($0) }) else {
      return "-"
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
