/// A line of the access log as its user wants it: text with `${…}` in it, taken apart.
public struct LogTemplate: Sendable, Equatable {
  public enum Segment: Sendable, Equatable {
    case text(String)
    case variable(LogVariable)
    /// The value of a field, as an index into `fields.request` · `fields.response`.
    case requestHeader(Int)
    case responseHeader(Int)
  }

  public internal(set) var segments: [Segment] = []
  public internal(set) var fields = LoggedFieldNames()
}

/// What a line of the access log can say of a request, by the names that its JSON has.
public enum LogVariable: String, Sendable, CaseIterable {
  /// The end of the request: `2026-11-20T20:07:45.123Z`, and `20/Nov/2026:20:07:45 +0000`.
  case time, commonTime
  case listener, client, requestId
  /// `target` is path and query; `protocol` is `HTTP/1.1`.
  case method, target, path, host, `protocol`
  case status, reason, route, service, server, retries
  /// Of a client with TLS: version, cipher, the name that it asked for, its certificate's subject.
  case tlsVersion, tlsCipher, serverName, clientSubject
  /// Bytes: of the request with its head, of the answer's body as the client got it.
  case requestBytes, answerBytes
  /// How we compressed the answer, and what its body was before.
  case encoding, serverBytes
  /// Milliseconds: waiting for a server, connecting, waiting for the answer's head, all of it.
  case queue, connect, response, total
}
