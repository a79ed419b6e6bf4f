import AdminAPI
import Primitives
import Proxying
import Wire

/// An `ExplainRequest`, written as the head that a client would send, so that it is read, routed and
/// hashed by the code that serves requests.
struct QuestionedRequest: Sendable {
  var head: [UInt8]
  var address: SocketAddress
  /// The URL's, when it names one.
  var port: UInt16?

  struct Refusal: Error, Equatable {
    var message: String
  }

  /// Bytes of the method, the URL and each header, so that the head's own limit decides beyond it.
  private static let longest = 65_536

  init(_ request: ExplainRequest) throws(Refusal) {
    let headers = request.headers ?? []
    let texts = [request.method, request.url] + headers
    guard texts.allSatisfy({ $0.utf8.count <= Self.longest }) else {
      throw Refusal(message: "a request of this size is refused: its head has more than 64 KiB")
    }
    // A line break would be another line of the head.
    guard texts.allSatisfy({ !$0.utf8.contains { $0 == 13 || $0 == 10 || $0 == 0 } }) else {
      throw Refusal(message: "method, URL and headers have no line breaks")
    }
    guard let client = Self.client(request.client ?? "127.0.0.1") else {
      throw Refusal(message: "client is no address: \(request.client ?? "")")
    }
    address = client
    let (authority, target) = try Self.split(request.url)
    port = authority.flatMap(Self.port)
    var lines = ["\(request.method) \(target) HTTP/1.1"]
    if !headers.contains(where: { $0.lowercased().hasPrefix("host:") }) {
      lines.append("Host: \(authority ?? "localhost")")
    }
    lines += headers
    head = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  /// As a worker does with a head that it read: refuses what it would, and writes the head anew with
  /// the path that routes and servers see.
  mutating func makePathCanonical(_ read: inout RequestHead) throws(HeadError) {
    guard !read.hasPlainPath(head.span) else { return }
    var canonical = read
    var bytes = head
    var span = bytes.mutableSpan
    try canonical.makePathCanonical(&span)
    let target = canonical.targetRange
    head =
      Array(bytes[canonical.methodRange]) + [Octets.space] + Array(bytes[target])
      + Array(bytes[target.upperBound...])
    _ = try read.read(head.span)
  }

  /// Authority and target; without a scheme the whole is a target.
  private static func split(_ url: String) throws(Refusal) -> (String?, String) {
    let text = url.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)[0]
    if text.hasPrefix("/") || text == "*" { return (nil, String(text)) }
    guard let scheme = text.firstIndex(of: ":"), text[scheme...].hasPrefix("://"),
      ["http", "https"].contains(text[..<scheme].lowercased())
    else { throw Refusal(message: "the URL is like http://shop.example.com/path, or /path") }
    let rest = text[text.index(scheme, offsetBy: 3)...]
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    guard end > rest.startIndex else { throw Refusal(message: "the URL names no host") }
    let target = rest[end...]
    return (String(rest[..<end]), target.hasPrefix("/") ? String(target) : "/" + target)
  }

  private static func port(_ authority: String) -> UInt16? {
    guard let colon = authority.lastIndex(of: ":") else { return nil }
    return UInt16(authority[authority.index(after: colon)...])
  }

  private static func client(_ text: String) -> SocketAddress? {
    SocketAddress(text) ?? SocketAddress(host: text, port: 0)
  }
}
