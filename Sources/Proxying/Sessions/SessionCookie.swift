public import Primitives

/// A cookie of ours that binds a client to a server.
///
/// The client's side gets it only when its session begins or moves. The server gets it back with
/// the client's other cookies: it tells nothing but what the server is called, in a form that only
/// we can read, and taking it out would mean to rewrite the field.
public struct SessionCookie: Sendable, Equatable {
  public var name: [UInt8]
  public var token: [UInt8]
  /// From when it is set; zero lives as long as the browser's session.
  public var age: TimeSpan
  /// The client came over TLS; the cookie then never leaves without it.
  public var isSecure: Bool

  public init(name: [UInt8], token: [UInt8], age: TimeSpan, isSecure: Bool) {
    self.name = name
    self.token = token
    self.age = age
    self.isSecure = isSecure
  }

  /// The Set-Cookie line (RFC 6265 section 4.1), out of reach for scripts and for requests that
  /// other sites make. A cache that handed it to others would bind them all to one server, so
  /// the answer is for this client alone (RFC 9111 section 5.2.2.7); beside a Cache-Control of
  /// the server's the two lines are one list, and the stricter word holds.
  func write(to writer: inout ByteWriter) {
    writer.append("Set-Cookie: ")
    writer.append(name)
    writer.append(UInt8(ascii: "="))
    writer.append(token)
    writer.append("; Path=/; HttpOnly; SameSite=Lax")
    if age > .zero {
      writer.append("; Max-Age=")
      writer.append(decimal: max(1, Int(clamping: age.milliseconds / 1_000)))
    }
    writer.append(isSecure ? "; Secure\r\n" : "\r\n")
    writer.append("Cache-Control: private\r\n")
  }
}
