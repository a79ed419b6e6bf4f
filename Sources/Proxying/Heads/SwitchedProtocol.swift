import Primitives
public import Wire

/// The negotiation of another protocol on a connection (RFC 9110 section 7.8). Both fields are of one
/// hop only, so that they are read from one side and written anew to the other.
public enum SwitchedProtocol {
  static func write(_ bytes: Span<UInt8>, _ name: Range<Int>, to writer: inout ByteWriter) {
    writer.append("Connection: Upgrade\r\nUpgrade: ")
    writer.append(bytes, name)
    writer.append("\r\n")
  }

  /// Whether a 101 switches to what was asked for. Protocol names are compared in any case.
  /// - Parameter forwarded: the request's head as it went to the server.
  public static func isAsked(
    _ answer: ResponseHead, _ bytes: Span<UInt8>, forwarded: Span<UInt8>
  ) -> Bool {
    var request = RequestHead()
    guard (try? request.read(forwarded)) == true else { return false }
    let (asked, given) = (request.upgradeRange, answer.upgradeRange)
    guard !asked.isEmpty, asked.count == given.count else { return false }
    for offset in 0..<asked.count {
      let first = Octets.lowercased(forwarded[asked.lowerBound + offset])
      if first != Octets.lowercased(bytes[given.lowerBound + offset]) { return false }
    }
    return true
  }
}
