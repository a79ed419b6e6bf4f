import Primitives
import Proxying
import Wire

/// What is written to a server for a client's head.
func forwarded(_ text: String, defaultHost: String = "") -> String {
  let bytes = Array(text.utf8)
  var head = RequestHead()
  guard (try? head.read(bytes.span)) == true else { return "refused" }
  var writer = ByteWriter(capacity: 16_384)
  ForwardedRequest.write(
    head, bytes.span, peer: PeerText(.ipv4(address: 0x0A00_0001, port: 9)),
    identifier: .init(high: 1, low: 255), defaultHost: Array(defaultHost.utf8), to: &writer)
  return unsafe String(decoding: writer.bytes, as: UTF8.self)
}

/// What stands behind the fields that came with a request.
func forwarding(host: String, version: String = "1.1") -> String {
  "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: \(host)\r\n"
    + "X-Request-Id: 000000000000000100000000000000ff\r\nVia: \(version) ballast\r\n\r\n"
}

/// What is written to a client for a server's head.
func relayed(
  _ text: String, isHead: Bool = false, isOldClient: Bool = false, keepsConnection: Bool = true,
  strictTransport: String = ""
) -> String {
  let bytes = Array(text.utf8)
  var head = ResponseHead()
  guard (try? head.read(bytes.span, isHead: isHead)) == true else { return "refused" }
  var writer = ByteWriter(capacity: 16_384)
  if head.isInterim {
    RelayedAnswer.writeInterim(head, bytes.span, to: &writer)
  } else {
    RelayedAnswer.write(
      head, bytes.span, framing: AnswerFraming(head.framing, isOldClient: isOldClient),
      isOldClient: isOldClient, keepsConnection: keepsConnection,
      strictTransport: Array(strictTransport.utf8), to: &writer)
  }
  return unsafe String(decoding: writer.bytes, as: UTF8.self)
}
